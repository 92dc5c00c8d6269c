"""Eight held-out photos and three training photos of two places and of strangers, with every number worked out by hand.

Shares are sums of powers of two, so that nothing is rounded. The threshold is 0.625 of "not none of these".
"""

from dataclasses import replace

import numpy as np

from core.domain.score import Score
from core.metrics.scores import proportion
from core.weights.manifest import ClassEntry, Manifest
from core.weights.records import PredictionTable
from tests.support.tiny_model import tiny_manifest

THRESHOLD = 0.625
CLASSES = (ClassEntry(0, "osulloc"), ClassEntry(4, "cheonjiyeon"))
# Class number, probabilities of 0, of 4 and of none of these; in the comment what is decided.
HELD_OUT = (
    (0, 0.75, 0.125, 0.125),  # right
    (0, 0.125, 0.75, 0.125),  # wrong
    (0, 0.1875, 0.0, 0.8125),  # none of these, though the most probable place is right
    (0, 0.5, 0.0625, 0.4375),  # refused, though the most probable place is right
    (4, 0.125, 0.5, 0.375),  # right, just at the threshold
    (-1, 0.0625, 0.0625, 0.875),  # none of these
    (-1, 0.0625, 0.625, 0.3125),  # falsely accepted
    (-1, 0.25, 0.25, 0.5),  # none of these
)
TRAIN = (
    (0, 0.875, 0.0625, 0.0625),
    (4, 0.0625, 0.875, 0.0625),
    (-1, 0.0, 0.0, 1.0),
)
# As trainings write them; the held-out ones differ from the counts above, as thresholds per fold do.
SCORES: dict[str, Score] = {
    "held_out_right": proportion(3, 5),
    "held_out_right/osulloc": proportion(2, 4),
    "held_out_right/cheonjiyeon": proportion(1, 1),
    "held_out_false_accepts": proportion(1, 3),
    "train_right": proportion(2, 2),
}


def hand_manifest(run_id: str = "hand") -> Manifest:
    """Return the manifest of the run."""
    calibration = replace(tiny_manifest().calibration, threshold=THRESHOLD)
    return tiny_manifest(run_id, classes=CLASSES, calibration=calibration, scores=SCORES)


def hand_table() -> PredictionTable:
    """Return what the run said; hashes count from 1 in the order above, folds are 0 and 1 in turn."""
    rows = (*HELD_OUT, *TRAIN)
    return PredictionTable(
        class_ids=(0, 4),
        sha256s=tuple(f"{number:064x}" for number in range(1, len(rows) + 1)),
        groups=tuple(f"g{number}" for number in range(1, len(rows) + 1)),
        folds=np.arange(len(rows)) % 2,
        labels=np.array([row[0] for row in rows]),
        probabilities=np.array([row[1:] for row in rows]),
        held_out=np.arange(len(rows)) < len(HELD_OUT),
    )
