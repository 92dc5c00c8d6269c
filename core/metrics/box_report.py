"""The numbers behind the figures of a detector's run: curves per label, and what a threshold misses and finds wrongly.

Everything is counted at IoU 0.5 from `boxes.csv` with `core/metrics/detection`. Called by the page of metrics and its
report.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.score import Score
from core.metrics.box_table import BoxTable
from core.metrics.detection import LOOSE_IOU, BoxesOnPhoto, Floats, Matches, average_precision, iou_matrix, match_boxes
from core.metrics.scores import proportion

CURVE_POINTS = 200  # more than the pixels of a phone's chart can tell apart


@dataclass(frozen=True, slots=True, eq=False)
class BoxCurve:
    """One label at each confidence, the highest first. label: its slug, "" for all together.

    confidences, precision, recall, f1: (P,), at most `CURVE_POINTS` of them; average_precision: None where it never
    occurs. truth: boxes that are there.
    """

    label: str
    confidences: Floats
    precision: Floats
    recall: Floats
    f1: Floats
    average_precision: float | None
    truth: int


@dataclass(frozen=True, slots=True)
class LabelCounts:
    """What boxes from a confidence on amount to. label: "" for all together. precision, recall: None of nothing."""

    label: str
    right: int
    wrong: int
    missed: int
    precision: Score | None
    recall: Score | None
    f1: float


@dataclass(frozen=True, slots=True)
class PhotoCounts:
    """One photo at a confidence. surest_wrong: the confidence of its most confident wrong box, 0 without one."""

    sha256: str
    right: int
    wrong: int
    missed: int
    surest_wrong: float


def matches_per_label(table: BoxTable) -> tuple[Matches, ...]:
    """Return what was found of each label, at IoU 0.5 only, in the order of the labels."""
    return tuple(match_boxes(table.boxes, label, (LOOSE_IOU,)) for label in range(len(table.labels)))


def box_curves(table: BoxTable) -> tuple[BoxCurve, ...]:
    """Return the curve of all labels together, then of each that occurs or was found."""
    matches = matches_per_label(table)
    every = _curve("", _joined(matches), _mean([_average(one) for one in matches]))
    each = [_curve(slug, one, _average(one)) for slug, one in zip(table.labels, matches, strict=True)]
    return (every, *(curve for curve in each if curve.truth or len(curve.confidences)))


def counts_at(table: BoxTable, confidence: float) -> tuple[LabelCounts, ...]:
    """Return the counts of all labels together, then of each."""
    matches = matches_per_label(table)
    named = zip(("", *table.labels), (_joined(matches), *matches), strict=True)
    return tuple(_counts(label, one, confidence) for label, one in named)


def photo_counts(table: BoxTable, confidence: float) -> tuple[PhotoCounts, ...]:
    """Return the counts of each photo, in the order of the table."""
    return tuple(_on_photo(photo.sha256, photo.boxes, confidence, len(table.labels)) for photo in table.photos)


def wrongly_found_and_missed(boxes: BoxesOnPhoto, confidence: float) -> tuple[list[int], list[int]]:
    """Return the rows of found boxes that are wrong, and of true boxes that were missed, at a confidence."""
    wrong: list[int] = []
    missed: list[int] = []
    taken = boxes.confidences >= confidence
    for label in np.union1d(boxes.truth_labels, boxes.found_labels[taken]).tolist():
        there = np.flatnonzero(boxes.truth_labels == label)
        mine = np.flatnonzero((boxes.found_labels == label) & taken)
        mine = mine[np.argsort(-boxes.confidences[mine], kind="stable")]
        free = set(there.tolist())
        overlap = iou_matrix(boxes.found[mine], boxes.truth[there])
        for row, box in enumerate(mine.tolist()):
            fits = [(overlap[row, at], at, truth) for at, truth in enumerate(there.tolist()) if truth in free]
            best = max(fits, default=(0.0, -1, -1))
            if best[0] >= LOOSE_IOU:
                free.discard(best[2])
            else:
                wrong.append(box)
        missed.extend(free)
    return sorted(wrong), sorted(missed)


def _on_photo(sha256: str, boxes: BoxesOnPhoto, confidence: float, labels: int) -> PhotoCounts:
    matches = [match_boxes([boxes], label, (LOOSE_IOU,)) for label in range(labels)]
    counts = [one.at(confidence) for one in matches]
    right, found = sum(k for k, _ in counts), sum(n for _, n in counts)
    wrong = [float(c) for one in matches for c in one.confidences[~one.right[0]] if c >= confidence]
    return PhotoCounts(sha256, right, found - right, len(boxes.truth) - right, max(wrong, default=0.0))


def _counts(label: str, matches: Matches, confidence: float) -> LabelCounts:
    right, found = matches.at(confidence)
    return LabelCounts(
        label,
        right,
        found - right,
        matches.truth - right,
        proportion(right, found) if found else None,
        proportion(right, matches.truth) if matches.truth else None,
        2 * right / (found + matches.truth) if found + matches.truth else 0.0,
    )


def _joined(matches: Sequence[Matches]) -> Matches:
    confidences = np.concatenate([one.confidences for one in matches] or [np.zeros(0)])
    right = np.concatenate([one.right for one in matches] or [np.zeros((1, 0), bool)], axis=1)
    order = np.argsort(-confidences, kind="stable")
    return Matches(confidences[order], right[:, order], sum(one.truth for one in matches))


def _curve(label: str, matches: Matches, average: float | None) -> BoxCurve:
    """Count at every confidence that occurs, boxes of equal confidence together, then thin out."""
    rights = matches.right[0].cumsum()
    found = np.arange(1, len(rights) + 1)
    whole = np.flatnonzero(np.append(np.diff(matches.confidences) != 0, True)[: len(rights)])
    kept = whole[_thinned(len(whole))]
    right, count, truth = rights[kept].astype(np.float64), found[kept], matches.truth
    return BoxCurve(
        label,
        matches.confidences[kept],
        right / np.maximum(count, 1),
        right / max(truth, 1),
        2 * right / np.maximum(count + truth, 1),
        average,
        truth,
    )


def _thinned(count: int) -> np.ndarray:
    return np.unique(np.linspace(0, count - 1, min(count, CURVE_POINTS)).round().astype(np.int64))


def _average(matches: Matches) -> float | None:
    return float(average_precision(matches)[0]) if matches.truth else None


def _mean(values: Sequence[float | None]) -> float | None:
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None
