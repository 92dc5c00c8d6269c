"""A visitor's photo, given with consent: a copy without metadata goes to review, and can be taken back.

Called by the start page, and only after the visitor has ticked the box. The bytes that were uploaded are never kept:
what is stored is their pixels encoded afresh, so that no position, camera number, preview or comment comes along.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.dataset.derivative import encode_derivative
from core.dataset.duplicates import NEAR_DUPLICATE_BITS, hamming, perceptual_hash
from core.dataset.ingest import read_photo
from core.dataset.sniff import EXTENSIONS
from core.dataset.store import PhotoStore
from core.db.photos import PhotoRepository
from core.domain.photo import PhotoRecord, PhotoStatus
from core.errors import EodiError, NotFound

VISITOR = "visitor"  # the `source` of such photos
LONGEST_PX = 2048  # nine times the side of the classifier's input: room for crops and boxes, and 0.5 to 1 MB a photo
JPEG_QUALITY = 92


class Outcome(StrEnum):
    """What became of a contribution."""

    STORED = "stored"
    ALREADY_KNOWN = "already_known"


@dataclass(frozen=True, slots=True)
class Contribution:
    """A contribution: `record` is the stored copy, or the known photo that looks the same.

    Only a photo that was stored may be offered to be taken back: a known one may be somebody else's.
    """

    outcome: Outcome
    record: PhotoRecord


def contribute(
    content: bytes, suggested_slug: str | None, store: PhotoStore, photos: PhotoRepository, now: datetime
) -> Contribution:
    """Keep a copy of a visitor's photo for review, unless the library has it or one that looks the same.

    suggested_slug: what the photo shows, as far as the visitor or the answer said; "unknown", or None for unsorted.
    now: the moment of consent, with its time zone.

    Raises:
        PhotoRefused: the bytes are no photo that is taken in.
        NotFound: no such place.
        StorageUnavailable, DatabaseUnavailable: nothing was kept.
    """
    copy = encode_derivative(read_photo(content, need_px=LONGEST_PX), LONGEST_PX, JPEG_QUALITY)
    record = _describe(copy, suggested_slug, now)
    known = _lookalike(record, photos)
    if known is not None:
        return Contribution(Outcome.ALREADY_KNOWN, known)
    return Contribution(_keep(copy, record, store, photos), photos.get(record.sha256))


def withdraw(sha256: str, store: PhotoStore, photos: PhotoRepository) -> None:
    """Delete a contributed photo for good, whatever review made of it meanwhile.

    The file goes first: cut off in between, the row still names it, and a second call completes the work.

    Raises:
        NotFound: no visitor's photo has this hash.
        StorageUnavailable, DatabaseUnavailable: it is not wholly gone; call again.
    """
    record = photos.get(sha256)
    if record.source != VISITOR:
        raise NotFound("photo.not_found", sha256=sha256[:12])
    store.delete(sha256, EXTENSIONS[record.format])
    photos.delete(sha256)


def _describe(copy: bytes, place_slug: str | None, now: datetime) -> PhotoRecord:
    """Make the record of the stored copy from nothing but the copy itself."""
    stored = read_photo(copy)
    return PhotoRecord(
        sha256=hashlib.sha256(copy).hexdigest(),
        place_slug=place_slug,
        status=PhotoStatus.NEW,
        format=stored.format,
        width_px=stored.width_px,
        height_px=stored.height_px,
        size_bytes=len(copy),
        perceptual_hash=perceptual_hash(stored.pixels),
        source=VISITOR,
        consent_at=now,
        created_at=now,
    )


def _lookalike(record: PhotoRecord, photos: PhotoRepository) -> PhotoRecord | None:
    """Return the photo of the library that is the same or nearest to it within the limit of near-duplicates."""
    distances = ((hamming(known, record.perceptual_hash), sha256) for sha256, known, _ in photos.hashes() if known)
    nearest = min(distances, default=(NEAR_DUPLICATE_BITS + 1, ""))
    return photos.get(nearest[1]) if nearest[0] <= NEAR_DUPLICATE_BITS else None


def _keep(copy: bytes, record: PhotoRecord, store: PhotoStore, photos: PhotoRepository) -> Outcome:
    """Store the file, then the row; when the row fails the file goes again."""
    extension = EXTENSIONS[record.format]
    stood_there = store.exists(record.sha256, extension)
    store.put(copy, record.sha256, extension)
    try:
        added = photos.add(record)
    except BaseException:
        if not stood_there and not _is_listed(record.sha256, photos):
            store.delete(record.sha256, extension)
        raise
    return Outcome.STORED if added else Outcome.ALREADY_KNOWN


def _is_listed(sha256: str, photos: PhotoRepository) -> bool:
    """Whether a row names the photo: another process may have added the same one in this instant."""
    try:
        photos.get(sha256)
    except EodiError:
        return False
    return True
