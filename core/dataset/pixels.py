"""Decoded pictures of any mode to upright RGB arrays. Called by `ingest`.

Works in bands of rows: a picture of 50 megapixels is held once by Pillow and once as the result, never more often.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

BAND_PX = 2_000_000  # pixels per band: 8 MB in Pillow, small beside the picture, large enough that bands cost no time
WHITE = (255, 255, 255)
SIXTEEN_BIT_MODES = frozenset({"I;16", "I;16L", "I;16B", "I;16N", "I"})


def upright_rgb(image: Image.Image, orientation: int, least_px: int | None) -> npt.NDArray[np.uint8]:
    """Return the picture upright, RGB, on white where it was transparent.

    image: decoded. orientation: EXIF, 1..8. least_px: the shorter side may be reduced, but not below this.

    Returns:
        (H, W, 3) uint8, contiguous.
    """
    factor = max(1, min(image.size) // least_px) if least_px else 1
    width, height = -(-image.width // factor), -(-image.height // factor)
    shape = (width, height, 3) if orientation >= 5 else (height, width, 3)
    upright = np.empty(shape, np.uint8)
    stored = _as_stored(upright, orientation)
    rows = max(1, BAND_PX // (image.width * factor)) * factor
    for top in range(0, image.height, rows):
        band = _to_rgb(image.crop((0, top, image.width, min(top + rows, image.height))), image)
        if factor > 1:
            band = band.reduce(factor)
        stored[top // factor : top // factor + band.height] = np.asarray(band)
    return upright


def _as_stored(upright: npt.NDArray[np.uint8], orientation: int) -> npt.NDArray[np.uint8]:
    """Return a view of `upright` with rows and columns as the file stores them.

    Source: EXIF 2.32, tag 274: where row 0 and column 0 of the stored picture lie in the upright one.
    """
    turned = upright.transpose(1, 0, 2)
    views = {
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: turned,
        6: turned[::-1],
        7: turned[::-1, ::-1],
        8: turned[:, ::-1],
    }
    return views.get(orientation, upright)


def _to_rgb(band: Image.Image, image: Image.Image) -> Image.Image:
    """Turn one band of `image` into RGB."""
    if image.mode in SIXTEEN_BIT_MODES:  # Pillow's own conversion would saturate all above 255
        scaled = np.asarray(band).astype(np.int64).clip(0, 65_535) // 257
        return Image.fromarray(scaled.astype(np.uint8)).convert("RGB")
    if image.mode == "CMYK":
        return _from_cmyk(band, image)
    if image.has_transparency_data:
        band = band.convert("RGBA")
        canvas = Image.new("RGB", band.size, WHITE)
        canvas.paste(band, mask=band.getchannel("A"))
        return canvas
    return band.convert("RGB")


def _from_cmyk(band: Image.Image, image: Image.Image) -> Image.Image:
    """Turn CMYK into RGB; Pillow takes every CMYK JPEG for one of Adobe's, whose values are inverted."""
    if image.format in {"JPEG", "MPO"} and "adobe" not in image.info:
        band = Image.eval(band, lambda value: 255 - value)
    return band.convert("RGB")
