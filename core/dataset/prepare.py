"""A photo made ready for the library: decoded once, hashed, measured, described, its thumbnail made.

Called by imports and crawls, in several threads at once: nothing here touches the database or the storage.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

from core.dataset.duplicates import perceptual_hash
from core.dataset.ingest import read_photo
from core.dataset.quality import LONGEST_PX, measure_quality, reduce_pixels
from core.dataset.thumbnails import encode_thumbnail
from core.domain.photo import PhotoRecord, PhotoStatus

# The shorter side that the thumbnail, the hash and the measurements need; a large JPEG is decoded at a fraction of its
# size, but wholly: one that is cut off is refused.
NEED_PX = 320


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where photos come from, the same for all of an import. keep_position: store where EXIF says they were taken."""

    source: str
    page_url: str = ""
    author: str = ""
    licence: str = ""
    keep_position: bool = False


@dataclass(frozen=True, slots=True)
class PreparedPhoto:
    """All that will be stored of a photo. content: the original bytes, unchanged. thumbnail: WebP."""

    content: bytes
    thumbnail: bytes
    record: PhotoRecord


def prepare_photo(
    content: bytes, name: str, place_slug: str | None, provenance: Provenance, status: PhotoStatus
) -> PreparedPhoto:
    """Decode a photo and describe it.

    name: what its file was called, possibly with folders, of which the row keeps the last part.

    Raises:
        PhotoRefused: not a photo that is taken in.
    """
    photo = read_photo(content, need_px=NEED_PX)
    small = reduce_pixels(photo.pixels, LONGEST_PX)
    quality = measure_quality(small)
    record = PhotoRecord(
        sha256=photo.sha256,
        place_slug=place_slug,
        status=status,
        format=photo.format,
        width_px=photo.width_px,
        height_px=photo.height_px,
        size_bytes=photo.size_bytes,
        perceptual_hash=perceptual_hash(photo.pixels),
        original_name=own_name(name),
        source=provenance.source,
        page_url=provenance.page_url,
        author=provenance.author,
        licence=provenance.licence,
        taken_at=photo.taken_at,
        position=photo.position if provenance.keep_position else None,
        created_at=datetime.now(UTC),
        sharpness=quality.sharpness,
        brightness=quality.brightness,
    )
    return PreparedPhoto(content, encode_thumbnail(small), record)


def own_name(name: str) -> str:
    """Return the last part of a file's name, composed (NFC)."""
    return unicodedata.normalize("NFC", name.replace("\\", "/").rsplit("/", 1)[-1])
