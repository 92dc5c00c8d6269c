"""The curves of a classifier that was trained elsewhere become a run that shows them, and cannot serve.

Called by `runs import`, with the log of Keras's CSVLogger or one like it.
"""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from core.classifier.epochs import EPOCHS_FILE
from core.classifier.model_card import MODEL_CARD_FILE
from core.weights.folder import Run, write_run
from core.weights.manifest import Calibration, DataFacts, InputSpec, Manifest, TrainingFacts

UNKNOWN = "unknown"
NO_INPUT = InputSpec(1, 1, UNKNOWN, UNKNOWN)  # of a network that nobody has
NEVER = Calibration(1.0, "max_probability", 1.0, 0.0, refusal_tested=False)


def import_log(table: bytes, weights_dir: Path) -> Run:
    """Write a run of which only the epochs are known. table: as `read_keras_log` gives it.

    Raises:
        StorageUnavailable: the disk is full or read-only; nothing is left.
    """
    created_at = datetime.now(UTC)
    manifest = Manifest(
        run_id=f"classifier-{created_at:%Y%m%d-%H%M%S}-{sha256(table).hexdigest()[:6]}",
        architecture="keras",
        created_at=created_at,
        input=NO_INPUT,
        classes=(),
        has_none_output=False,
        calibration=NEVER,
        data=DataFacts("", 0, 0, {}, 0),
        training=TrainingFacts({"imported": True}, 0, UNKNOWN),
        libraries={},
        scores={},
        licence=UNKNOWN,
        files={},
    )
    return write_run(weights_dir, manifest, {EPOCHS_FILE: table, MODEL_CARD_FILE: _card(manifest)})


def _card(manifest: Manifest) -> bytes:
    lines = (
        f"# {manifest.run_id}",
        "",
        "The epochs of a classifier's training, without a model: it cannot be put in service.",
        f"Imported on {manifest.created_at:%Y-%m-%d}.",
        "",
        "It was trained elsewhere. Which photos it learned from and what it tells apart is not known here; the scores",
        "in its log were reached on photos by which its best epoch may have been chosen, and say less about new ones.",
    )
    return ("\n".join(lines) + "\n").encode()
