"""Frozen data sets: written once, never changed, one of each fingerprint."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.db.columns import require_key
from core.db.engine import Database, restarted
from core.db.photo_rows import SHA256
from core.db.tables import HASH_LENGTH, SnapshotPhotoRow, SnapshotRow
from core.domain.library import Snapshot, SnapshotBox, SnapshotPhoto
from core.domain.photo import Split
from core.errors import Conflict, InvalidInput, NotFound


class SnapshotRepository:
    """Reads and writes snapshots; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @restarted
    def add(self, snapshot: Snapshot, photos: Sequence[SnapshotPhoto]) -> None:
        """Store a snapshot with all of its photos, or nothing.

        Raises:
            InvalidInput: a name, fingerprint or hash that is none, or a number of photos that is not theirs.
            Conflict: its name or its fingerprint is there already.
        """
        _check(snapshot, photos)
        try:
            with self._database.session() as session:
                session.add(_row(snapshot))
                session.flush()
                if photos:
                    rows = [_photo_values(snapshot.snapshot_id, photo) for photo in photos]
                    # A photo without a decision has the JSON null, which a bulk insert would otherwise leave out.
                    session.execute(insert(SnapshotPhotoRow).execution_options(render_nulls=True), rows)
        except IntegrityError as reason:
            raise Conflict("snapshot.exists", snapshot_id=snapshot.snapshot_id) from reason

    def list(self) -> tuple[Snapshot, ...]:
        """Return the snapshots, newest first."""
        query = select(SnapshotRow).order_by(SnapshotRow.created_at.desc(), SnapshotRow.snapshot_id.desc())
        with self._database.reading() as session:
            return tuple(_snapshot(row) for row in session.scalars(query))

    def get(self, snapshot_id: str) -> Snapshot:
        """Return a snapshot.

        Raises:
            NotFound: no such snapshot.
        """
        with self._database.reading() as session:
            return _snapshot(_require(session, snapshot_id))

    def photos(self, snapshot_id: str) -> tuple[SnapshotPhoto, ...]:
        """Return the photos of a snapshot, by hash; also those that are deleted since.

        Raises:
            NotFound: no such snapshot.
        """
        with self._database.reading() as session:
            _require(session, snapshot_id)
            theirs = select(SnapshotPhotoRow).where(SnapshotPhotoRow.snapshot_id == snapshot_id)
            return tuple(_photo(row) for row in session.scalars(theirs.order_by(SnapshotPhotoRow.sha256)))

    def find_by_fingerprint(self, fingerprint: str) -> Snapshot | None:
        """Return the snapshot of this data; None when it was never frozen."""
        if not fingerprint.isascii():
            return None
        with self._database.reading() as session:
            row = session.scalars(select(SnapshotRow).where(SnapshotRow.fingerprint == fingerprint)).one_or_none()
            return _snapshot(row) if row else None


def _check(snapshot: Snapshot, photos: Sequence[SnapshotPhoto]) -> None:
    require_key(snapshot.snapshot_id, "snapshot_id", 64)
    require_key(snapshot.fingerprint, "fingerprint", HASH_LENGTH)
    if not all(SHA256.fullmatch(photo.sha256) for photo in photos):
        raise InvalidInput("photo.hash")
    for photo in photos:
        require_key(photo.group_id, "group_id", 64)
    if len({photo.sha256 for photo in photos}) != snapshot.photos:
        raise InvalidInput("snapshot.count", said=snapshot.photos, photos=len(photos))


def _require(session: Session, snapshot_id: str) -> SnapshotRow:
    row = session.get(SnapshotRow, snapshot_id) if snapshot_id.isascii() else None
    if row is None:
        raise NotFound("snapshot.not_found", snapshot_id=snapshot_id[:64])
    return row


def _row(snapshot: Snapshot) -> SnapshotRow:
    return SnapshotRow(
        snapshot_id=snapshot.snapshot_id,
        created_at=snapshot.created_at,
        fingerprint=snapshot.fingerprint,
        photo_count=snapshot.photos,
        group_count=snapshot.groups,
        box_count=snapshot.boxes,
        counts=dict(snapshot.counts),
        note=snapshot.note,
    )


def _snapshot(row: SnapshotRow) -> Snapshot:
    return Snapshot(
        snapshot_id=row.snapshot_id,
        created_at=row.created_at,
        fingerprint=row.fingerprint,
        photos=row.photo_count,
        groups=row.group_count,
        boxes=row.box_count,
        counts=dict(row.counts),
        note=row.note,
    )


def _photo_values(snapshot_id: str, photo: SnapshotPhoto) -> dict[str, Any]:
    boxes = None
    if photo.boxes is not None:
        boxes = [{"label_id": box.label_id, "label": box.label, "xyxyn": list(box.xyxyn)} for box in photo.boxes]
    return {
        "snapshot_id": snapshot_id,
        "sha256": photo.sha256,
        "format": photo.format,
        "place_slug": photo.place_slug,
        "group_id": photo.group_id,
        "split": photo.split.value if photo.split else None,
        "boxes": boxes,
    }


def _photo(row: SnapshotPhotoRow) -> SnapshotPhoto:
    boxes = None
    if row.boxes is not None:
        boxes = tuple(SnapshotBox(box["label_id"], box["label"], tuple(box["xyxyn"])) for box in row.boxes)
    split = Split(row.split) if row.split else None
    return SnapshotPhoto(row.sha256, row.format, row.place_slug, row.group_id, split, boxes)
