"""Other views of the same place: what a second visitor with another camera at another hour would have taken.

`augment` changes framing, light and colour of a photo as photos of one place differ among themselves. Never upside
down, never turned: places stand upright. numpy and Pillow only; the result goes through `preprocess.make_views` like
every photo. Called by `fine_tune` and `features`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

# Source: luminance weights of ITU-R BT.601.
LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class AugmentPolicy:
    """How far a photo is changed.

    area: smallest and largest share of the photo's area that is kept. Source: Szegedy et al. 2015 take 0.08..1 for
        ImageNet; places lose what tells them apart well above that, so the cut is gentler.
    aspect: largest factor by which width over height may change.
    light, contrast, colour: largest relative change of brightness, contrast and saturation.
    warmth: largest relative change of red against blue, as white balance and time of day change it.
    """

    area: tuple[float, float] = (0.35, 1.0)
    aspect: float = 4 / 3
    light: float = 0.25
    contrast: float = 0.25
    colour: float = 0.25
    warmth: float = 0.08
    flip: bool = True


def augment(pixels: Pixels, rng: np.random.Generator, policy: AugmentPolicy = AugmentPolicy()) -> Pixels:
    """Return another view of a photo: (h, w, 3) uint8, a part of `pixels`; `rng` alone decides which."""
    cut = _random_crop(pixels, rng, policy)
    if policy.flip and rng.random() < 0.5:
        cut = cut[:, ::-1]
    return _relight(cut, rng, policy)


def _random_crop(pixels: Pixels, rng: np.random.Generator, policy: AugmentPolicy) -> Pixels:
    """Cut out a rectangle of a random share of the area and of slightly different proportions."""
    height, width = pixels.shape[:2]
    share = rng.uniform(*policy.area)
    stretch = np.exp(rng.uniform(-np.log(policy.aspect), np.log(policy.aspect)) / 2)
    cut_width = max(1, min(width, round(width * np.sqrt(share) * stretch)))
    cut_height = max(1, min(height, round(height * np.sqrt(share) / stretch)))
    left = int(rng.integers(0, width - cut_width + 1))
    top = int(rng.integers(0, height - cut_height + 1))
    return pixels[top : top + cut_height, left : left + cut_width]


def _relight(pixels: Pixels, rng: np.random.Generator, policy: AugmentPolicy) -> Pixels:
    """Change brightness, contrast, saturation and warmth."""
    light, contrast, colour, warmth = (
        1 + rng.uniform(-span, span) for span in (policy.light, policy.contrast, policy.colour, policy.warmth)
    )
    values = pixels.astype(np.float32) * np.array([warmth, 1.0, 1 / warmth], dtype=np.float32) * np.float32(light)
    mean = np.float32((values @ LUMINANCE).mean())
    values = mean + (values - mean) * np.float32(contrast)
    grey = (values @ LUMINANCE)[..., None]
    values = grey + (values - grey) * np.float32(colour)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
