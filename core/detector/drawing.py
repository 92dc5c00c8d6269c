"""Boxes drawn into a photo, as a picture to keep: a frame in the label's colour, its name and confidence above.

Called by the page that shows many photos at once. The picture is a derivative without metadata, as everything shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from core.domain.photo import Photo

# Where Debian, macOS and Windows keep a font with Korean letters; Pillow's own has Latin ones only.
KOREAN_FONTS = ("NotoSansCJK-Regular.ttc", "NotoSansKR-Regular.otf", "AppleSDGothicNeo.ttc", "malgun.ttf")
JPEG_QUALITY = 88
LIGHT = 150  # of 255; on a lighter colour the writing is dark


@dataclass(frozen=True, slots=True)
class DrawnBox:
    """A box to draw. names: what may be written, the first that the font can; xyxyn: fractions of the photo."""

    names: tuple[str, ...]
    colour: str
    confidence: float
    xyxyn: tuple[float, float, float, float]


def draw_boxes(photo: Photo, boxes: Sequence[DrawnBox], longest_px: int) -> bytes:
    """Return the photo with its boxes as JPEG, no longer than `longest_px` on its longer side."""
    picture = Image.fromarray(photo.pixels)
    picture.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
    pen = ImageDraw.Draw(picture)
    line_px = max(2, round(max(picture.size) / 240))
    for box in sorted(boxes, key=lambda one: one.confidence):  # the surest on top
        _draw(pen, box, picture.size, line_px)
    target = BytesIO()
    picture.save(target, "JPEG", quality=JPEG_QUALITY)
    return target.getvalue()


def _draw(pen: ImageDraw.ImageDraw, box: DrawnBox, size: tuple[int, int], line_px: int) -> None:
    width, height = size
    left, top, right, bottom = (edge * side for edge, side in zip(box.xyxyn, (width, height) * 2, strict=True))
    pen.rectangle((left, top, max(right, left + 1), max(bottom, top + 1)), outline=box.colour, width=line_px)
    font = _font(max(12, round(max(size) / 32)))
    text = f"{_writable(box.names, font)} {box.confidence:.0%}"
    _, _, text_width, text_height = pen.textbbox((0, 0), text, font=font)
    x = min(max(0.0, left), max(0.0, width - text_width - 2 * line_px))
    y = top - text_height - 2 * line_px if top > text_height + 2 * line_px else top
    pen.rectangle((x, y, x + text_width + 2 * line_px, y + text_height + 2 * line_px), fill=box.colour)
    red, green, blue = (int(box.colour[at : at + 2], 16) for at in (1, 3, 5))
    dark = 0.299 * red + 0.587 * green + 0.114 * blue > LIGHT  # Source: ITU-R BT.601, luma
    pen.text((x + line_px, y + line_px), text, font=font, fill="#000000" if dark else "#ffffff")


@cache
def _font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in KOREAN_FONTS:
        try:
            return ImageFont.truetype(name, size_px)
        except OSError:
            continue
    return ImageFont.load_default(size_px)


def _writable(names: Sequence[str], font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> str:
    """Return the first name that the font has letters for: a Korean font has all, Pillow's own the Latin ones."""
    has_korean = str(getattr(font, "path", "")).endswith(KOREAN_FONTS)
    return next((name for name in names if has_korean or name.isascii()), names[-1])
