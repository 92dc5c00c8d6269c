"""Pixels to network input: the one function that training, evaluation and serving share.

A *view* is one picture that the network sees of a photo; a `ViewPolicy` says which views at which size. Only numpy and
Pillow work here, so what training saw and what serving shows are equal to the last bit. The policy's name is kept in
the manifest of the trained model. Called by `predict` (serving) and by training and evaluation.
"""

from dataclasses import dataclass
from math import ceil
from typing import Literal, cast, get_args

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.errors import ModelRefused

Region = Literal["whole", "centre", "corners"]
REGIONS: tuple[Region, ...] = get_args(Region)
FLIP = "flip"
SCALING = "minus_one_to_one"  # what MobileNetV2 was trained with; Source: keras.applications.mobilenet_v2
SIZE_RANGE_PX = (32, 1024)
# Five-crop testing takes 224 of 256 pixels of the shorter side. Source: Krizhevsky et al. 2012, section 4.1.
CORNER_SIDE = 0.875

Box = tuple[float, float, float, float]
Views = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class ViewPolicy:
    """Which views of a photo the network sees, in order; the first is always the whole photo.

    size_px: side of each square view.
    regions: "whole" first; "centre" is the largest central square, "corners" four squares of 7/8 of the shorter side.
    flip: each view is followed, after all of them, by its mirror image (left and right exchanged).
    """

    size_px: int = 224
    regions: tuple[Region, ...] = ("whole",)
    flip: bool = False
    scaling: str = SCALING

    def __post_init__(self) -> None:
        """Refuse a policy that cannot be carried out.

        Raises:
            ModelRefused: code "model.input"; the size, a region or the scaling is none of those known here.
        """
        size_fits = SIZE_RANGE_PX[0] <= self.size_px <= SIZE_RANGE_PX[1]
        known = set(self.regions) <= set(REGIONS) and len(set(self.regions)) == len(self.regions)
        if not (size_fits and known and self.regions[:1] == ("whole",) and self.scaling == SCALING):
            raise ModelRefused("model.input", views=self.name, size_px=self.size_px, scaling=self.scaling)

    @classmethod
    def parse(cls, views: str, size_px: int = 224, scaling: str = SCALING) -> "ViewPolicy":
        """Read a policy's name as the manifest holds it, for instance "whole+centre+flip".

        Raises:
            ModelRefused: code "model.input"; see the class.
        """
        parts = views.split("+")
        flip = parts[-1] == FLIP
        regions = cast("tuple[Region, ...]", tuple(parts[:-1] if flip else parts))  # checked on construction
        return cls(size_px, regions, flip, scaling)

    @property
    def name(self) -> str:
        """The name that `parse` reads: the regions, and "flip" at the end, joined by "+"."""
        return "+".join((*self.regions, FLIP) if self.flip else self.regions)

    @property
    def view_count(self) -> int:
        """V, the number of views that `make_views` gives."""
        return sum(4 if region == "corners" else 1 for region in self.regions) * (2 if self.flip else 1)

    @property
    def need_px(self) -> int:
        """Shorter side below which a photo should not be reduced when it is decoded: no view is enlarged then."""
        return ceil(self.size_px / CORNER_SIDE) if "corners" in self.regions else self.size_px


def make_views(pixels: npt.NDArray[np.uint8], policy: ViewPolicy) -> Views:
    """Cut, resize and scale the views of one photo.

    The whole photo is squashed to a square, not padded: photos are mostly 4:3 or 3:2, backbones are trained on crops
    whose proportions vary by as much (3/4 to 4/3), no input is spent on bars, and a cell of the feature map of view 0
    lies at the same fraction of the photo's width and height. The other regions are square and keep proportions.

    Args:
        pixels: (H, W, 3) uint8, upright RGB.
        policy: which views.

    Returns:
        (V, size_px, size_px, 3) float32 in -1..1, contiguous, V = `policy.view_count`.
    """
    image = Image.fromarray(pixels)
    boxes = [box for region in policy.regions for box in _boxes(region, *image.size)]
    squares = np.stack([_resize(image, box, policy.size_px) for box in boxes])
    if policy.flip:
        squares = np.concatenate([squares, squares[:, :, ::-1]])
    return squares.astype(np.float32) / np.float32(127.5) - np.float32(1.0)


def _resize(image: Image.Image, box: Box, size_px: int) -> npt.NDArray[np.uint8]:
    """Resize one region to a square; Pillow widens its filter when it shrinks, so nothing aliases.

    BICUBIC keeps the fine texture that small photos have when they are enlarged: it named one more of 35 photos of five
    places than BILINEAR, held out, as a mean over six divisions into folds.
    """
    return np.asarray(image.resize((size_px, size_px), Image.Resampling.BICUBIC, box=box))


def _boxes(region: Region, width: int, height: int) -> list[Box]:
    """Return left, top, right, bottom of the parts of a photo that a region names."""
    if region == "whole":
        return [(0, 0, width, height)]
    shorter = min(width, height)
    if region == "centre":
        left, top = (width - shorter) / 2, (height - shorter) / 2
        return [(left, top, left + shorter, top + shorter)]
    side = shorter * CORNER_SIDE
    return [(x, y, x + side, y + side) for y in (0, height - side) for x in (0, width - side)]
