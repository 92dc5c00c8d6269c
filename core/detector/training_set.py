"""The photos of a detector's training: with boxes, without any, and who is held out from whom. Called by `train`.

Backgrounds are photos on which a person found nothing to draw, and some of no known place: a detector that never sees
such finds its parts everywhere. What is held out goes by group, as everywhere.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.dataset.folds import grouped_folds
from core.detector.config import DetectorConfig
from core.domain.library import SnapshotBox
from core.domain.photo import Split
from core.errors import InvalidInput

SHIPS = "all"
FOLDS = 5
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BoxedPhoto:
    """A photo of a snapshot as a file. boxes: empty for one that shows no part. place_slug: None for no known place."""

    path: Path
    sha256: str
    group: str
    place_slug: str | None
    split: Split | None
    boxes: tuple[SnapshotBox, ...]


@dataclass(frozen=True, slots=True)
class TrainingPart:
    """One training: its name, and indices of the photos that it learns from, watches, and is judged by.

    keeps_best: the best epoch on the watched photos ships, else the last one; then nothing was chosen by what judges.
    """

    name: str
    learned: Ints
    watched: Ints
    judged: Ints
    keeps_best: bool


@dataclass(frozen=True, slots=True)
class BoxSet:
    """What a training is made from. photos: those that take part; strangers: of no known place, left for judging.

    label_ids, labels: numbers and slugs of the C parts, in the order of the outputs.
    """

    photos: tuple[BoxedPhoto, ...]
    strangers: tuple[BoxedPhoto, ...]
    label_ids: tuple[int, ...]
    labels: tuple[str, ...]
    parts: tuple[TrainingPart, ...]

    @property
    def fingerprint(self) -> str:
        """A hash of the photos with their boxes, groups and parts."""
        lines = sorted(f"{p.sha256} {p.group} {p.split} {p.boxes}" for p in self.photos)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    @property
    def box_count(self) -> int:
        """Boxes on the photos that take part."""
        return sum(len(photo.boxes) for photo in self.photos)

    def column(self, box: SnapshotBox) -> int:
        """Return the output that stands for a box's label."""
        return self.label_ids.index(box.label_id)


def arrange(photos: Sequence[BoxedPhoto], config: DetectorConfig) -> BoxSet:
    """Choose backgrounds, order the labels, and divide the photos into trainings.

    Raises:
        InvalidInput: code "detector.no_boxes"; not one photo has a box. "detector.few_groups"; there are fewer groups
            than folds.
    """
    boxed = [photo for photo in photos if photo.boxes]
    if not boxed:
        raise InvalidInput("detector.no_boxes")
    empty = sorted((photo for photo in photos if not photo.boxes), key=_background_order)
    room = round(config.backgrounds * len(boxed))
    chosen = (*boxed, *empty[:room])
    names = {box.label_id: box.label for photo in boxed for box in photo.boxes}
    label_ids = tuple(sorted(names))
    left = tuple(photo for photo in empty[room:] if photo.place_slug is None)
    slugs = tuple(names[label_id] for label_id in label_ids)
    return BoxSet(chosen, left, label_ids, slugs, _divide(chosen, label_ids, config))


def _background_order(photo: BoxedPhoto) -> tuple[bool, str]:
    """A person's "nothing here" first, then strangers in an order that has nothing to do with what they show."""
    return photo.place_slug is None, photo.sha256


def _divide(photos: Sequence[BoxedPhoto], label_ids: Sequence[int], config: DetectorConfig) -> tuple[TrainingPart, ...]:
    splits = np.array([photo.split.value if photo.split else "" for photo in photos])
    everyone = np.arange(len(photos))
    tested = everyone[splits == Split.TEST.value]
    open_to_all = everyone[splits != Split.TEST.value]
    fixed = all(photo.split is not None for photo in photos if photo.boxes)
    watched = everyone[splits == Split.VALIDATION.value]
    if fixed and len(tested) and len(watched) and config.folds is None:
        learned = np.setdiff1d(open_to_all, watched)
        return (TrainingPart(SHIPS, learned, watched, tested, keeps_best=True),)
    ships = TrainingPart(SHIPS, open_to_all, open_to_all, tested, keeps_best=False)
    count = FOLDS if config.folds is None else config.folds
    if not count:
        return (ships,)
    folds = _folds([photos[index] for index in open_to_all], label_ids, count, config.seed)
    held_out = (open_to_all[folds == fold] for fold in range(count))
    parts = (
        TrainingPart(f"fold {fold}", np.setdiff1d(open_to_all, out), out, out, keeps_best=False)
        for fold, out in enumerate(held_out)
    )
    return (*parts, ships)


def _folds(photos: Sequence[BoxedPhoto], label_ids: Sequence[int], count: int, seed: int) -> Ints:
    labels = [label_ids.index(photo.boxes[0].label_id) if photo.boxes else len(label_ids) for photo in photos]
    groups = [photo.group for photo in photos]
    if len(set(groups)) < count:
        raise InvalidInput("detector.few_groups", groups=len(set(groups)), folds=count)
    return np.array(grouped_folds(labels, groups, count, seed), np.int64)
