"""Drawn scenes that stand in for photos: five kinds that look like the five places, and three of no known place.

Deterministic: the same kind, seed and size give the same pixels. Light, crop, colour and position vary with the seed.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SLUG_OF_KIND = {
    "tea_field": "osulloc",
    "cave": "manjanggul",
    "cafe": "monsant-aewol",
    "columns": "jusangjeolli",
    "falls": "cheonjiyeon",
}
PLACE_KINDS = tuple(SLUG_OF_KIND)
UNKNOWN_KINDS = ("wall", "street", "sky")
CANVAS = (800, 600)  # drawn at this size, then cropped and scaled

Draw = ImageDraw.ImageDraw
Random = np.random.Generator


def draw_scene(kind: str, seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Draw one scene as an RGB picture of `size`."""
    random = np.random.default_rng([zlib.crc32(kind.encode()), seed])
    image = Image.new("RGB", CANVAS)
    PAINTERS[kind](ImageDraw.Draw(image), random)
    image = image.filter(ImageFilter.GaussianBlur(1.2))
    image = image.resize(size, Image.Resampling.BICUBIC, box=_crop(random))
    return _light(image, random)


def scene_bytes(
    kind: str,
    seed: int,
    format: str = "JPEG",
    size: tuple[int, int] = (640, 480),
    exif: Image.Exif | bytes | None = None,
) -> bytes:
    """Encode one scene; `format` is JPEG, PNG, WEBP, AVIF, HEIF, GIF, BMP, TIFF."""
    if format == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    options = {} if exif is None else {"exif": exif}
    target = io.BytesIO()
    draw_scene(kind, seed, size).save(target, format, **options)
    return target.getvalue()


def difference(first: Image.Image | np.ndarray, second: Image.Image | np.ndarray) -> float:
    """Return the mean absolute difference of two pictures of one size, of 255."""
    return float(np.abs(np.asarray(first, np.float64) - np.asarray(second, np.float64)).mean())


def write_scene_folder(folder: Path, per_class: int, unknown: int) -> Path:
    """Write `folder/<slug>/*.jpg` for the five places and `folder/unknown/*.jpg`; return the folder."""
    for kind, slug in SLUG_OF_KIND.items():
        for seed in range(per_class):
            _write(folder / slug / f"{kind}_{seed:03d}.jpg", scene_bytes(kind, seed))
    for number in range(unknown):
        kind = UNKNOWN_KINDS[number % len(UNKNOWN_KINDS)]
        _write(folder / "unknown" / f"{kind}_{number:03d}.jpg", scene_bytes(kind, number))
    return folder


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _crop(random: Random) -> tuple[float, float, float, float]:
    """Cut away up to a fifth, anywhere."""
    width, height = CANVAS
    scale = random.uniform(0.8, 1.0)
    left, top = random.uniform(0, width * (1 - scale)), random.uniform(0, height * (1 - scale))
    return left, top, left + width * scale, top + height * scale


def _light(image: Image.Image, random: Random) -> Image.Image:
    """Vary brightness and white balance, and add the sensor's noise."""
    gain = random.uniform(0.75, 1.2) * random.uniform(0.94, 1.06, 3)
    noise = random.normal(0, 4, (image.height, image.width, 1))
    pixels = np.asarray(image, np.float32) * gain + noise
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _shade(random: Random, colour: tuple[int, int, int], spread: int = 18) -> tuple[int, int, int]:
    """Vary one colour."""
    red, green, blue = (int(np.clip(part + random.integers(-spread, spread + 1), 0, 255)) for part in colour)
    return red, green, blue


def _falls(draw: Draw, random: Random) -> None:
    """Draw a white cascade between dark rocks and trees, over a green pool."""
    draw.rectangle((0, 0, 800, 600), fill=_shade(random, (40, 70, 38)))
    for _ in range(220):
        x, y, r = random.uniform(0, 800), random.uniform(0, 380), random.uniform(10, 34)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=_shade(random, (46, 96, 44), 30))
    centre, half = random.uniform(250, 550), random.uniform(45, 95)
    draw.rectangle((centre - half * 2.2, 90, centre + half * 2.2, 440), fill=_shade(random, (62, 58, 54)))
    for _ in range(90):
        x = centre + random.normal(0, half / 2)
        draw.line(
            (x, random.uniform(80, 130), x + random.normal(0, 8), 450), fill=_shade(random, (232, 238, 240)), width=7
        )
    draw.rectangle((0, 440, 800, 600), fill=_shade(random, (52, 104, 98)))
    draw.ellipse((centre - half * 1.8, 425, centre + half * 1.8, 475), fill=_shade(random, (214, 228, 226)))


def _cave(draw: Draw, random: Random) -> None:
    """Draw a lava tube: dark rings that narrow to a warm lamp at the far end."""
    draw.rectangle((0, 0, 800, 600), fill=_shade(random, (22, 18, 16), 6))
    x, y = random.uniform(300, 500), random.uniform(260, 380)
    for step in range(26):
        wide, high = 620 - step * 23, 430 - step * 16
        tone = 24 + step * 4 + int(random.integers(-5, 6))
        draw.ellipse((x - wide, y - high, x + wide, y + high * 0.7), fill=(tone + 14, tone, tone - 8))
    for _ in range(60):
        px, py = random.uniform(0, 800), random.uniform(0, 600)
        draw.line((px, py, px + random.normal(0, 60), py + random.normal(0, 14)), fill=(34, 26, 22), width=4)
    draw.ellipse((x - 46, y - 34, x + 46, y + 26), fill=_shade(random, (250, 196, 96), 12))
    draw.polygon(((x - 60, 600), (x + 60, 600), (x + 18, y + 30), (x - 18, y + 30)), fill=_shade(random, (120, 92, 60)))


