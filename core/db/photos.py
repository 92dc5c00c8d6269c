"""The library's photos: one row each, keyed by the SHA-256 of the stored bytes.

`unknown` is a destination in review and not a place: such a photo has no place, and is marked. None is not sorted yet.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import Select, delete, false, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.db.columns import require_key
from core.db.engine import Database, rows_changed
from core.db.places import SLUG, UNKNOWN, check_position, require_place
from core.db.tables import HASH_LENGTH, PhotoRow
from core.domain.photo import PhotoRecord, PhotoStatus, Split
from core.domain.place import Position
from core.errors import InvalidInput, NotFound

SHA256 = re.compile(r"[0-9a-f]{64}")
PERCEPTUAL_HASH = re.compile(r"[0-9a-f]{16}|")
PAGE = 2_000  # rows read at a time by `hashes`: no session stays open while the caller works
KEYS_AT_ONCE = 500  # values in one IN list; SQLite before 3.32 allows 999
AnyPhotos = TypeVar("AnyPhotos", Select[PhotoRow], Select[int])
SAME_NAMED = (
    "format",
    "width_px",
    "height_px",
    "size_bytes",
    "perceptual_hash",
    "original_name",
    "source",
    "page_url",
    "author",
    "licence",
    "reject_reason",
    "group_id",
    "taken_at",
    "consent_at",
)


class PhotoRepository:
    """Reads and writes rows of photos; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, record: PhotoRecord) -> bool:
        """Add a photo; False when its bytes are known already, and then nothing changes.

        Raises:
            InvalidInput: a hash, group or position that is none.
            NotFound: no such place.
        """
        check_record(record)
        try:
            with self._database.session() as session:
                if session.get(PhotoRow, record.sha256) is not None:
                    return False
                session.add(_new_row(session, record))
        except IntegrityError:
            with self._database.reading() as session:
                if session.get(PhotoRow, record.sha256) is not None:  # another process was faster
                    return False
            raise
        return True

    def get(self, sha256: str) -> PhotoRecord:
        """Return a photo's record.

        Raises:
            NotFound: no such photo.
        """
        with self._database.reading() as session:
            return record_from_row(_require(session, sha256))

    def list(
        self, place_slug: str | None = None, status: PhotoStatus | None = None, limit: int = 100, offset: int = 0
    ) -> tuple[PhotoRecord, ...]:
        """Return photos in the order of their arrival; None means any, "unknown" those of no known place."""
        query = _filtered(select(PhotoRow), place_slug, status)
        query = query.order_by(PhotoRow.created_at, PhotoRow.sha256).limit(limit).offset(offset)
        with self._database.reading() as session:
            return tuple(record_from_row(row) for row in session.scalars(query))

    def count(self, place_slug: str | None = None, status: PhotoStatus | None = None) -> int:
        """Return how many photos `list` would go through."""
        query = _filtered(select(func.count()).select_from(PhotoRow), place_slug, status)
        with self._database.reading() as session:
            return session.scalars(query).one()

    def set_status(self, sha256: str, status: PhotoStatus, reject_reason: str = "") -> PhotoRecord:
        """Accept, reject with a reason, or set aside; the reason of an earlier rejection goes.

        Raises:
            NotFound: no such photo.
        """
        with self._database.session() as session:
            row = _require(session, sha256)
            row.status = PhotoStatus(status).value
            row.reject_reason = reject_reason
            return record_from_row(row)

    def move(self, sha256: str, place_slug: str | None) -> PhotoRecord:
        """Sort a photo to a place, to "unknown", or back to unsorted by None.

        Raises:
            NotFound: no such photo or place.
        """
        with self._database.session() as session:
            row = _require(session, sha256)
            _send(session, row, place_slug)
            return record_from_row(row)

    def set_group(self, sha256s: Sequence[str], group_id: str) -> int:
        """Put photos in one group and return how many there were; "" takes them out."""
        return self._set(sha256s, group_id=require_key(group_id, "group_id", 64))

    def set_split(self, sha256s: Sequence[str], split: Split | None) -> int:
        """Note the part of the data that photos belong to, and return how many there were."""
        return self._set(sha256s, split=split.value if split else None)

    def hashes(self) -> Iterator[tuple[str, str, str]]:
        """Yield (sha256, perceptual hash, group) of every photo, by sha256."""
        last = ""
        columns = select(PhotoRow.sha256, PhotoRow.perceptual_hash, PhotoRow.group_id).order_by(PhotoRow.sha256)
        while True:
            with self._database.reading() as session:
                page = session.execute(columns.where(PhotoRow.sha256 > last).limit(PAGE)).all()
            yield from ((sha256, perceptual_hash, group_id) for sha256, perceptual_hash, group_id in page)
            if len(page) < PAGE:
                return
            last = page[-1][0]

    def delete(self, sha256: str) -> bool:
        """Delete a photo's row; False when there is none."""
        if not SHA256.fullmatch(sha256):
            return False
        with self._database.session() as session:
            return rows_changed(session.execute(delete(PhotoRow).where(PhotoRow.sha256 == sha256))) > 0

    def _set(self, sha256s: Sequence[str], **values: str | None) -> int:
        keys = [sha256 for sha256 in sha256s if SHA256.fullmatch(sha256)]
        changed = 0
        with self._database.session() as session:
            for start in range(0, len(keys), KEYS_AT_ONCE):
                those = PhotoRow.sha256.in_(keys[start : start + KEYS_AT_ONCE])
                changed += rows_changed(session.execute(update(PhotoRow).where(those).values(**values)))
        return changed


