"""The numbers behind the figures of a classifier's run: confusion, quality per place, reliability, known or unknown.

Pure functions of `JudgedPhotos`; checked in tests against scikit-learn. Called by the page of metrics and its report.
"""

from dataclasses import dataclass

import numpy as np

from core.domain.score import Score
from core.metrics.fitting import known_and_none_weights
from core.metrics.judged_photos import JudgedPhotos
from core.metrics.probabilities import Floats
from core.metrics.scores import (
    CALIBRATION_BINS,
    ClassQuality,
    Ints,
    confusion,
    expected_calibration_error,
    precision_recall_per_class,
    proportion,
)
from core.weights.records import UNKNOWN

CURVE_POINTS = 200  # more than the pixels of a phone's chart can tell apart


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Photos whose probability fell between `low` and `high`. confidence: its mean; right: share of right ones, 0..1.

    Where photos of no known place take part, they and the others weigh half each, as in the ECE; photos: their number.
    """

    low: float
    high: float
    confidence: float
    right: float
    photos: int


@dataclass(frozen=True, slots=True)
class KnownUnknownPoint:
    """What a threshold would do. named: known places named rightly; let_through: photos of none that get a name."""

    threshold: float
    named: Score
    let_through: Score | None


def confusion_counts(photos: JudgedPhotos) -> Ints:
    """Return (C+1, C+1) photos; rows are true places, the last no known place; columns answers, the last none given."""
    classes = len(photos.slugs) + 1
    return confusion(photos.truth % classes, photos.decided % classes, classes)


def quality_per_place(photos: JudgedPhotos) -> tuple[ClassQuality, ...]:
    """Return precision and recall of each place, in the order of the outputs; refused photos count against recall."""
    return precision_recall_per_class(confusion_counts(photos))[: len(photos.slugs)]


def photos_in_cell(photos: JudgedPhotos, true: int, decided: int) -> tuple[int, ...]:
    """Return the rows of the photos of one cell of the confusion, the surest first. true, decided: -1 for none."""
    rows = np.flatnonzero((photos.truth == true) & (photos.decided == decided))
    return tuple(rows[np.argsort(-photos.certainty[rows], kind="stable")].tolist())


def mistakes(photos: JudgedPhotos) -> tuple[int, ...]:
    """Return the rows of the photos that were decided wrongly, the surest first."""
    rows = np.flatnonzero(~photos.right)
    return tuple(rows[np.argsort(-photos.certainty[rows], kind="stable")].tolist())


def reliability(photos: JudgedPhotos, bins: int = CALIBRATION_BINS) -> tuple[ReliabilityBin, ...]:
    """Return how often the most probable output was right, by how probable it was said to be; empty bins are left out.

    Source: Guo et al. 2017, section 2, reliability diagrams.
    """
    said, right, weights = _most_probable(photos)
    cells = np.minimum((said * bins).astype(np.int64), bins - 1)
    found = []
    for cell in np.unique(cells).tolist():
        here = cells == cell
        confidence, share = (float(np.average(values[here], weights=weights[here])) for values in (said, right))
        found.append(ReliabilityBin(cell / bins, (cell + 1) / bins, confidence, share, int(here.sum())))
    return tuple(found)


def calibration_error(photos: JudgedPhotos) -> Score | None:
    """Return the ECE, weighed as the bins of `reliability` and as the score in the manifest; None without photos."""
    said, right, weights = _most_probable(photos)
    return expected_calibration_error(said, right, weights=weights) if said.size else None


def mean_confidence(photos: JudgedPhotos) -> tuple[float, float]:
    """Return how probable the most probable output was said to be, and how often it was right; needs a photo."""
    said, right, weights = _most_probable(photos)
    return float(np.average(said, weights=weights)), float(np.average(right, weights=weights))


def _most_probable(photos: JudgedPhotos) -> tuple[Floats, Floats, Floats]:
    columns = np.where(photos.known, photos.truth, len(photos.slugs))
    usable = photos.known | photos.has_none
    said = photos.probabilities.max(axis=1)[usable]
    right = (photos.probabilities.argmax(axis=1) == columns)[usable].astype(np.float64)
    return said, right, known_and_none_weights(~photos.known[usable])


def known_unknown_curve(photos: JudgedPhotos, points: int = CURVE_POINTS) -> tuple[KnownUnknownPoint, ...]:
    """Return what thresholds of 0 to 1 would do, the chosen one among them; nothing without photos of known places.

    It is the detection and identification rate over the false alarm rate. Source: Phillips, Grother and Micheals 2011,
    Handbook of Face Recognition, chapter 21.
    """
    known = photos.known
    if not known.any():
        return ()
    right = np.sort(photos.acceptance[known & (photos.best == photos.truth)])
    strangers = np.sort(photos.acceptance[~known])
    steps = np.unique(np.append(np.linspace(0, 1, points), photos.threshold))
    return tuple(
        KnownUnknownPoint(
            float(step),
            proportion(_from(right, step), int(known.sum())),
            proportion(_from(strangers, step), len(strangers)) if len(strangers) else None,
        )
        for step in steps
    )


def _from(ascending: np.ndarray, least: float) -> int:
    return len(ascending) - int(np.searchsorted(ascending, least, "left"))


def answer_name(photos: JudgedPhotos, column: int) -> str | None:
    """Return a place's slug by its column, None for no known place and for no answer."""
    return None if column == UNKNOWN else photos.slugs[column]
