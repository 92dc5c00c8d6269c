"""The run of the tree that `fused.hand_tree` draws, for whoever needs one in service."""

from datetime import UTC, datetime
from pathlib import Path

from core.fusion.features import FEATURES
from core.fusion.tree import write_tree
from core.weights.folder import DetectorRun, FusionRun, Run, write_run
from core.weights.fusion_manifest import CARD_FILE, TREE_FILE, FittedOn, FusionManifest
from core.weights.manifest import DataFacts, TrainingFacts
from tests.support.fused import hand_tree


def fusion_manifest(run_id: str, classifier: FittedOn, detector: FittedOn | None) -> FusionManifest:
    """Return the manifest of a hand-made tree."""
    return FusionManifest(
        run_id=run_id,
        created_at=datetime(2026, 11, 1, tzinfo=UTC),
        classifier=classifier,
        detector=detector,
        features=FEATURES,
        depth=2,
        leaves=3,
        target_false_accept=0.02,
        data=DataFacts("f" * 64, 40, 40, {"osulloc": 20}, 20),
        training=TrainingFacts({"folds": 5}, 0, "by hand"),
        libraries={},
        scores={},
        licence="AGPL-3.0-only",
        files={},
    )


def write_tree_run(
    weights_dir: Path, classifier: FittedOn, detector: FittedOn | None, run_id: str = "fusion-hand"
) -> FusionRun:
    """Write the run of the hand-made tree, fitted on these runs."""
    contents = {TREE_FILE: write_tree(hand_tree(run_id)), CARD_FILE: b"# by hand\n"}
    return write_run(weights_dir, fusion_manifest(run_id, classifier, detector), contents)


def fitted_on(run: Run | DetectorRun) -> FittedOn:
    """Return a run by name and hash."""
    return FittedOn(run.manifest.run_id, run.sha256)
