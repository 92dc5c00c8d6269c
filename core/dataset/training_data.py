"""What a training would learn from: the counts of a data set, and what came since an earlier one.

Data sets are sequences of `SnapshotPhoto`: of a snapshot, or the library as it would be frozen now. Called by the page
that starts trainings.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.dataset.groups import read_records
from core.dataset.snapshots import BoxesOf, frozen_photos
from core.dataset.splits import is_data
from core.db.photos import PhotoRepository
from core.domain.library import SnapshotPhoto
from core.domain.photo import Split


@dataclass(frozen=True, slots=True)
class DataCounts:
    """Counts of a data set.

    strangers: photos of no known place. leaks: groups of which a part is for testing and a part is not. boxed: photos
    with boxes; empty: photos that a detector may learn from and that show none. fixed: every boxed photo has a split.
    """

    photos: int
    places: int
    strangers: int
    leaks: int
    boxes: int
    boxed: int
    empty: int
    fixed: bool

    def learned_boxes(self, backgrounds: float) -> int:
        """Return how many photos a detector learns from. backgrounds: at most so many without a box, as a share."""
        return self.boxed + min(self.empty, round(backgrounds * self.boxed))


def count_data(photos: Sequence[SnapshotPhoto]) -> DataCounts:
    """Count a data set."""
    boxed = [photo for photo in photos if photo.boxes]
    open_to_detectors = [photo for photo in photos if photo.boxes is not None or photo.place_slug is None]
    return DataCounts(
        photos=len(photos),
        places=len({photo.place_slug for photo in photos} - {None}),
        strangers=sum(photo.place_slug is None for photo in photos),
        leaks=_torn_groups(photos),
        boxes=sum(len(photo.boxes or ()) for photo in boxed),
        boxed=len(boxed),
        empty=len(open_to_detectors) - len(boxed),
        fixed=bool(boxed) and all(photo.split is not None for photo in boxed),
    )


def library_data(photos: PhotoRepository, boxes_of: BoxesOf) -> tuple[SnapshotPhoto, ...]:
    """Return the photos that would be frozen now; groups and splits are those of the last time."""
    return frozen_photos([record for record in read_records(photos) if is_data(record)], boxes_of)


def new_photos(now: Sequence[SnapshotPhoto], learned: Iterable[str]) -> tuple[str, ...]:
    """Return the hashes of photos that are not among those that were learned from."""
    known = set(learned)
    return tuple(photo.sha256 for photo in now if photo.sha256 not in known)


def newly_boxed(now: Sequence[SnapshotPhoto], then: Iterable[SnapshotPhoto]) -> tuple[str, ...]:
    """Return the hashes of photos whose boxes somebody decided about, or changed, since `then`."""
    before = {photo.sha256: photo.boxes for photo in then}
    return tuple(photo.sha256 for photo in now if photo.boxes is not None and photo.boxes != before.get(photo.sha256))


def _torn_groups(photos: Sequence[SnapshotPhoto]) -> int:
    sides = defaultdict(set)
    for photo in photos:
        if photo.group_id:
            sides[photo.group_id].add(photo.split is Split.TEST)
    return sum(len(found) > 1 for found in sides.values())
