"""The files beside the model: predictions, embeddings, and the manifest that describes the whole. Called by `train`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classifier.backbones import Start
from core.classifier.config import TrainConfig
from core.classifier.training_set import TrainingSet
from core.domain.score import Score
from core.metrics.probabilities import acceptance
from core.metrics.scores import proportion
from core.weights.manifest import Calibration, ClassEntry, DataFacts, InputSpec, Manifest, TrainingFacts
from core.weights.records import UNKNOWN, EmbeddingTable, PredictionTable, write_embeddings, write_predictions

Floats = npt.NDArray[np.float64]
LIBRARIES = ("tensorflow", "keras", "numpy", "pillow", "tf2onnx", "onnx", "onnxruntime")


def predictions_csv(photos: TrainingSet, held_out: Floats, trained_on: Floats) -> bytes:
    """Return predictions.csv: each photo twice, held out and trained on.

    Args:
        photos: N photos.
        held_out: (N, M) probabilities by trainings that did not see the photo.
        trained_on: (N, M) probabilities by what ships, which saw them all.
    """
    class_ids = np.array([*photos.class_ids, UNKNOWN])[photos.labels]
    table = PredictionTable(
        class_ids=photos.class_ids,
        sha256s=photos.sha256s * 2,
        groups=tuple(str(group) for group in photos.groups) * 2,
        folds=np.tile(photos.folds, 2),
        labels=np.tile(class_ids, 2),
        probabilities=np.vstack([held_out, trained_on]),
        held_out=np.arange(2 * len(class_ids)) < len(class_ids),
    )
    return write_predictions(table)


def embeddings_npz(photos: TrainingSet, embeddings: npt.NDArray[np.float32]) -> bytes:
    """Return embeddings.npz of all photos, strangers too: a later training may rehearse what this one knew.

    Args:
        photos: N photos.
        embeddings: (N, V, D) of unit length, one per served view; their mean is stored, again of unit length.
    """
    mean = embeddings.mean(axis=1)
    mean = mean / np.maximum(np.linalg.norm(mean, axis=1, keepdims=True), 1e-12)
    return write_embeddings(
        EmbeddingTable(
            vectors=mean.astype(np.float16),
            class_ids=np.array([*photos.class_ids, UNKNOWN])[photos.labels],
            groups=np.array([str(group) for group in photos.groups]),
            sha256s=np.array(photos.sha256s),
        )
    )


def training_scores(photos: TrainingSet, probabilities: Floats, threshold: float) -> dict[str, Score]:
    """Return how what ships does on the photos it learned from; shown beside the held-out scores, never instead."""
    known = photos.labels != UNKNOWN
    accepted = acceptance(probabilities, photos.acceptance_rule, photos.has_none_output) >= threshold
    best = probabilities[:, : len(photos.slugs)].argmax(axis=1) == photos.labels
    scores = {
        "right": proportion(int((best & accepted)[known].sum()), int(known.sum())),
        "best_guess": proportion(int(best[known].sum()), int(known.sum())),
    }
    if photos.has_none_output:
        scores["false_accepts"] = proportion(int(accepted[~known].sum()), int((~known).sum()))
    return scores


def build_manifest(
    photos: TrainingSet,
    config: TrainConfig,
    start: Start,
    calibration: Calibration,
    scores: Mapping[str, Score],
    facts: Mapping[str, Any],
) -> Manifest:
    """Describe a run made now; `write_run` adds the hashes of its files. facts: beside the settings, as plain JSON."""
    created_at = datetime.now(UTC)
    return Manifest(
        run_id=f"classifier-{created_at:%Y%m%d-%H%M%S}-{photos.fingerprint[:6]}",
        architecture=start.backbone,
        created_at=created_at,
        input=InputSpec(config.size_px, config.size_px, config.views.scaling, config.views.name),
        classes=tuple(ClassEntry(*pair) for pair in zip(photos.class_ids, photos.slugs, strict=True)),
        has_none_output=photos.has_none_output,
        calibration=calibration,
        data=_data_facts(photos, config),
        training=TrainingFacts(
            {**config.as_plain(), **facts}, config.seed, f"{start.weights} ({start.origin}; {start.licence})"
        ),
        libraries={name: version(name) for name in LIBRARIES},
        scores=dict(scores),
        licence=config.licence,
        files={},
    )


def _data_facts(photos: TrainingSet, config: TrainConfig) -> DataFacts:
    counts = np.bincount(photos.columns, minlength=len(photos.slugs) + 1).tolist()
    return DataFacts(
        fingerprint=photos.fingerprint,
        photos=len(photos.labels),
        groups=len(set(photos.groups)),
        per_class=dict(zip(photos.slugs, counts[:-1], strict=True)),
        unknown=counts[-1],
        test=len(photos.tests),
        snapshot_id=config.snapshot_id,
        snapshot_fingerprint=config.snapshot_fingerprint,
    )
