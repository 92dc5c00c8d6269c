"""Which photos two runs may be held against each other on: the one rule, for pages and command line.

A photo counts where each run was judged on it by a model that had learned neither the photo nor one of its group, as
either run groups photos, and where both hold it to be of the same place. So runs of different snapshots can be compared
on what they share; where that is nothing, they are not comparable until one is evaluated on the other's data set (see
`evaluations`). Used by `compare` and `compare_boxes`.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.metrics.box_table import BoxTable, PhotoBoxes
from core.metrics.judged_photos import JudgedPhotos, Part

APART = -1  # the fold of a photo that no model of the run learned from
FOLD = "fold "  # begins the name of a detector's training that held the fold of this number out


@dataclass(frozen=True, slots=True)
class Dealt:
    """How a run's photos were dealt to its trainings, by hash. folds: see `APART`; groups: what belongs together."""

    folds: Mapping[str, int]
    groups: Mapping[str, str]


def unseen_photos(parts: Mapping[Part, JudgedPhotos], more: Sequence[JudgedPhotos] = ()) -> JudgedPhotos | None:
    """Return the photos that a classifier was judged on without having learned from them, each once; None for none.

    more: what it said when it was evaluated on other data sets.
    """
    found = [parts[Part.TEST]] if Part.TEST in parts else []
    found += [*more, *([parts[Part.HELD_OUT]] if Part.HELD_OUT in parts else [])]
    if not found:
        return None
    first, *others = found
    joined = replace(
        first,
        sha256s=tuple(sha256 for one in found for sha256 in one.sha256s),
        groups=tuple(group for one in found for group in one.groups),
        truth=np.concatenate([first.truth, *(one.truth for one in others)]),
        best=np.concatenate([first.best, *(one.best for one in others)]),
        decided=np.concatenate([first.decided, *(one.decided for one in others)]),
        probabilities=np.concatenate([first.probabilities, *(one.probabilities for one in others)]),
        acceptance=np.concatenate([first.acceptance, *(one.acceptance for one in others)]),
        folds=np.concatenate([first.folds, *(one.folds for one in others)]),
    )
    rows: dict[str, int] = {}
    for row, sha256 in enumerate(joined.sha256s):
        rows.setdefault(sha256, row)
    return joined.take([*rows.values()])


def unseen_boxes(table: BoxTable | None, more: Sequence[BoxTable] = ()) -> BoxTable | None:
    """Return the photos that a detector was judged on without having learned from them, each once; None for none."""
    tables = [one for one in (table, *more) if one is not None and one.photos]
    if not tables:
        return None
    found: dict[str, PhotoBoxes] = {}
    for photo in (photo for one in tables for photo in one.photos):
        found.setdefault(photo.sha256, photo)
    return BoxTable(tables[0].labels, tuple(found.values()))


def dealt_photos(photos: JudgedPhotos) -> Dealt:
    """Return how the photos of `unseen_photos` were dealt."""
    return Dealt(
        dict(zip(photos.sha256s, photos.folds.tolist(), strict=True)),
        dict(zip(photos.sha256s, photos.groups, strict=True)),
    )


def dealt_boxes(table: BoxTable) -> Dealt:
    """Return how the photos of `unseen_boxes` were dealt."""
    return Dealt(
        {photo.sha256: _fold(photo.part) for photo in table.photos},
        {photo.sha256: photo.group for photo in table.photos},
    )


def flattered(first: Dealt, second: Dealt) -> frozenset[str]:
    """Return the photos that a run was judged on by a model which had learned from what either run groups with them."""
    runs = (first, second)
    return frozenset().union(*(_learned_beside(run, other.groups) for run in runs for other in runs))


def _learned_beside(run: Dealt, groups: Mapping[str, str]) -> frozenset[str]:
    folds_in: defaultdict[str, set[int]] = defaultdict(set)
    for sha256, group in groups.items():
        folds_in[group].add(run.folds.get(sha256, APART))
    return frozenset(
        sha256
        for sha256, group in groups.items()
        if sha256 in run.folds and folds_in[group] - {run.folds[sha256], APART}
    )


def _fold(part: str) -> int:
    number = part.removeprefix(FOLD)
    return int(number) if part.startswith(FOLD) and number.isdecimal() else APART
