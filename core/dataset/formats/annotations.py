"""What the three formats have in common: a photo's boxes with class names, and a line that is not understood.

Called by the modules beside it. All boxes are in the frame of the photo as the file means it; `raw` frames are turned
upright by the import, which has the photo.
"""

import codecs
from dataclasses import dataclass, field
from math import isfinite

from core.dataset.boxes import Edges, clip
from core.errors import Value

LARGEST_BYTES = 100 << 20  # of one file of boxes: COCO's own largest has 470,000 boxes in 330 MB, on 118,000 photos
# A box may stick out by what rounding to six digits makes of it; pixels, by what half a pixel makes of them.
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class NamedBox:
    """A box of a class that is known by its name alone. xyxyn: edges as fractions of the photo."""

    name: str
    xyxyn: Edges


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that is not understood. line: 1-based. reason: key of a sentence, `values` fill it."""

    file: str
    line: int
    reason: str
    values: dict[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Annotation:
    """What a file says about one photo. image: how the file names it, perhaps without an extension.

    width_px, height_px: as the file has them, None where it says nothing. No boxes: nothing is on the photo.
    """

    file: str
    image: str
    boxes: tuple[NamedBox, ...]
    width_px: int | None = None
    height_px: int | None = None


@dataclass(frozen=True, slots=True)
class Annotations:
    """What was read. classes: all names in their order, those without boxes too.

    spoiled: images of which a line was bad, so that nothing of theirs may be taken.
    """

    photos: tuple[Annotation, ...]
    classes: tuple[str, ...]
    bad_lines: tuple[BadLine, ...] = ()
    spoiled: frozenset[str] = frozenset()


def decode(content: bytes, file: str) -> str | BadLine:
    """Return a file's text, without the mark that Windows programs put in front; or why it is none."""
    if len(content) > LARGEST_BYTES:
        return BadLine(file, 1, "labels.bad.file_size", {"limit_mb": LARGEST_BYTES >> 20})
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return BadLine(file, 1, "labels.bad.encoding")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return BadLine(file, content[: error.start].count(b"\n") + 1, "labels.bad.encoding")


def lines_of(text: str) -> list[tuple[int, str]]:
    """Return the lines that hold something, with their numbers; only LF and CRLF end a line."""
    numbered = enumerate(text.split("\n"), start=1)
    return [(number, line.strip()) for number, line in numbered if line.strip()]


def checked(xyxyn: Edges, tolerance: float = ROUNDING) -> Edges | str:
    """Return a box cut to the photo where rounding let it stick out; or the reason for which it is none."""
    left, top, right, bottom = xyxyn
    if not all(isfinite(edge) for edge in xyxyn):
        return "labels.bad.number"
    if right <= left or bottom <= top:
        return "labels.bad.size"
    if min(left, top) < -tolerance or max(right, bottom) > 1 + tolerance:
        return "labels.bad.outside"
    inside = clip(xyxyn)
    return inside if inside[0] < inside[2] and inside[1] < inside[3] else "labels.bad.size"
