"""Fit a photo into the network's input: scaled with its proportions kept, grey around it, and back again for boxes.

The same geometry as ultralytics' `LetterBox` (rounding included), so that exported models see what they were trained
on. Sampling is bilinear without smoothing, as OpenCV's INTER_LINEAR is and as training does. Pillow's `resize` would
smooth and its `transform` rounds down, either of which moves boxes by pixels and confidences by hundredths.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int32]

PADDING = 114  # Source: ultralytics, LetterBox(padding_value=114)


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a photo lies in the input; pixels of the input, but for the photo's own `width_px` and `height_px`."""

    width_px: int
    height_px: int
    scaled_width_px: int
    scaled_height_px: int
    left_px: int
    top_px: int
    input_width_px: int
    input_height_px: int

    def to_photo(self, xyxy: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Turn (N, 4) corners in the input into corners on the photo, cut off at its edges."""
        scale = (self.scaled_width_px / self.width_px, self.scaled_height_px / self.height_px)
        moved = (xyxy - np.array([self.left_px, self.top_px] * 2, np.float32)) / np.array(scale * 2, np.float32)
        return np.clip(moved, 0, np.array([self.width_px, self.height_px] * 2, np.float32))


def fit(width_px: int, height_px: int, size_px: int, stride_px: int, rectangular: bool) -> Fit:
    """Return how a photo fits into an input whose longer side is `size_px`.

    rectangular: pad to the next multiple of `stride_px` only, instead of to a square.
    """
    scale = min(size_px / width_px, size_px / height_px)
    scaled_width, scaled_height = max(round(width_px * scale), 1), max(round(height_px * scale), 1)
    across, down = size_px - scaled_width, size_px - scaled_height
    if rectangular:
        across, down = across % stride_px, down % stride_px
    return Fit(
        width_px,
        height_px,
        scaled_width,
        scaled_height,
        round(across / 2 - 0.1),
        round(down / 2 - 0.1),
        scaled_width + across,
        scaled_height + down,
    )


def letterbox(pixels: npt.NDArray[np.uint8], where: Fit) -> npt.NDArray[np.float32]:
    """Return the network's input, (1, 3, H, W) float32 in 0..1, RGB.

    pixels: (h, w, 3) uint8; may be a smaller decoding of the photo that `where` was made for.
    """
    canvas = np.full((where.input_height_px, where.input_width_px, 3), PADDING, np.uint8)
    rows = slice(where.top_px, where.top_px + where.scaled_height_px)
    columns = slice(where.left_px, where.left_px + where.scaled_width_px)
    canvas[rows, columns] = _scaled(pixels, where.scaled_width_px, where.scaled_height_px)
    return np.ascontiguousarray(canvas.transpose(2, 0, 1)[None]).astype(np.float32) / np.float32(255)


def _scaled(pixels: npt.NDArray[np.uint8], width_px: int, height_px: int) -> npt.NDArray[np.uint8]:
    """Sample at the centres of the new pixels, from the four nearest of the old ones; edges continue.

    Weights are whole 2048ths and sums are cut to whole numbers where OpenCV cuts them: its results, to the bit.
    Source: OpenCV, imgproc/resize.cpp, HResizeLinear and VResizeLinear for 8-bit pixels.
    """
    height, width = pixels.shape[:2]
    if (width, height) == (width_px, height_px):
        return pixels
    before, after, across = _between(width, width_px)
    above, below, down = _between(height, height_px)
    lines = [_blend(pixels[rows].astype(np.int32), before, after, across) >> 4 for rows in (above, below)]
    upper, lower = (line * weight[:, None, None] for line, weight in zip(lines, down, strict=True))
    return (((upper >> 16) + (lower >> 16) + 2) >> 2).astype(np.uint8)


def _blend(rows: Whole, before: Whole, after: Whole, weights: tuple[Whole, Whole]) -> Whole:
    first, second = weights
    blended: Whole = rows[:, before] * first[:, None] + rows[:, after] * second[:, None]
    return blended


def _between(old_px: int, new_px: int) -> tuple[Whole, Whole, tuple[Whole, Whole]]:
    """Return for each new pixel the two old ones that it lies between, and the weights of both in 2048ths."""
    at = ((np.arange(new_px) + 0.5) * (old_px / new_px) - 0.5).astype(np.float32)
    first = np.floor(at).astype(np.int32)
    share = np.where((first < 0) | (first >= old_px - 1), np.float32(0), at - first.astype(np.float32))
    first = np.clip(first, 0, old_px - 1)
    weights = tuple(np.rint(part * np.float32(2048)).astype(np.int32) for part in (np.float32(1) - share, share))
    return first, np.minimum(first + 1, old_px - 1), (weights[0], weights[1])