def _cafe(draw: Draw, random: Random) -> None:
    """Draw a cubic building of mirror glass under a wide sky, by the sea."""
    draw.rectangle((0, 0, 800, 330), fill=_shade(random, (150, 196, 232)))
    draw.rectangle((0, 300, 800, 380), fill=_shade(random, (40, 96, 150)))
    draw.rectangle((0, 380, 800, 600), fill=_shade(random, (176, 168, 150)))
    left, top = random.uniform(120, 260), random.uniform(110, 180)
    right, bottom = left + random.uniform(330, 430), top + random.uniform(270, 320)
    draw.rectangle((left, top, right, bottom), fill=_shade(random, (112, 150, 182)), outline=(236, 236, 236), width=9)
    for share in np.linspace(0, 1, 7)[1:-1]:
        x, y = left + share * (right - left), top + share * (bottom - top)
        draw.line((x, top, x, bottom), fill=(228, 230, 232), width=5)
        draw.line((left, y, right, y), fill=(228, 230, 232), width=5)
    draw.rectangle((left - 30, bottom - 8, right + 60, bottom + 14), fill=_shade(random, (240, 240, 236), 8))


def _columns(draw: Draw, random: Random) -> None:
    """Draw hexagonal basalt columns stepping into the surf."""
    draw.rectangle((0, 0, 800, 180), fill=_shade(random, (176, 204, 222)))
    draw.rectangle((0, 150, 800, 600), fill=_shade(random, (24, 92, 128)))
    phase, width = random.uniform(0, 6), random.uniform(34, 46)
    for number, x in enumerate(np.arange(-20, 820, width)):
        top = 200 + 70 * np.sin(number / 3 + phase) + random.uniform(-24, 24)
        tone = int(random.integers(44, 92))
        draw.rectangle((x, top, x + width - 3, 500), fill=(tone, tone, tone + 6), outline=(18, 18, 20), width=3)
        cap = [(x, top), (x + width / 4, top - 12), (x + width * 3 / 4, top - 12), (x + width, top)]
        draw.polygon(cap, fill=(tone + 50, tone + 48, tone + 46))
    for _ in range(70):
        x, y = random.uniform(0, 800), random.uniform(480, 560)
        draw.ellipse((x - 26, y - 7, x + 26, y + 7), fill=_shade(random, (232, 240, 244), 10))


def _tea_field(draw: Draw, random: Random) -> None:
    """Draw green rows that run to a vanishing point under a light sky."""
    horizon = random.uniform(150, 230)
    draw.rectangle((0, 0, 800, horizon), fill=_shade(random, (206, 224, 238)))
    draw.rectangle((0, horizon, 800, 600), fill=_shade(random, (58, 120, 40)))
    x = random.uniform(250, 550)
    for foot in range(-1600, 2400, 130):
        near = foot + random.uniform(-10, 10)
        row = ((x + (near - x) * 0.02, horizon), (near, 600), (near + 74, 600), (x + (near + 74 - x) * 0.02, horizon))
        draw.polygon(row, fill=_shade(random, (118, 182, 66), 14))
    for _ in range(14):
        px, r = random.uniform(0, 800), random.uniform(14, 34)
        draw.ellipse((px - r, horizon - r, px + r, horizon + r / 3), fill=_shade(random, (34, 78, 36)))


def _wall(draw: Draw, random: Random) -> None:
    """Draw a brick wall."""
    draw.rectangle((0, 0, 800, 600), fill=_shade(random, (186, 178, 168)))
    height = random.uniform(34, 52)
    for row, y in enumerate(np.arange(0, 620, height)):
        for x in np.arange(-110 + (row % 2) * 48, 820, 96):
            draw.rectangle((x + 3, y + 3, x + 93, y + height - 3), fill=_shade(random, (158, 78, 60), 26))


def _street(draw: Draw, random: Random) -> None:
    """Draw a street between houses with windows."""
    draw.rectangle((0, 0, 800, 600), fill=_shade(random, (214, 218, 224)))
    draw.polygon(((0, 600), (800, 600), (450, 320), (350, 320)), fill=_shade(random, (86, 86, 90)))
    for left, right in ((0, 250), (550, 800)):
        draw.rectangle((left, random.uniform(30, 120), right, 470), fill=_shade(random, (196, 150, 104), 40))
        for x in range(left + 20, right - 40, 56):
            for y in range(140, 420, 74):
                draw.rectangle((x, y, x + 30, y + 44), fill=_shade(random, (50, 60, 84)))
    for y in range(340, 600, 50):
        draw.line((400, y, 400, y + 24), fill=(244, 226, 120), width=6)


def _sky(draw: Draw, random: Random) -> None:
    """Draw clouds in a blue sky, nothing else."""
    for y in range(600):
        draw.line((0, y, 800, y), fill=(60 + y // 6, 120 + y // 7, 208 + y // 20))
    for _ in range(int(random.integers(5, 11))):
        x, y = random.uniform(0, 800), random.uniform(40, 520)
        for _ in range(16):
            dx, dy, r = random.normal(0, 70), random.normal(0, 18), random.uniform(18, 44)
            draw.ellipse((x + dx - r, y + dy - r, x + dx + r, y + dy + r), fill=_shade(random, (240, 243, 247), 8))


PAINTERS: dict[str, Callable[[Draw, Random], None]] = {
    "falls": _falls,
    "cave": _cave,
    "cafe": _cafe,
    "columns": _columns,
    "tea_field": _tea_field,
    "wall": _wall,
    "street": _street,
    "sky": _sky,
}
