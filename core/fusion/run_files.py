"""The run of a fusion tree: the tree, what it decided on each photo, and the manifest. Called by `train fusion`."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from core.domain.score import Score
from core.fusion.features import FEATURES
from core.fusion.fit import FitConfig
from core.fusion.fusion_card import write_card
from core.fusion.judge import NO_FOLD, Judgement
from core.fusion.records import HeldOut
from core.fusion.tree import FusionTree, write_tree
from core.weights.folder import DetectorRun, FusionRun, Run, write_run
from core.weights.fusion_manifest import CARD_FILE, DECISIONS_FILE, TREE_FILE, FittedOn, FusionManifest
from core.weights.manifest import DataFacts, TrainingFacts
from core.weights.records import UNKNOWN

LIBRARIES = ("scikit-learn", "numpy")
LICENCE = "AGPL-3.0-only"


def name_run(evidence: HeldOut, created_at: datetime) -> str:
    """Return the name of a run that is fitted now on these photos."""
    return f"fusion-{created_at:%Y%m%d-%H%M%S}-{_fingerprint(evidence)[:6]}"


def write_fusion_run(
    tree: FusionTree,
    judged: Judgement,
    scores: dict[str, Score],
    evidence: HeldOut,
    fitted_on: tuple[Run, DetectorRun | None, FitConfig],
    weights_dir: Path,
) -> FusionRun:
    """Write the run.

    Raises:
        StorageUnavailable: the disk is full or read-only; nothing is left.
    """
    classifier, detector, config = fitted_on
    slugs = {entry.class_id: entry.slug for entry in classifier.manifest.classes}
    per_class = Counter(slugs.get(photo.label, str(photo.label)) for photo in evidence.photos if photo.label != UNKNOWN)
    manifest = FusionManifest(
        run_id=tree.run_id,
        created_at=datetime.now(UTC),
        classifier=FittedOn(classifier.manifest.run_id, classifier.sha256),
        detector=FittedOn(detector.manifest.run_id, detector.sha256) if detector else None,
        features=FEATURES,
        depth=tree.depth,
        leaves=sum(node.is_end for node in tree.nodes),
        target_false_accept=config.target_false_accept,
        data=DataFacts(
            fingerprint=_fingerprint(evidence),
            photos=len(evidence.photos),
            groups=len({photo.group for photo in evidence.photos}),
            per_class=dict(sorted(per_class.items())),
            unknown=sum(photo.label == UNKNOWN for photo in evidence.photos),
            test=sum(photo.is_test for photo in evidence.photos),
            snapshot_id=classifier.manifest.data.snapshot_id,
            snapshot_fingerprint=classifier.manifest.data.snapshot_fingerprint,
        ),
        training=TrainingFacts(
            {"folds": config.folds, "left_out": evidence.left_out, "best_single": judged.best_single()},
            config.seed,
            "scikit-learn's DecisionTreeClassifier",
        ),
        libraries={name: version(name) for name in LIBRARIES},
        scores=scores,
        licence=LICENCE,
        files={},
    )
    contents = {
        TREE_FILE: write_tree(tree),
        DECISIONS_FILE: decisions_csv(judged),
        CARD_FILE: write_card(manifest, tree),
    }
    return write_run(weights_dir, manifest, contents)


def decisions_csv(judged: Judgement) -> bytes:
    """Return what was decided on each photo that was held out: a line each, a column for each who decided."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    names = list(judged.decided)
    writer.writerow(("sha256", "group", "part", "class_id", *names, "score", "confidence"))
    fused = judged.decided["fused"]
    for row, photo in enumerate(judged.photos):
        part = "test" if judged.folds[row] == NO_FOLD else f"fold {judged.folds[row]}"
        said = [int(judged.decided[name].named[row]) for name in names]
        confidence = fused.confidence[row] if fused.confidence is not None else 0.0
        numbers = (f"{fused.score[row]:.6f}", f"{confidence:.6f}")
        writer.writerow((photo.sha256, photo.group, part, photo.label, *said, *numbers))
    return text.getvalue().encode()


def _fingerprint(evidence: HeldOut) -> str:
    lines = sorted(f"{photo.sha256} {photo.label} {photo.group}" for photo in evidence.photos)
    return sha256("\n".join(lines).encode()).hexdigest()
