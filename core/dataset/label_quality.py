"""What the boxes look like as a whole: counts and sizes per label, where they lie, which stand out, the balance. Pure.

Called by the quality view of the label page with what `BoxRepository.walk` yields.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import log

import numpy as np
import numpy.typing as npt

from core.dataset.boxes import area, xywhn_from_xyxyn
from core.domain.label import Box, Label, PhotoLabels

CELLS = 24  # of the heat map, each way
FEWEST = 8  # boxes of a label, below which nothing is usual
# Robust z-score above which a value stands out. Source: Iglewicz and Hoaglin, "Detect and Handle Outliers", 1993.
STANDS_OUT = 3.5
MAD_TO_SIGMA = 1.4826  # of a normal distribution
# A label whose boxes are nearly all alike would make every other one suspicious: the least spread that is assumed.
LEAST_SPREAD = {"size": 0.25, "shape": 0.15, "place": 0.08}


class Oddity(StrEnum):
    """In what a box differs from the others of its label."""

    SIZE = "size"
    SHAPE = "shape"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class LabelSummary:
    """One label in numbers. width, height, share: medians, as fractions of the photo; 0 without boxes."""

    label: Label
    boxes: int
    photos: int
    width: float
    height: float
    share: float
    least_share: float
    largest_share: float


@dataclass(frozen=True, slots=True)
class SuspiciousBox:
    """A box that stands out. score: how far, in robust standard deviations."""

    photo_sha256: str
    box: Box
    oddity: Oddity
    score: float


def summarise_labels(labelled: Iterable[PhotoLabels], labels: Sequence[Label]) -> tuple[LabelSummary, ...]:
    """Return each label's numbers, in the order of `labels`; boxes of other labels are passed over."""
    found: dict[int, list[tuple[str, Box]]] = {label.label_id: [] for label in labels}
    for photo in labelled:
        for box in photo.boxes:
            if box.label_id in found:
                found[box.label_id].append((photo.photo_sha256, box))
    return tuple(_summary(label, found[label.label_id]) for label in labels)


def balance(summaries: Iterable[LabelSummary]) -> float | None:
    """Return how evenly boxes are spread over labels: 1 equal, towards 0 all in one; None for fewer than two labels.

    Source: Pielou's evenness, Shannon's entropy over its largest value.
    """
    counts = [summary.boxes for summary in summaries]
    total = sum(counts)
    if len(counts) < 2 or not total:
        return None
    return -sum(count / total * log(count / total) for count in counts if count) / log(len(counts))


def heat_map(labelled: Iterable[PhotoLabels], label_id: int | None = None, cells: int = CELLS) -> npt.NDArray[np.int64]:
    """Return (cells, cells) int64, rows from top to bottom: how many boxes of a label, or of all, cover each cell."""
    counts = np.zeros((cells, cells), np.int64)
    centres = (np.arange(cells) + 0.5) / cells
    for photo in labelled:
        for box in photo.boxes:
            if label_id is None or box.label_id == label_id:
                left, top, right, bottom = box.xyxyn
                rows, columns = (centres >= top) & (centres <= bottom), (centres >= left) & (centres <= right)
                counts += np.outer(rows, columns)
    return counts


def find_suspicious(labelled: Iterable[PhotoLabels]) -> tuple[SuspiciousBox, ...]:
    """Return boxes far from their label's usual size, shape or place, the farthest first, each at most once."""
    by_label: dict[int, list[tuple[str, Box]]] = {}
    for photo in labelled:
        for box in photo.boxes:
            if area(box.xyxyn) > 0:
                by_label.setdefault(box.label_id, []).append((photo.photo_sha256, box))
    odd = [one for boxes in by_label.values() if len(boxes) >= FEWEST for one in _odd_ones(boxes)]
    return tuple(sorted(odd, key=lambda one: -one.score))


def _summary(label: Label, boxes: Sequence[tuple[str, Box]]) -> LabelSummary:
    if not boxes:
        return LabelSummary(label, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0)
    sizes = np.array([xywhn_from_xyxyn(box.xyxyn)[2:] for _, box in boxes])
    shares = sizes.prod(axis=1)
    width, height = np.median(sizes, axis=0)
    photos = len({sha256 for sha256, _ in boxes})
    spread = (float(np.median(shares)), float(shares.min()), float(shares.max()))
    return LabelSummary(label, len(boxes), photos, float(width), float(height), *spread)


def _odd_ones(boxes: Sequence[tuple[str, Box]]) -> list[SuspiciousBox]:
    """Judge the boxes of one label by logarithms of size and shape, and by the position of their centre."""
    frames = np.array([xywhn_from_xyxyn(box.xyxyn) for _, box in boxes])
    x, y, width, height = frames.T
    scores = {
        Oddity.SIZE: _scores(np.log(width * height), Oddity.SIZE),
        Oddity.SHAPE: _scores(np.log(width / height), Oddity.SHAPE),
        Oddity.PLACE: np.maximum(_scores(x, Oddity.PLACE), _scores(y, Oddity.PLACE)),
    }
    odd = []
    for at, (sha256, box) in enumerate(boxes):
        oddity = max(scores, key=lambda one: float(scores[one][at]))
        if scores[oddity][at] > STANDS_OUT:
            odd.append(SuspiciousBox(sha256, box, oddity, float(scores[oddity][at])))
    return odd


def _scores(values: npt.NDArray[np.float64], oddity: Oddity) -> npt.NDArray[np.float64]:
    """Return how far each value is from the median, in robust standard deviations."""
    distances = np.abs(values - np.median(values))
    spread = max(MAD_TO_SIGMA * float(np.median(distances)), LEAST_SPREAD[oddity.value])
    return distances / spread
