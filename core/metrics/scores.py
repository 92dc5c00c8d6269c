"""Scores of predictions, each with its count and a 95 % interval.

Pure functions on arrays; checked in tests against hand-worked arrays and scikit-learn. Called by `out_of_fold`, by
training and by the evaluation of a folder.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from core.domain.score import Score
from core.errors import InvalidInput

Z_95 = 1.959963984540054  # two-sided 95 % of the normal distribution
CALIBRATION_BINS = 15  # Source: Guo et al. 2017, section 3
BOOTSTRAP_ROUNDS, BOOTSTRAP_SEED = 1000, 0

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClassQuality:
    """One class. precision: None when it was never predicted; recall: None when no photo shows it; f1: 0 then."""

    label: int
    precision: Score | None
    recall: Score | None
    f1: float


def wilson_interval(k: int, n: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion "k of n"; 0..1 when n is 0.

    Source: Wilson 1927; Brown, Cai and DasGupta 2001, formula (4).
    """
    if not 0 <= k <= n:
        raise InvalidInput("metrics.count", k=k, n=n)
    if n == 0:
        return 0.0, 1.0
    share, z2 = k / n, Z_95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return (0.0 if k == 0 else centre - half), (1.0 if k == n else centre + half)


def proportion(k: int, n: int) -> Score:
    """Return "k of n" as a score with Wilson's interval.

    Raises:
        InvalidInput: code "metrics.empty"; n is 0, so there is nothing to score.
    """
    if n == 0:
        raise InvalidInput("metrics.empty")
    return Score(k / n, *wilson_interval(k, n), k, n)


def accuracy(labels: npt.ArrayLike, predicted: npt.ArrayLike) -> Score:
    """Return the share of photos whose prediction is their label. Both (N,)."""
    equal = np.asarray(labels) == np.asarray(predicted)
    return proportion(int(equal.sum()), equal.size)


def confusion(labels: npt.ArrayLike, predicted: npt.ArrayLike, classes: int) -> Ints:
    """Count photos: (classes, classes) int64, rows are labels, columns predictions, both 0..classes-1."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (np.asarray(labels, np.int64), np.asarray(predicted, np.int64)), 1)
    return counts


def precision_recall_per_class(counts: Ints) -> tuple[ClassQuality, ...]:
    """Return the quality of each class of a confusion matrix, in its order."""
    qualities = []
    for label in range(len(counts)):
        right, said, shown = int(counts[label, label]), int(counts[:, label].sum()), int(counts[label].sum())
        precision = proportion(right, said) if said else None
        recall = proportion(right, shown) if shown else None
        f1 = 2 * right / (said + shown) if said + shown else 0.0
        qualities.append(ClassQuality(label, precision, recall, f1))
    return tuple(qualities)


def auroc(scores: npt.ArrayLike, positive: npt.ArrayLike) -> Score:
    """Return the probability that a positive photo scores above a negative one, ties counted half.

    Args:
        scores: (N,) higher means more likely positive.
        positive: (N,) bool; both kinds must occur.

    Source: Mann and Whitney 1947 for the value; Newcombe 2006 (Statistics in Medicine 25, 559-573), method 5, for the
    interval, which stays wider than a point when the two are separated completely.
    """
    values, mask = np.asarray(scores, np.float64), np.asarray(positive, bool)
    above, below = values[mask], np.sort(values[~mask])
    if not above.size or not below.size:
        raise InvalidInput("metrics.empty")
    wins = np.searchsorted(below, above, "left") + np.searchsorted(below, above, "right")
    area = float(wins.sum() / (2 * above.size * below.size))

    def distance(other: float) -> float:
        return abs(area - other) - Z_95 * sqrt(_area_variance(other, above.size, below.size))

    low = 0.0 if area == 0 else _root(distance, 0.0, area)
    high = 1.0 if area == 1 else _root(distance, 1.0, area)
    return Score(area, low, high, None, values.size)


def expected_calibration_error(
    confidences: npt.ArrayLike,
    right: npt.ArrayLike,
    bins: int = CALIBRATION_BINS,
    weights: npt.ArrayLike | None = None,
) -> Score:
    """Return the mean distance between confidence and share of right answers, over bins of equal width.

    Args:
        confidences: (N,) probabilities of the given answers, 0..1.
        right: (N,) bool, whether the answer was right.
        bins: number of bins; a confidence of 1 falls in the last.
        weights: (N,) how much each photo counts; None: all alike.

    The interval is the percentile bootstrap over photos with a fixed seed. It leans upwards, as the error itself does
    on few photos; the value is included in it.
    Source: Naeini et al. 2015; Guo et al. 2017, formula (3).
    """
    said, hit = np.asarray(confidences, np.float64), np.asarray(right, np.float64)
    if not said.size:
        raise InvalidInput("metrics.empty")
    cells = np.minimum((said * bins).astype(np.int64), bins - 1)
    counts = np.ones(said.size) if weights is None else np.asarray(weights, np.float64)
    gaps = (hit - said) * counts
    value = _calibration_error(cells, gaps, counts, bins)
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    draws = (rng.integers(said.size, size=said.size) for _ in range(BOOTSTRAP_ROUNDS))
    errors = [_calibration_error(cells[draw], gaps[draw], counts[draw], bins) for draw in draws]
    low, high = np.quantile(errors, (0.025, 0.975))
    return Score(value, min(float(low), value), max(float(high), value), None, said.size)


def _calibration_error(cells: Ints, gaps: npt.NDArray[np.float64], counts: npt.NDArray[np.float64], bins: int) -> float:
    return float(np.abs(np.bincount(cells, gaps, bins)).sum() / counts.sum())


def _area_variance(area: float, positives: int, negatives: int) -> float:
    """Source: Hanley and McNeil 1982, formula (2), with the mean group size as Newcombe's method 5 has it."""
    others = (positives + negatives) / 2 - 1
    spread = 1 + others * ((1 - area) / (2 - area) + area / (1 + area))
    return area * (1 - area) * spread / (positives * negatives)


def _root(function: Callable[[float], float], positive_at: float, negative_at: float) -> float:
    """Bisect to where `function` changes its sign, to the last bits of a float."""
    for _ in range(60):
        middle = (positive_at + negative_at) / 2
        if function(middle) > 0:
            positive_at = middle
        else:
            negative_at = middle
    return (positive_at + negative_at) / 2
