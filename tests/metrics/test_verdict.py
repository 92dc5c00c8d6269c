"""What a run amounts to, in sentences."""

import numpy as np

from core.domain.score import Score
from core.metrics.scores import proportion
from core.metrics.training_log import LogPart, read_training_log
from core.metrics.verdict import calibration_finding, epoch_findings, score_findings, weakest_finding
from tests.support.boxed_run import EPOCHS


def part_of(train: np.ndarray, watched: np.ndarray) -> LogPart:
    lines = [f"{epoch},{one},{other}" for epoch, (one, other) in enumerate(zip(train, watched, strict=True), 1)]
    return read_training_log(("\n".join(["epoch,loss,val_loss", *lines]) + "\n").encode(), "epochs.csv").parts[0]


def keys(part: LogPart, in_service: bool = False) -> list[str]:
    return [finding.key for finding in epoch_findings(part, in_service)]


def test_the_best_epoch_the_peak_of_recall_and_overfitting_are_said() -> None:
    found = epoch_findings(read_training_log(EPOCHS, "epochs.csv").parts[0], in_service=True)
    assert [(one.key, dict(one.values)) for one in found] == [
        ("verdict.best_epoch", {"column": "metrics/mAP50-95", "best": 4, "epochs": 12}),
        ("verdict.recall_peak", {"best": 3}),
        ("verdict.epoch_serves", {"best": 4}),
        ("verdict.overfitted", {"after": 8}),
    ]


def test_a_training_that_still_improves_or_only_stands_still_is_no_overfitting() -> None:
    falling = np.linspace(2, 1, 30)
    assert keys(part_of(falling, falling)) == ["verdict.best_epoch", "verdict.still_improving"]
    level = np.concatenate([np.linspace(2, 1, 10), np.full(20, 1.0001)])
    assert keys(part_of(level, level)) == ["verdict.best_epoch", "verdict.no_gain"]
    assert keys(part_of(falling[:3], falling[:3])) == ["verdict.best_epoch", "verdict.few_epochs"]


def test_losses_that_are_no_numbers_say_nothing_of_a_trend() -> None:
    gone = np.concatenate([np.linspace(2, 1, 10), np.full(20, np.nan)])
    assert keys(part_of(gone, gone)) == ["verdict.best_epoch", "verdict.no_gain"]
    assert keys(part_of(np.full(8, np.nan), np.full(8, np.nan))) == []


def test_a_score_is_set_beside_that_of_training_photos_and_its_interval() -> None:
    found = score_findings(
        {"held_out_right": proportion(16, 35), "train_right": proportion(35, 35)}, "held_out_right", "train_right"
    )
    assert [one.key for one in found] == ["verdict.few_photos", "verdict.learned_by_heart"]
    fine = {"test_right": proportion(970, 1000), "train_right": proportion(99, 100)}
    assert [one.key for one in score_findings(fine, "test_right", "train_right")] == ["verdict.generalises"]
    boxes = {"held_out_map50": Score(0.5, 0.2, 0.8, None, 9)}
    assert [one.key for one in score_findings(boxes, "held_out_map50", "train_map50")] == ["verdict.few_boxes"]
    assert [one.key for one in score_findings({}, "held_out_right", "train_right")] == ["verdict.unscored"]


def test_the_weakest_place_is_named_where_it_is_weak_and_has_enough_photos() -> None:
    found = weakest_finding([("a", proportion(0, 4)), ("b", proportion(2, 9)), ("c", proportion(9, 9))])
    assert found is not None and found.values == {"name": "b", "k": 2, "count": 9}
    assert weakest_finding([("c", proportion(9, 9))]) is weakest_finding([]) is None


def test_confidence_is_believed_or_not() -> None:
    assert calibration_finding(0.8, 0.79, Score(0.02, 0, 0.1, None, 9)).key == "verdict.calibrated"
    assert calibration_finding(0.75, 0.73, Score(0.1, 0, 0.2, None, 9)).key == "verdict.uneven"
    assert calibration_finding(0.9, 0.6, Score(0.3, 0, 0.4, None, 9)).key == "verdict.overconfident"
    assert calibration_finding(0.6, 0.9, Score(0.3, 0, 0.4, None, 9)).key == "verdict.underconfident"
