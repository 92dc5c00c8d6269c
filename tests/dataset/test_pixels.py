"""Pixels come out right: upright for every orientation, scaled from 16 bits, on white, in their own colours."""

import numpy as np
import pytest
from PIL import Image

from core.dataset.ingest import read_photo
from tests.support.malformed import encode
from tests.support.scenes import difference, draw_scene, scene_bytes

ORIENTATION = 0x0112
# How a camera held in each way stores an upright scene. Source: EXIF 2.32, tag 274.
STORED: dict[int, Image.Transpose | None] = {
    0: None,
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
SHAPES = {"landscape": (640, 480), "portrait": (480, 640)}


def turned(scene: Image.Image, orientation: int) -> tuple[Image.Image, Image.Exif]:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    how = STORED[orientation]
    return (scene if how is None else scene.transpose(how)), exif


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("orientation", STORED)
def test_photos_of_every_orientation_come_out_upright(orientation: int, shape: str) -> None:
    scene = draw_scene("cafe", 4, SHAPES[shape])
    stored, exif = turned(scene, orientation)
    photo = read_photo(encode(stored, "JPEG", quality=92, exif=exif))
    assert (photo.width_px, photo.height_px) == SHAPES[shape]
    assert photo.pixels.shape == (photo.height_px, photo.width_px, 3)
    assert difference(photo.pixels, scene) <= 6


@pytest.mark.parametrize("orientation", [3, 5, 6, 7, 8])
def test_a_reduced_photo_is_upright_as_well(orientation: int) -> None:
    scene = draw_scene("cafe", 4, (1200, 900))
    stored, exif = turned(scene, orientation)
    for name in ("JPEG", "PNG"):
        photo = read_photo(encode(stored, name, exif=exif), need_px=100)
        assert photo.pixels.shape == (225, 300, 3)
        assert (photo.width_px, photo.height_px) == (1200, 900)
        assert difference(photo.pixels, scene.reduce(4)) <= 6


@pytest.mark.parametrize("name", ["PNG", "WEBP", "AVIF", "HEIF"])
def test_other_formats_are_turned_upright_once(name: str) -> None:
    scene = draw_scene("falls", 2)
    stored, exif = turned(scene, 6)
    scene_bytes("falls", 2, "HEIF")  # makes the encoder known to Pillow
    photo = read_photo(encode(stored, name, quality=92, exif=exif.tobytes()))
    assert difference(photo.pixels, scene) <= 6


def test_sixteen_bits_are_scaled_not_saturated() -> None:
    ramp = np.linspace(0, 65_535, 256, dtype=np.uint16)[None, :].repeat(64, axis=0)
    photo = read_photo(encode(Image.fromarray(ramp), "PNG"))
    assert difference(photo.pixels[:, :, 0], (ramp / 257).round()) <= 1
    assert photo.pixels[0, -1].tolist() == [255, 255, 255]


@pytest.mark.parametrize("by_adobe", [True, False])
def test_cmyk_photos_keep_their_colours_inverted_or_not(by_adobe: bool) -> None:
    scene = draw_scene("columns", 5)
    rgb = np.asarray(scene, np.float64) / 255
    black = 1 - rgb.max(axis=2, keepdims=True)
    colours = (1 - rgb - black) / np.maximum(1 - black, 1e-9)
    inks = (np.concatenate([colours, black], axis=2) * 255).round().astype(np.uint8)
    content = encode(Image.fromarray(inks if by_adobe else 255 - inks, "CMYK"), "JPEG", quality=95)
    if not by_adobe:  # Pillow always writes Adobe's mark, and inverts: undo both
        at = content.index(b"\xff\xee")
        content = content[:at] + content[at + 2 + int.from_bytes(content[at + 2 : at + 4], "big") :]
    assert (b"Adobe" in content) is by_adobe
    assert difference(read_photo(content).pixels, scene) <= 12


def transparent_pictures() -> dict[str, Image.Image]:
    red = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    palette = Image.new("P", (64, 64), 0)
    palette.putpalette([255, 0, 0, 0, 0, 255])
    palette.info["transparency"] = 0
    keyed = Image.new("RGB", (64, 64), (255, 0, 0))
    keyed.info["transparency"] = (255, 0, 0)
    return {"RGBA": red, "LA": Image.new("LA", (64, 64), (40, 0)), "P": palette, "RGB with a key": keyed}


@pytest.mark.parametrize("mode", transparent_pictures())
def test_what_is_transparent_is_white_not_the_colour_hidden_below(mode: str) -> None:
    picture = transparent_pictures()[mode]
    options = {"transparency": picture.info["transparency"]} if "transparency" in picture.info else {}
    pixels = read_photo(encode(picture, "PNG", **options)).pixels
    assert pixels.min() == 255


def test_half_transparent_is_half_white() -> None:
    pixels = read_photo(encode(Image.new("RGBA", (64, 64), (255, 0, 0, 128)), "WEBP", lossless=True)).pixels
    assert pixels[0, 0].tolist() == pytest.approx([255, 127, 127], abs=1)


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_black_and_white_grey_and_palettes_become_rgb(mode: str) -> None:
    scene = draw_scene("wall", 1).convert(mode)
    assert difference(read_photo(encode(scene, "PNG")).pixels, scene.convert("RGB")) == 0
