"""Scores against numbers worked out by hand, and against scikit-learn and scipy."""

from math import sqrt

import numpy as np
import pytest

from core.domain.score import Score
from core.errors import InvalidInput
from core.metrics.scores import (
    Z_95,
    accuracy,
    auroc,
    confusion,
    expected_calibration_error,
    precision_recall_per_class,
    proportion,
    wilson_interval,
)

LABELS, PREDICTED = [0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 1, 0]


def test_the_interval_of_a_proportion_is_wilsons() -> None:
    from scipy.stats import binomtest

    for k, n in ((0, 1), (1, 1), (0, 20), (20, 20), (7, 10), (53, 53), (289, 300), (1, 1000)):
        expected = binomtest(k, n).proportion_ci(method="wilson")
        assert wilson_interval(k, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_nothing_counted_says_nothing() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)
    with pytest.raises(InvalidInput, match=r"metrics\.empty"):
        proportion(0, 0)


@pytest.mark.parametrize(("k", "n"), [(-1, 4), (5, 4)])
def test_a_count_that_cannot_be_is_refused(k: int, n: int) -> None:
    with pytest.raises(InvalidInput, match=r"metrics\.count"):
        wilson_interval(k, n)


def test_a_perfect_score_on_few_photos_is_not_certain() -> None:
    score = proportion(5, 5)
    assert (score.value, score.high, score.k, score.n) == (1.0, 1.0, 5, 5)
    assert score.low == pytest.approx(5 / (5 + Z_95**2))


def test_accuracy_counts_equal_labels() -> None:
    score = accuracy(LABELS, PREDICTED)
    assert (score.k, score.n, score.value) == (4, 6, 4 / 6)


def test_confusion_has_labels_in_rows_and_predictions_in_columns() -> None:
    assert confusion(LABELS, PREDICTED, 3).tolist() == [[2, 1, 0], [0, 2, 0], [1, 0, 0]]


def test_quality_per_class_worked_out_by_hand() -> None:
    first, second, third = precision_recall_per_class(confusion(LABELS, PREDICTED, 3))
    assert (first.precision, first.recall) == (proportion(2, 3), proportion(2, 3))
    assert (second.precision, second.recall) == (proportion(2, 3), proportion(2, 2))
    assert third.precision is None  # it was never predicted
    assert third.recall == proportion(0, 1)
    assert (first.f1, second.f1, third.f1) == (4 / 6, 4 / 5, 0.0)


def test_counts_agree_with_scikit_learn() -> None:
    from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

    rng = np.random.default_rng(1)
    labels, predicted = rng.integers(0, 6, 500), rng.integers(0, 6, 500)
    counts = confusion(labels, predicted, 6)
    assert (counts == confusion_matrix(labels, predicted)).all()
    assert accuracy(labels, predicted).value == pytest.approx(accuracy_score(labels, predicted), abs=1e-9)
    precision, recall, f1, _ = precision_recall_fscore_support(labels, predicted)
    for quality, *expected in zip(precision_recall_per_class(counts), precision, recall, f1, strict=True):
        assert quality.precision is not None
        assert quality.recall is not None
        found = (quality.precision.value, quality.recall.value, quality.f1)
        assert found == pytest.approx(tuple(expected), abs=1e-9)


def test_auroc_counts_ties_half() -> None:
    assert auroc([0.9, 0.4, 0.4, 0.1], [True, True, False, False]).value == 3.5 / 4


def test_auroc_agrees_with_scikit_learn() -> None:
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(2)
    positive = rng.random(400) < 0.3
    scores = np.round(rng.normal(size=400) + positive, 1)  # rounded: many ties
    assert auroc(scores, positive).value == pytest.approx(roc_auc_score(positive, scores), abs=1e-9)


def test_the_interval_of_auroc_solves_its_equation() -> None:
    score = auroc([1, 2, 3, 4, 5, 6, 7, 8.5, 9, 10], [False] * 3 + [True, False, True, False] + [True] * 3)
    mean = 5.0
    for end in (score.low, score.high):
        bracket = 2 * mean - 1 - (3 * mean - 3) / ((2 - end) * (1 + end))  # Newcombe 2006, method 5, as printed
        assert abs(score.value - end) == pytest.approx(Z_95 * sqrt(end * (1 - end) / 25 * bracket), abs=1e-9)


def test_the_interval_of_auroc_covers_the_truth_about_19_times_in_20() -> None:
    rng, truth = np.random.default_rng(3), 0.9213503964748575  # Phi(2 / sqrt 2)
    positive = np.arange(70) < 30
    drawn = [auroc(rng.normal(size=70) + 2 * positive, positive) for _ in range(400)]
    assert 0.92 < np.mean([score.low <= truth <= score.high for score in drawn]) < 0.99


def test_complete_separation_of_few_photos_is_not_certain() -> None:
    score = auroc([0, 1, 2, 3], [False, False, True, True])
    assert score.value == score.high == 1.0
    assert score.low < 0.7
    assert auroc([3, 2, 1, 0], [False, False, True, True]).low == 0.0


def test_auroc_needs_both_kinds() -> None:
    with pytest.raises(InvalidInput, match=r"metrics\.empty"):
        auroc([0.1, 0.2], [True, True])


def test_calibration_error_worked_out_by_hand() -> None:
    # bins of 0.5: (0.25 + 0.25 said, 1 right) and (0.75 + 1.0 + 1.0 said, 1 right)
    score = expected_calibration_error([0.25, 0.25, 0.75, 1.0, 1.0], [True, False, True, False, False], bins=2)
    assert score.value == pytest.approx((abs(1 - 0.5) + abs(1 - 2.75)) / 5)
    assert score.n == 5


def test_calibration_error_agrees_with_scikit_learns_curve() -> None:
    from sklearn.calibration import calibration_curve

    rng = np.random.default_rng(4)
    said = rng.random(1000)
    right = rng.random(1000) < said**2
    shown, mean_said = calibration_curve(right, said, n_bins=15)
    weights = np.histogram(said, np.linspace(0, 1, 16))[0] / 1000
    score = expected_calibration_error(said, right)
    assert score.value == pytest.approx(float((weights * np.abs(shown - mean_said)).sum()), abs=1e-9)
    assert score.low <= score.value <= score.high
    assert score.high - score.low < 0.1


def test_a_score_is_the_same_each_time() -> None:
    rng = np.random.default_rng(5)
    said, right = rng.random(50), rng.random(50) < 0.5
    assert expected_calibration_error(said, right) == expected_calibration_error(said, right)
    assert isinstance(expected_calibration_error(said, right), Score)
