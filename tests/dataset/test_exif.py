"""Time and position are believed only when they make sense; metadata never cost the photo."""

from datetime import datetime

import pytest
from PIL import Image

from core.dataset.exif import read_orientation, read_position, read_taken_at
from core.domain.place import Position

NAN, INFINITE = float("nan"), float("inf")
DEGREES = {"latitude": (33.0, 14.0, 48.0), "longitude": (126.0, 33.0, 15.0)}


def with_position(latitude: object, north: object, longitude: object, east: object) -> Image.Image:
    image = Image.new("RGB", (8, 8))
    image.getexif().get_ifd(0x8825).update({1: north, 2: latitude, 3: east, 4: longitude})
    return image


def with_time(value: object, tag: int = 0x9003) -> Image.Image:
    image = Image.new("RGB", (8, 8))
    image.getexif().get_ifd(0x8769)[tag] = value
    return image


@pytest.mark.parametrize(
    ("north", "east", "signs"),
    [("N", "E", (1, 1)), ("S", "W", (-1, -1)), ("n", "w\x00", (1, -1)), ("S ", "E", (-1, 1))],
)
def test_a_position_has_the_sign_of_its_hemisphere(north: str, east: str, signs: tuple[int, int]) -> None:
    position = read_position(with_position(DEGREES["latitude"], north, DEGREES["longitude"], east))
    assert position is not None
    assert position.latitude == pytest.approx(signs[0] * (33 + 14 / 60 + 48 / 3600))
    assert position.longitude == pytest.approx(signs[1] * (126 + 33 / 60 + 15 / 3600))


def test_decimal_degrees_without_minutes_are_read() -> None:
    assert read_position(with_position((33.5,), "N", (126.25, 0.0), "E")) == Position(33.5, 126.25)


@pytest.mark.parametrize(
    "parts",
    [
        ((0.0, 0.0, 0.0), "N", (0.0, 0.0, 0.0), "E"),
        ((91.0, 0.0, 0.0), "N", (126.0, 0.0, 0.0), "E"),
        ((33.0, 0.0, 0.0), "N", (180.0, 0.0, 1.0), "E"),
        ((-33.0, 0.0, 0.0), "N", (126.0, 0.0, 0.0), "E"),
        ((NAN, 0.0, 0.0), "N", (126.0, 0.0, 0.0), "E"),
        ((INFINITE, 0.0, 0.0), "N", (126.0, 0.0, 0.0), "E"),
        ((33.0, 0.0, 0.0), "", (126.0, 0.0, 0.0), "E"),
        ((33.0, 0.0, 0.0), None, (126.0, 0.0, 0.0), "E"),
        ((33.0, 0.0, 0.0), "E", (126.0, 0.0, 0.0), "N"),
        ("33.2", "N", "126.5", "E"),
        ((), "N", (), "E"),
        (("a", "b", "c"), "N", (126.0, 0.0, 0.0), "E"),
        ((33.0, 0.0, 0.0, 0.0), "N", (126.0, 0.0, 0.0), "E"),
        (33.0, "N", 126.0, "E"),
        ((33.0, 0.0, 0.0), "N", None, "E"),
    ],
)
def test_a_position_that_makes_no_sense_is_none(parts: tuple[object, object, object, object]) -> None:
    assert read_position(with_position(*parts)) is None


def test_a_point_on_the_equator_is_a_position() -> None:
    assert read_position(with_position((0.0, 0.0, 0.0), "N", (32.5, 0.0, 0.0), "E")) == Position(0.0, 32.5)


def test_the_time_is_the_camera_clock_s() -> None:
    assert read_taken_at(with_time("2026:05:01 14:03:09")) == datetime(2026, 5, 1, 14, 3, 9)
    assert read_taken_at(with_time("2026:05:01 14:03:09\x00")) == datetime(2026, 5, 1, 14, 3, 9)


def test_the_time_of_digitising_stands_in_for_a_missing_one() -> None:
    assert read_taken_at(with_time("2026:05:01 14:03:09", tag=0x9004)) == datetime(2026, 5, 1, 14, 3, 9)


@pytest.mark.parametrize(
    "value",
    [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2026-05-01",
        "",
        "1970:01:01 00:00:00",
        "2026:13:40 99:99:99",
        b"\xff",
        7,
        None,
    ],
)
def test_a_time_that_makes_no_sense_is_none(value: object) -> None:
    assert read_taken_at(with_time(value)) is None


@pytest.mark.parametrize("value", [0, 9, -1, 65_535, "6", b"\x06", None, 6.5])
def test_an_orientation_that_makes_no_sense_is_upright(value: object) -> None:
    image = Image.new("RGB", (8, 8))
    image.getexif()[0x0112] = value
    assert read_orientation(image) == 1


BROKEN_EXIF = (
    b"Exif\x00\x00II*\x00\xff\xff\xff\x7f" + b"\xff" * 50,
    b"Exif\x00\x00neither of them",
    b"Exif\x00\x00",
    b"II",
)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("content", BROKEN_EXIF)
def test_exif_that_cannot_be_parsed_is_no_exif(content: bytes) -> None:
    image = Image.new("RGB", (8, 8))
    image.info["exif"] = content
    assert (read_orientation(image), read_taken_at(image), read_position(image)) == (1, None, None)
