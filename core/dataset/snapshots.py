"""Frozen data sets: which photos, of which place, in which group and part, with which boxes; equal data, one snapshot.

`freeze_snapshot` groups and splits first, and counts leaks last, by code of its own. `materialise` gives a snapshot's
photos to a training. Called by the command line (`snapshots freeze`, `train`) and the snapshots page's job.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from core.dataset.folder import UNKNOWN_FOLDER, FolderPhoto
from core.dataset.groups import read_records, regroup
from core.dataset.leaks import count_leaks
from core.dataset.sniff import EXTENSIONS
from core.dataset.splits import assign_splits, count_splits, is_data
from core.dataset.store import PhotoStore
from core.db.boxes import BoxRepository
from core.db.labels import LabelRepository
from core.db.photos import PhotoRepository
from core.db.review import ReviewRepository
from core.db.snapshots import SnapshotRepository
from core.domain.label import LabelDecision, PhotoLabels
from core.domain.library import Snapshot, SnapshotBox, SnapshotPhoto
from core.domain.photo import PhotoRecord
from core.errors import Conflict, InvalidInput, NotFound

BoxesOf = Callable[[Sequence[str]], Mapping[str, tuple[SnapshotBox, ...] | None]]


def no_boxes(sha256s: Sequence[str]) -> Mapping[str, tuple[SnapshotBox, ...] | None]:
    """Freeze a data set without boxes."""
    return {}


def boxes_from(boxes: BoxRepository, labels: LabelRepository) -> BoxesOf:
    """Return what reads the boxes of photos that somebody called done; None for one that nobody decided about."""

    def read(sha256s: Sequence[str]) -> Mapping[str, tuple[SnapshotBox, ...] | None]:
        slugs = {label.label_id: label.slug for label in labels.list(include_retired=True)}
        return {sha256: _frozen_boxes(found, slugs) for sha256, found in boxes.get_many(sha256s).items()}

    return read


def freeze_snapshot(
    photos: PhotoRepository,
    snapshots: SnapshotRepository,
    boxes_of: BoxesOf = no_boxes,
    note: str = "",
    *,
    review: ReviewRepository,
) -> Snapshot:
    """Freeze all accepted photos, or return the snapshot that holds the very same data already.

    Photos that would tear a wall down between splits are set aside first, see `groups`; what is unsorted is left out.

    Args:
        photos: rows of the library; groups and splits are brought up to date.
        snapshots: where it is kept.
        boxes_of: gives the boxes of photos by hash; a photo that it leaves out is undecided.
        note: a person's words; those of a snapshot that stands already stay as they are.
        review: sets photos aside.

    Raises:
        InvalidInput: code "snapshot.empty"; no photo is accepted and sorted.
        Conflict: code "snapshot.leaks"; photos that belong together stand on two sides. Review changed something
            meanwhile; try again.
    """
    regroup(photos, review)
    assign_splits(photos)
    # What was accepted since has no group yet, and waits for the next snapshot.
    records = [record for record in read_records(photos) if is_data(record) and record.group_id]
    if not records:
        raise InvalidInput("snapshot.empty")
    if leaks := count_leaks(records):
        raise Conflict("snapshot.leaks", pairs=leaks)
    return _keep(frozen_photos(records, boxes_of), snapshots, note)


def materialise(
    snapshot_id: str, snapshots: SnapshotRepository, store: PhotoStore, folder: Path
) -> tuple[FolderPhoto, ...]:
    """Return a snapshot's photos as files, with group and split, for a training that only reads them.

    They are files of the library where that is a folder, and are fetched to `folder` from anywhere else. A photo that
    was deleted since is named all the same; reading it will say that it cannot be read.

    Raises:
        NotFound: no such snapshot.
        StorageUnavailable: photos cannot be read.
    """
    snapshots.get(snapshot_id)
    return tuple(_placed(photo, store, folder) for photo in snapshots.photos(snapshot_id))


def fingerprint_of(photos: Sequence[SnapshotPhoto]) -> str:
    """Return a SHA-256 over photos, places, groups, splits and boxes, in whichever order they come."""
    lines = sorted(json.dumps(_content(photo), ensure_ascii=True) for photo in photos)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _content(photo: SnapshotPhoto) -> list[object]:
    boxes = photo.boxes
    plain = None if boxes is None else sorted([box.label, box.label_id, *map(repr, box.xyxyn)] for box in boxes)
    return [photo.sha256, photo.place_slug, photo.group_id, photo.split.value if photo.split else None, plain]


def frozen_photos(records: Sequence[PhotoRecord], boxes_of: BoxesOf) -> tuple[SnapshotPhoto, ...]:
    """Return photos as a snapshot holds them, with the boxes that they have now."""
    boxes = boxes_of([record.sha256 for record in records])
    return tuple(
        SnapshotPhoto(
            sha256=record.sha256,
            format=record.format,
            place_slug=None if record.place_slug == UNKNOWN_FOLDER else record.place_slug,
            group_id=record.group_id,
            split=record.split,
            boxes=boxes.get(record.sha256),
        )
        for record in records
    )


def _keep(photos: tuple[SnapshotPhoto, ...], snapshots: SnapshotRepository, note: str) -> Snapshot:
    """Store a snapshot of these photos, or return the one that the database holds of them: one of each fingerprint."""
    fingerprint, now = fingerprint_of(photos), datetime.now(UTC)
    snapshot = Snapshot(
        snapshot_id=f"snapshot-{now:%Y%m%d-%H%M%S}-{fingerprint[:6]}",
        created_at=now,
        fingerprint=fingerprint,
        photos=len(photos),
        groups=len({photo.group_id for photo in photos}),
        boxes=sum(len(photo.boxes or ()) for photo in photos),
        counts=count_splits((photo.place_slug or UNKNOWN_FOLDER, photo.split) for photo in photos),
        note=note,
    )
    try:
        snapshots.add(snapshot, photos)
    except Conflict:  # frozen before, or by somebody else in this instant
        standing = snapshots.find_by_fingerprint(fingerprint)
        if standing is None:
            raise
        return standing
    return snapshot


def _frozen_boxes(found: PhotoLabels, slugs: Mapping[int, str]) -> tuple[SnapshotBox, ...] | None:
    if found.decision is LabelDecision.OPEN:
        return None
    if found.decision is LabelDecision.NOTHING_HERE:
        return ()
    return tuple(SnapshotBox(box.label_id, slugs[box.label_id], box.xyxyn) for box in found.boxes)


def _placed(photo: SnapshotPhoto, store: PhotoStore, folder: Path) -> FolderPhoto:
    """Return a photo where it lies, or fetch it; one that is gone is named where it would be."""
    extension = EXTENSIONS[photo.format]
    path = store.local_path(photo.sha256, extension)
    if path is None:
        path = folder / (photo.place_slug or UNKNOWN_FOLDER) / f"{photo.sha256}.{extension}"
        with suppress(NotFound):
            content = store.get(photo.sha256, extension)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return FolderPhoto(path, photo.place_slug, photo.group_id, photo.split)
