"""Scores of boxes: which were found, precision and recall over confidence, and average precision as COCO counts it.

Used by detector training (held-out photos), by evaluation and by the metrics page. The numbers equal pycocotools' for
all areas and at most 100 boxes a photo; precision and recall at a threshold come with counts, for intervals.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.domain.score import Score
from core.metrics.scores import proportion

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

IOUS = tuple(np.round(np.arange(0.5, 1.0, 0.05), 2).tolist())  # Source: COCO detection challenge, AP
RECALLS = np.linspace(0, 1, 101)  # Source: pycocotools, Params.recThrs
MOST_BOXES = 100  # Source: pycocotools, Params.maxDets
LOOSE_IOU = 0.5  # from here on a box counts as found, as in mAP50


@dataclass(frozen=True, slots=True, eq=False)
class BoxesOnPhoto:
    """The truth and what was found on one photo; corners in any one unit, the same for both.

    truth: (T, 4) corners; truth_labels: (T,). found: (F, 4) corners; found_labels, confidences: (F,).
    """

    truth: Floats
    truth_labels: Ints
    found: Floats
    found_labels: Ints
    confidences: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """What was found of one label on all photos, most confident first.

    confidences: (F,) ; right: (I, F) whether a box is a find at each of I IoUs; truth: boxes that were there.
    """

    confidences: Floats
    right: npt.NDArray[np.bool_]
    truth: int

    def at(self, confidence: float, iou_index: int = 0) -> tuple[int, int]:
        """Return how many of the boxes of at least this confidence are right, and how many boxes those are."""
        taken = self.confidences >= confidence
        return int(self.right[iou_index, taken].sum()), int(taken.sum())


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """Precision and recall of the boxes of at least this confidence, at IoU 0.5, all labels together.

    precision: None when nothing was found; recall: None when there was nothing to find.
    """

    confidence: float
    precision: Score | None
    recall: Score | None

    @property
    def f1(self) -> float:
        """The harmonic mean of both; 0 when nothing is right."""
        precision, recall = (score.value if score else 0.0 for score in (self.precision, self.recall))
        return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def match_boxes(photos: Sequence[BoxesOnPhoto], label: int, ious: Sequence[float] = IOUS) -> Matches:
    """Pair the boxes found of one label with the truth, photo by photo, the most confident choosing first.

    Source: pycocotools, COCOeval.evaluateImg: a box takes the free box of the truth that it overlaps most, if enough.
    """
    confidences: list[Floats] = []
    right: list[npt.NDArray[np.bool_]] = []
    truth = 0
    for photo in photos:
        there = photo.truth[photo.truth_labels == label]
        mine = np.flatnonzero(photo.found_labels == label)
        order = mine[np.argsort(-photo.confidences[mine], kind="stable")][:MOST_BOXES]
        overlap = iou_matrix(photo.found[order], there)
        right.append(np.stack([_pair(overlap, iou) for iou in ious]))
        confidences.append(photo.confidences[order])
        truth += len(there)
    every = np.concatenate(confidences) if confidences else np.zeros(0)
    order = np.argsort(-every, kind="stable")
    flags = np.concatenate(right, axis=1) if right else np.zeros((len(ious), 0), bool)
    return Matches(every[order], flags[:, order], truth)


def average_precision(matches: Matches) -> Floats:
    """Return (I,) average precisions over 101 recalls, one for each IoU; NaN when the label never occurs.

    Source: pycocotools, COCOeval.accumulate.
    """
    if matches.truth == 0:
        return np.full(len(matches.right), np.nan)
    rights = matches.right.cumsum(axis=1, dtype=np.float64)
    wrongs = (~matches.right).cumsum(axis=1, dtype=np.float64)
    recall = rights / matches.truth
    precision = rights / np.maximum(rights + wrongs, 1)
    precision = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    return np.array([_at_recalls(*line) for line in zip(recall, precision, strict=True)])


def precision_recall_at(matches: Sequence[Matches], confidence: float) -> AtThreshold:
    """Count over all labels what boxes of at least this confidence get right, and what of the truth they find."""
    counts = [one.at(confidence) for one in matches]
    right, found, truth = sum(k for k, _ in counts), sum(n for _, n in counts), sum(one.truth for one in matches)
    return AtThreshold(
        confidence, proportion(right, found) if found else None, proportion(right, truth) if truth else None
    )


def best_threshold(matches: Sequence[Matches]) -> AtThreshold:
    """Return the confidence at which precision and recall are best together (F1); of equals the highest.

    The choice flatters what it is made on: choose on photos that the scores do not come from.
    """
    confidences = np.concatenate([one.confidences for one in matches] or [np.zeros(0)])
    if not len(confidences):
        return precision_recall_at(matches, 1.0)
    right = np.concatenate([one.right[0] for one in matches])
    order = np.argsort(-confidences, kind="stable")
    rights = right[order].cumsum()
    f1 = 2 * rights / (np.arange(1, len(order) + 1) + sum(one.truth for one in matches))
    whole = np.append(np.diff(confidences[order]) != 0, True)  # boxes of equal confidence come and go together
    return precision_recall_at(matches, float(confidences[order][np.where(whole, f1, -1.0).argmax()]))


def iou_matrix(first: Floats, second: Floats) -> Floats:
    """Return (N, M) overlaps of (N, 4) with (M, 4) corners: shared area over joint area, 0 for boxes without area."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    joint = _area(first)[:, None] + _area(second)[None] - shared
    overlap: Floats = np.divide(shared, joint, out=np.zeros_like(shared), where=joint > 0)
    return overlap


def _area(xyxy: Floats) -> Floats:
    area: Floats = np.clip(xyxy[:, 2:] - xyxy[:, :2], 0, None).prod(axis=1)
    return area


def _pair(overlap: Floats, iou: float) -> npt.NDArray[np.bool_]:
    """Return (F,) whether each found box gets a box of the truth of its own."""
    free = np.ones(overlap.shape[1], bool)
    right = np.zeros(len(overlap), bool)
    for index, row in enumerate(overlap):
        open_row = np.where(free, row, -1.0)
        best = len(row) - 1 - int(open_row[::-1].argmax()) if len(row) else -1  # of equals the last, as COCO's loop
        if best >= 0 and open_row[best] >= min(iou, 1 - 1e-10):
            right[index], free[best] = True, False
    return right


def _at_recalls(recall: Floats, precision: Floats) -> float:
    """Average the precision at the 101 recalls; a recall that is never reached counts 0."""
    if not len(recall):
        return 0.0
    where = np.searchsorted(recall, RECALLS, side="left")
    reached = np.where(where < len(precision), precision[np.minimum(where, len(precision) - 1)], 0.0)
    return float(reached.mean())
