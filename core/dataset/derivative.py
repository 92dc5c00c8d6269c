"""What may be shown or exported of a photo: pixels encoded afresh, upright, without any metadata.

The original bytes are never served: they may carry a position, a serial number, or a second file inside the first.
"""

from io import BytesIO
from typing import Literal

from PIL import Image

from core.domain.photo import Photo


def encode_derivative(photo: Photo, longest_px: int, quality: int, encoding: Literal["JPEG", "WEBP"] = "JPEG") -> bytes:
    """Encode `photo` no longer than `longest_px` on its longer side; a smaller one keeps its size.

    quality: 1..95, as Pillow's encoders take it.
    """
    picture = Image.fromarray(photo.pixels)
    # Twice the size needed is the smallest that the reducing step may leave: no visible loss, a fraction of the time.
    picture.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
    target = BytesIO()
    picture.save(target, encoding, quality=quality)
    return target.getvalue()
