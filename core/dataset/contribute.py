"""A visitor's photo, given with consent: a copy without metadata goes to review, and can be taken back.

Called by the start page, and only after the visitor has ticked the box. The bytes that were uploaded are never kept:
what is stored is their pixels encoded afresh, so that no position, camera number, preview or comment comes along.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from core.dataset.derivative import encode_derivative
from core.dataset.hash_index import HashIndex
from core.dataset.ingest import read_photo
from core.dataset.keep import Outcome, is_placed, keep_photos, remove_unlisted
from core.dataset.library import Library
from core.dataset.prepare import PreparedPhoto, Provenance, prepare_photo
from core.dataset.removal import delete_photo
from core.domain.library import PhotoAction
from core.domain.photo import PhotoRecord, PhotoStatus
from core.errors import NotFound

VISITOR = "visitor"  # the `source` of such photos
LONGEST_PX = 2048  # nine times the side of the classifier's input: room for crops and boxes, and 0.5 to 1 MB a photo
JPEG_QUALITY = 92


@dataclass(frozen=True, slots=True)
class Contribution:
    """A contribution: `record` is the stored copy, or the known photo that looks the same.

    Only a photo that was stored may be offered to be taken back: a known one may be somebody else's.
    """

    outcome: Outcome
    record: PhotoRecord


def contribute(content: bytes, suggested_slug: str | None, library: Library, now: datetime) -> Contribution:
    """Keep a copy of a visitor's photo for review, unless the library has it or one that looks the same.

    suggested_slug: what the photo shows, as far as the visitor or the answer said; "unknown", or None for unsorted.
    now: the moment of consent, with its time zone.

    Raises:
        PhotoRefused: the bytes are no photo that is taken in.
        NotFound: no such place.
        StorageUnavailable, DatabaseUnavailable: nothing was kept.
    """
    copy = encode_derivative(read_photo(content, need_px=LONGEST_PX), LONGEST_PX, JPEG_QUALITY)
    prepared = prepare_photo(copy, "", suggested_slug, Provenance(VISITOR), PhotoStatus.NEW)
    record = replace(prepared.record, consent_at=now, created_at=now)
    known = _lookalike(record, library)
    if known is not None:
        return Contribution(Outcome.ALREADY_KNOWN, known)
    outcome = _keep(replace(prepared, record=record), library)
    return Contribution(outcome, library.photos.get(record.sha256))


def withdraw(sha256: str, library: Library) -> None:
    """Delete a contributed photo for good, whatever review made of it meanwhile: file, thumbnail, row, history.

    Raises:
        NotFound: no visitor's photo has this hash.
        StorageUnavailable, DatabaseUnavailable: it is not wholly gone; call again.
    """
    record = library.photos.get(sha256)
    if record.source != VISITOR:
        raise NotFound("photo.not_found", sha256=sha256[:12])
    delete_photo(record, library)


def _lookalike(record: PhotoRecord, library: Library) -> PhotoRecord | None:
    """Return the photo of the library that is the same or nearest to it within the limit of near-duplicates."""
    index = HashIndex()
    index.load((sha256, looks) for sha256, looks, _ in library.photos.hashes())
    nearest = index.nearest(record.perceptual_hash)
    return library.photos.get(nearest) if nearest else None


def _keep(photo: PreparedPhoto, library: Library) -> Outcome:
    """Store it; whatever fails, no file of a visitor's photo is left that no row names."""
    stood_there = is_placed(photo.record.sha256, photo.record.format, library)
    try:
        added = keep_photos([photo], library, PhotoAction.CONTRIBUTED, VISITOR)
    except BaseException:
        if not stood_there:
            remove_unlisted([photo.record], library)
        raise
    return Outcome.STORED if added else Outcome.ALREADY_KNOWN
