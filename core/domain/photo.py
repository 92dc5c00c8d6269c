"""A photo in memory, and a photo as the library's catalogue knows it.

`Photo` comes out of `core/dataset/ingest`, the one door; `PhotoRecord` is a row of `core/db`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from core.domain.place import Position


class PhotoNote(StrEnum):
    """Something about a photo worth telling whoever brought it."""

    ANIMATED = "animated"  # only the first frame was read
    REDUCED = "reduced"  # decoded below its own size, as nothing needs more


@dataclass(frozen=True, slots=True)
class Photo:
    """A decoded photo: upright, RGB, without metadata; position and time are separate facts, never part of a score.

    pixels: (H, W, 3) uint8, upright; H and W may be smaller than the photo's own size.
    width_px, height_px: the photo's own size, upright.
    sha256: hexadecimal hash of the original bytes.
    """

    pixels: npt.NDArray[np.uint8]
    width_px: int
    height_px: int
    format: str
    sha256: str
    size_bytes: int
    taken_at: datetime | None = None
    position: Position | None = None
    notes: tuple[PhotoNote, ...] = ()

    def __eq__(self, other: object) -> bool:
        """Compare by the original bytes; arrays have no single truth."""
        return isinstance(other, Photo) and other.sha256 == self.sha256

    def __hash__(self) -> int:
        """Hash by the original bytes."""
        return hash(self.sha256)


class PhotoStatus(StrEnum):
    """Where a photo stands in review."""

    NEW = "new"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SET_ASIDE = "set_aside"


class Split(StrEnum):
    """The part of the data that a photo belongs to for good; groups never straddle splits."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """A photo of the library: what it is, where it came from, where it stands.

    sha256: the key; hash of the stored original bytes. perceptual_hash: 16 hexadecimal digits.
    place_slug: None while unsorted; "unknown" for photos of no known place. look_id: shared by near-duplicates, "" for
    a photo that looks like no other; group_id: shared by what no split may tear apart (looks, page, burst).
    sharpness, brightness: as `core/dataset/quality` measures them; None for photos that came in before it did.
    """

    sha256: str
    place_slug: str | None
    status: PhotoStatus
    format: str
    width_px: int
    height_px: int
    size_bytes: int
    perceptual_hash: str
    original_name: str = ""
    source: str = ""
    page_url: str = ""
    author: str = ""
    licence: str = ""
    reject_reason: str = ""
    group_id: str = ""
    split: Split | None = None
    taken_at: datetime | None = None
    position: Position | None = None
    consent_at: datetime | None = None
    created_at: datetime | None = None
    sharpness: float | None = None
    brightness: float | None = None
    look_id: str = ""


def as_plain(record: PhotoRecord) -> dict[str, Any]:
    """Return the record as a flat dictionary for CSV and JSON."""
    values: dict[str, Any] = {name: getattr(record, name) for name in record.__slots__}
    position = values.pop("position")
    values["latitude"] = position.latitude if position else None
    values["longitude"] = position.longitude if position else None
    return values
