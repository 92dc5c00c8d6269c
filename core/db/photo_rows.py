"""A photo's row to and from the domain's record. Called by the repositories of photos, reviews and opinions."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db.columns import require_key
from core.db.places import UNKNOWN, check_position, require_place
from core.db.tables import HASH_LENGTH, PhotoRow
from core.domain.photo import PhotoRecord, PhotoStatus, Split
from core.domain.place import Position
from core.errors import InvalidInput, NotFound

SHA256 = re.compile(r"[0-9a-f]{64}")
PERCEPTUAL_HASH = re.compile(r"[0-9a-f]{16}|")
KEYS_AT_ONCE = 500  # values in one IN list; SQLite before 3.32 allows 999
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
    "sharpness",
    "brightness",
    "look_id",
)


def in_batches(sha256s: Iterable[str], at_once: int = KEYS_AT_ONCE) -> Iterator[list[str]]:
    """Yield what can be a photo's key, each once and sorted, so many at once as a statement takes.

    Sorted, so that two who lock the same rows do so in the same order.
    """
    keys = sorted({sha256 for sha256 in sha256s if SHA256.fullmatch(sha256)})
    for start in range(0, len(keys), at_once):
        yield keys[start : start + at_once]


def records_of(session: Session, sha256s: Sequence[str]) -> tuple[PhotoRecord, ...]:
    """Return the records of keys in their order; those that are not there are left out."""
    found: dict[str, PhotoRecord] = {}
    for keys in in_batches(sha256s):
        rows = session.scalars(select(PhotoRow).where(PhotoRow.sha256.in_(keys)))
        found.update((row.sha256, record_from_row(row)) for row in rows)
    return tuple(found[sha256] for sha256 in dict.fromkeys(sha256s) if sha256 in found)


def check_record(record: PhotoRecord) -> None:
    """Make sure that a record can be stored.

    Raises:
        InvalidInput: a hash, format, group, look or position that is none.
    """
    if not SHA256.fullmatch(record.sha256) or not PERCEPTUAL_HASH.fullmatch(record.perceptual_hash):
        raise InvalidInput("photo.hash")
    require_key(record.format, "format", 16)
    require_key(record.group_id, "group_id", HASH_LENGTH)
    require_key(record.look_id, "look_id", HASH_LENGTH)
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


def new_row(session: Session, record: PhotoRecord) -> PhotoRow:
    """Make a row of a record.

    Raises:
        NotFound: no such place.
    """
    row = PhotoRow(sha256=record.sha256, **{name: getattr(record, name) for name in SAME_NAMED})
    row.status = record.status.value
    row.split = record.split.value if record.split else None
    row.latitude = record.position.latitude if record.position else None
    row.longitude = record.position.longitude if record.position else None
    row.created_at = record.created_at or datetime.now(UTC)
    for name, value in destination(session, record.place_slug).items():
        setattr(row, name, value)
    return row


def destination(session: Session, place_slug: str | None) -> dict[str, str | bool | None]:
    """Return the columns' values that send a photo to a place, to "unknown", or back to unsorted by None.

    The place stays until the transaction ends: nobody can remove it in between.

    Raises:
        NotFound: no such place.
    """
    if place_slug is None or place_slug == UNKNOWN:
        return {"place_slug": None, "is_unknown": place_slug == UNKNOWN}
    return {"place_slug": require_place(session, place_slug, lock={"read": True}).slug, "is_unknown": False}


def require_photo(session: Session, sha256: str) -> PhotoRow:
    """Return the row of a photo.

    Raises:
        NotFound: no such photo.
    """
    row = session.get(PhotoRow, sha256) if SHA256.fullmatch(sha256) else None
    if row is None:
        raise NotFound("photo.not_found", sha256=sha256[:12])
    return row
