"""How sharp and how bright a photo is, measured once when it comes in; review filters by it, nothing is refused for it.

Called by intake with the pixels that were decoded for the photo's hash.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

LONGEST_PX = 512


@dataclass(frozen=True, slots=True)
class Quality:
    """sharpness: variance of the Laplacian, of 8-bit grey. brightness: mean luma, 0..1."""

    sharpness: float
    brightness: float


def measure_quality(pixels: npt.NDArray[np.uint8]) -> Quality:
    """Measure a photo at `LONGEST_PX` on its longer side; a smaller one as it is.

    pixels: (H, W, 3) uint8, upright.
    Source: Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", 2000 (variance of the Laplacian).
    """
    grey = np.asarray(Image.fromarray(reduce_pixels(pixels, LONGEST_PX)).convert("L"), np.float32)
    around = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:]
    laplacian = around - 4 * grey[1:-1, 1:-1]
    sharpness = float(laplacian.var()) if laplacian.size else 0.0  # a panorama may be 2 px high by now
    return Quality(sharpness, float(grey.mean()) / 255)


def reduce_pixels(pixels: npt.NDArray[np.uint8], longest_px: int) -> npt.NDArray[np.uint8]:
    """Return a photo no longer than `longest_px`; one that is smaller as it is.

    pixels: (H, W, 3) uint8. Bilinear over the area that each new pixel covers, so that no pattern of the scaling shows.
    """
    picture = Image.fromarray(pixels)
    picture.thumbnail((longest_px, longest_px), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return np.asarray(picture)
