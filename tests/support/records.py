"""Records of photos without photos: hashes that are far apart unless a look is named, and times that count up."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.domain.photo import PhotoRecord, PhotoStatus

START = datetime(2026, 1, 1, tzinfo=UTC)


def look_hash(look: object, *flipped_bits: int) -> str:
    """Return a perceptual hash of a look, with some of its 64 bits turned over."""
    word = int(hashlib.sha256(f"look {look}".encode()).hexdigest()[:16], 16)
    for bit in flipped_bits:
        word ^= 1 << bit
    return f"{word:016x}"


def photo_record(number: int, **changes: object) -> PhotoRecord:
    """Return an accepted photo of the place `cave` that looks like no other; its SHA-256 sorts as its number does."""
    record = PhotoRecord(
        sha256=f"{number:064x}",
        place_slug="cave",
        status=PhotoStatus.ACCEPTED,
        format="JPEG",
        width_px=1200,
        height_px=900,
        size_bytes=1000 + number,
        perceptual_hash=look_hash(number),
        created_at=START + timedelta(minutes=number),
    )
    return replace(record, **changes)  # type: ignore[arg-type]