def check_record(record: PhotoRecord) -> None:
    """Make sure that a record can be stored.

    Raises:
        InvalidInput: a hash, format, group or position that is none.
    """
    if not SHA256.fullmatch(record.sha256) or not PERCEPTUAL_HASH.fullmatch(record.perceptual_hash):
        raise InvalidInput("photo.hash")
    require_key(record.format, "format", 16)
    require_key(record.group_id, "group_id", HASH_LENGTH)
    check_position(record.position)


def record_from_row(row: PhotoRow) -> PhotoRecord:
    """Make the domain's record of a row."""
    position = None
    if row.latitude is not None and row.longitude is not None:
        position = Position(row.latitude, row.longitude)
    return PhotoRecord(
        sha256=row.sha256,
        place_slug=UNKNOWN if row.is_unknown else row.place_slug,
        status=PhotoStatus(row.status),
        split=Split(row.split) if row.split else None,
        position=position,
        created_at=row.created_at,
        **{name: getattr(row, name) for name in SAME_NAMED},
    )


def _new_row(session: Session, record: PhotoRecord) -> PhotoRow:
    row = PhotoRow(sha256=record.sha256, **{name: getattr(record, name) for name in SAME_NAMED})
    row.status = record.status.value
    row.split = record.split.value if record.split else None
    row.latitude = record.position.latitude if record.position else None
    row.longitude = record.position.longitude if record.position else None
    row.created_at = record.created_at or datetime.now(UTC)
    _send(session, row, record.place_slug)
    return row


def _send(session: Session, row: PhotoRow, place_slug: str | None) -> None:
    row.is_unknown = place_slug == UNKNOWN
    row.place_slug = None if place_slug is None or row.is_unknown else require_place(session, place_slug).slug


def _require(session: Session, sha256: str) -> PhotoRow:
    row = session.get(PhotoRow, sha256) if SHA256.fullmatch(sha256) else None
    if row is None:
        raise NotFound("photo.not_found", sha256=sha256[:12])
    return row


def _filtered(query: AnyPhotos, place_slug: str | None, status: PhotoStatus | None) -> AnyPhotos:
    if place_slug == UNKNOWN:
        query = query.where(PhotoRow.is_unknown.is_(True))
    elif place_slug is not None:
        # MySQL compares an ASCII column with nothing but ASCII, so what cannot be a slug is not asked for.
        query = query.where(PhotoRow.place_slug == place_slug if SLUG.fullmatch(place_slug) else false())
    return query if status is None else query.where(PhotoRow.status == PhotoStatus(status).value)
