"""A fusion tree's run with scores and no tree in it, for pages that list runs and show their numbers."""

from datetime import UTC, datetime
from pathlib import Path

from core.metrics.scores import proportion
from core.weights.folder import FusionRun, write_run
from core.weights.fusion_manifest import TREE_FILE, FittedOn, FusionManifest
from core.weights.manifest import DataFacts, TrainingFacts


def write_scored_tree(weights_dir: Path, run_id: str = "fused") -> FusionRun:
    """Write the run under `weights_dir`; it answers nothing."""
    manifest = FusionManifest(
        run_id=run_id,
        created_at=datetime(2026, 11, 3, tzinfo=UTC),
        classifier=FittedOn("tiny", "0" * 64),
        detector=None,
        features=("cnn_probability",),
        depth=1,
        leaves=2,
        target_false_accept=0.03,
        data=DataFacts("1" * 64, 11, 11, {"osulloc": 5}, 3),
        training=TrainingFacts({}, 0, "none"),
        libraries={},
        scores={
            "held_out_fused_right": proportion(4, 5),
            "held_out_fused_false_accepts": proportion(1, 3),
            "held_out_classifier_right": proportion(3, 5),
            "held_out_fused_minus_classifier_right": proportion(1, 5),
        },
        licence="AGPL-3.0-only",
        files={},
    )
    return write_run(weights_dir, manifest, {TREE_FILE: b"{}"})
