"""Two detectors on the same photos: differences of precision, recall and average precision, and photos that changed.

The intervals come from drawing groups of photos anew, the same for both runs, so that what they share falls out.
Called by the pages of metrics and training, and by `metrics --against`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.box_report import photo_counts
from core.metrics.box_table import BoxTable, PhotoBoxes
from core.metrics.detection import IOUS, RECALLS, Floats, Ints, match_boxes
from core.metrics.unseen import dealt_boxes, flattered

RESAMPLES, SEED = 200, 0
INTERVAL = (2.5, 97.5)
NAMES = ("precision", "recall", "map50", "map50_95")


@dataclass(frozen=True, slots=True)
class BoxDifference:
    """One score of both runs, and by how much the second exceeds the first, with a 95 % interval."""

    first: float
    second: float
    value: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether chance alone hardly explains it."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class BoxChange:
    """A photo on which one run finds all and nothing else, and the other does not."""

    sha256: str
    now_right: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Finds:
    """What was found of one label. confidences: (F,) descending; right: (I, F); photo: (F,); truth: (N,) boxes."""

    confidences: Floats
    right: np.ndarray
    photo: Ints
    truth: Ints


def same_boxes(first: BoxTable, second: BoxTable) -> tuple[BoxTable, BoxTable]:
    """Return both tables with the photos that both may be compared on, in the order of the first; see `unseen`."""
    left_out = flattered(dealt_boxes(first), dealt_boxes(second))
    theirs = {photo.sha256: photo for photo in second.photos if photo.sha256 not in left_out}
    pairs = [(photo, theirs[photo.sha256]) for photo in first.photos if photo.sha256 in theirs]
    same = [(mine, other) for mine, other in pairs if _truth(mine, first) == _truth(other, second)]
    return (
        BoxTable(first.labels, tuple(mine for mine, _ in same)),
        BoxTable(second.labels, tuple(other for _, other in same)),
    )


def compare_boxes(first: BoxTable, second: BoxTable, thresholds: tuple[float, float]) -> dict[str, BoxDifference]:
    """Return the differences by name; tables as `same_boxes` gives them, thresholds: of each run."""
    if not first.photos:
        return {}
    runs = [_finds(table) for table in (first, second)]
    groups = _group_numbers(first.photos)
    rng = np.random.default_rng(SEED)
    whole = [_measure(run, np.ones(len(first.photos)), at) for run, at in zip(runs, thresholds, strict=True)]
    drawn = []
    for _ in range(RESAMPLES):
        picked = np.bincount(rng.integers(0, groups.max() + 1, groups.max() + 1), minlength=groups.max() + 1)
        weights = picked[groups].astype(np.float64)
        both = [_measure(run, weights, at) for run, at in zip(runs, thresholds, strict=True)]
        drawn.append(both[1] - both[0])
    before, after = whole
    found = {}
    for at, name in enumerate(NAMES):
        if np.isfinite(before[at]) and np.isfinite(after[at]):
            low, high = np.nanpercentile([one[at] for one in drawn], INTERVAL).tolist()
            found[name] = BoxDifference(float(before[at]), float(after[at]), float(after[at] - before[at]), low, high)
    return found


def changed_boxes(first: BoxTable, second: BoxTable, thresholds: tuple[float, float]) -> tuple[BoxChange, ...]:
    """Return the photos that were wholly right and are not now, then the other way round, by hash."""
    before, after = (
        {one.sha256: not (one.wrong or one.missed) for one in photo_counts(table, at)}
        for table, at in zip((first, second), thresholds, strict=True)
    )
    changed = [BoxChange(sha256, after[sha256]) for sha256 in before if before[sha256] != after[sha256]]
    return tuple(sorted(changed, key=lambda one: (one.now_right, one.sha256)))


def _truth(photo: PhotoBoxes, table: BoxTable) -> list[tuple[str, tuple[float, ...]]]:
    boxes = zip(photo.boxes.truth_labels.tolist(), photo.boxes.truth.tolist(), strict=True)
    return sorted((table.labels[label], tuple(corners)) for label, corners in boxes)


def _group_numbers(photos: Sequence[PhotoBoxes]) -> Ints:
    return np.unique([photo.group for photo in photos], return_inverse=True)[1].astype(np.int64)


def _finds(table: BoxTable) -> tuple[_Finds, ...]:
    finds = []
    for label in range(len(table.labels)):
        each = [match_boxes([boxes], label, IOUS) for boxes in table.boxes]
        confidences = np.concatenate([one.confidences for one in each])
        order = np.argsort(-confidences, kind="stable")
        photo = np.repeat(np.arange(len(each)), [len(one.confidences) for one in each])
        right = np.concatenate([one.right for one in each], axis=1)
        finds.append(
            _Finds(confidences[order], right[:, order], photo[order], np.array([one.truth for one in each], np.int64))
        )
    return tuple(finds)


def _measure(run: Sequence[_Finds], weights: Floats, threshold: float) -> Floats:
    """Return the scores of `NAMES`, each photo counted `weights` times; NaN where there is nothing to score."""
    right = sum(float((one.right[0] * weights[one.photo])[one.confidences >= threshold].sum()) for one in run)
    found = sum(float(weights[one.photo][one.confidences >= threshold].sum()) for one in run)
    truth = sum(float(one.truth @ weights) for one in run)
    averages = np.array([_averages(one, weights) for one in run if one.truth @ weights > 0])
    precision, recall = right / found if found else np.nan, right / truth if truth else np.nan
    both = (averages[:, 0].mean(), averages.mean()) if averages.size else (np.nan, np.nan)
    return np.array([precision, recall, *both])


def _averages(one: _Finds, weights: Floats) -> Floats:
    """Return (I,) average precisions. Source: pycocotools, COCOeval.accumulate, with photos counted several times."""
    share = weights[one.photo]
    rights = (one.right * share).cumsum(axis=1)
    found = share.cumsum()
    recall = rights / (one.truth @ weights)
    precision = rights / np.maximum(found, 1e-12)
    precision = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    where = [np.searchsorted(line, RECALLS, side="left") for line in recall]
    padded = np.pad(precision, ((0, 0), (0, 1)))
    return np.array([line[at].mean() for line, at in zip(padded, where, strict=True)])
