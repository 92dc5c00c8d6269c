"""The numbers behind a classifier's figures, by hand and against scikit-learn."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, roc_curve

from core.metrics.decisions import Decisions, score_decisions
from core.metrics.figures import (
    calibration_error,
    confusion_counts,
    known_unknown_curve,
    mean_confidence,
    mistakes,
    photos_in_cell,
    quality_per_place,
    reliability,
)
from core.metrics.judged_photos import JudgedPhotos, Part, judge_photos, judged_parts
from core.weights.folder import write_run
from core.weights.records import PREDICTIONS_FILE, TEST_PREDICTIONS_FILE, write_predictions
from tests.metrics.test_run_report import random_run
from tests.support.hand_worked import hand_manifest, hand_table

HAND = judge_photos(hand_manifest(), hand_table(), hand_table().held_out)


def random_photos(seed: int = 0) -> JudgedPhotos:
    manifest, table = random_run(seed)
    return judge_photos(manifest, table, table.held_out)


def test_the_decisions_are_those_worked_out_by_hand() -> None:
    assert HAND.truth.tolist() == [0, 0, 0, 0, 1, -1, -1, -1]
    assert HAND.decided.tolist() == [0, 1, -1, -1, 1, -1, 1, -1]
    assert HAND.best.tolist()[:5] == [0, 1, 0, 0, 1]
    assert confusion_counts(HAND).tolist() == [[1, 1, 2], [0, 1, 0], [0, 1, 2]]


def test_errors_come_the_most_confident_first() -> None:
    assert mistakes(HAND) == (1, 2, 6, 3)  # sure of 0.875, 0.8125, 0.6875 and 0.4375
    assert photos_in_cell(HAND, 0, -1) == (2, 3)
    assert photos_in_cell(HAND, -1, 1) == (6,) and photos_in_cell(HAND, 1, 0) == ()


def test_confusion_precision_and_recall_equal_scikit_learns() -> None:
    photos = random_photos()
    labels = [*range(len(photos.slugs)), -1]
    assert (confusion_counts(photos) == confusion_matrix(photos.truth, photos.decided, labels=labels)).all()
    precision, recall, f1, _ = precision_recall_fscore_support(
        photos.truth, photos.decided, labels=labels[:-1], zero_division=0
    )
    ours = quality_per_place(photos)
    assert [one.precision.value for one in ours if one.precision] == pytest.approx(precision, abs=1e-6)
    assert [one.recall.value for one in ours if one.recall] == pytest.approx(recall, abs=1e-6)
    assert [one.f1 for one in ours] == pytest.approx(f1, abs=1e-6)


def test_reliability_equals_scikit_learns_where_all_photos_weigh_alike() -> None:
    photos = random_photos(1)
    only = photos.take(np.flatnonzero(photos.known).tolist())
    right = only.probabilities.argmax(axis=1) == only.truth
    share, said = calibration_curve(right, only.probabilities.max(axis=1), n_bins=15)
    bins = reliability(only)
    assert [one.right for one in bins] == pytest.approx(share, abs=1e-6)
    assert [one.confidence for one in bins] == pytest.approx(said, abs=1e-6)
    error = sum(one.photos * abs(one.right - one.confidence) for one in bins) / sum(one.photos for one in bins)
    found = calibration_error(only)
    assert found is not None and found.value == pytest.approx(error, abs=1e-9)
    assert mean_confidence(only) == pytest.approx((only.probabilities.max(axis=1).mean(), right.mean()))


def test_the_calibration_error_is_the_one_that_training_writes_in_the_manifest() -> None:
    photos = random_photos(2)
    said = Decisions(photos.slugs, photos.truth, photos.probabilities, photos.acceptance, photos.threshold)
    assert calibration_error(photos) == score_decisions(said)["calibration_error"]


def test_the_curve_of_known_and_unknown_equals_scikit_learns_false_positives() -> None:
    photos = random_photos(3)
    points = known_unknown_curve(photos)
    assert photos.threshold in {point.threshold for point in points}
    passed, _, thresholds = roc_curve(photos.known, photos.acceptance, drop_intermediate=False)
    for point in points:
        reached = passed[thresholds >= point.threshold]
        assert point.let_through is not None
        assert point.let_through.value == pytest.approx(reached.max(initial=0), abs=1e-6)
        by_hand = (photos.acceptance >= point.threshold) & (photos.best == photos.truth) & photos.known
        assert point.named.k == by_hand.sum() and point.named.n == photos.known.sum()


def test_a_run_holds_test_photos_apart_from_those_held_out_and_those_learned_from(tmp_path: Path) -> None:
    table = write_predictions(hand_table())
    run = write_run(tmp_path, hand_manifest(), {PREDICTIONS_FILE: table, TEST_PREDICTIONS_FILE: table})
    parts = judged_parts(run)
    assert list(parts) == [Part.TEST, Part.HELD_OUT, Part.TRAIN]
    assert [len(photos.sha256s) for photos in parts.values()] == [11, 8, 3]
    assert judged_parts(write_run(tmp_path, hand_manifest("bare"), {})) == {}
