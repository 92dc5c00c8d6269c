"""What a file is, is told by its first bytes alone."""

import time

import pytest

from core.dataset.sniff import EXTENSIONS, count_jpeg_scans, kind_of
from tests.support.malformed import OTHER_KINDS, jpeg_with_scans, seed_photos
from tests.support.scenes import scene_bytes

PHOTO_KINDS = {"JPEG": "JPEG", "PNG": "PNG", "WEBP": "WEBP", "AVIF": "AVIF", "HEIF": "HEIC"}


@pytest.mark.parametrize(("name", "kind"), PHOTO_KINDS.items())
def test_photos_are_known_by_their_signature(name: str, kind: str) -> None:
    assert kind_of(scene_bytes("sky", 1, name)) == kind
    assert kind in EXTENSIONS


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_other_files_are_known_by_theirs(kind: str) -> None:
    assert kind_of(OTHER_KINDS[kind]) == kind


@pytest.mark.parametrize(
    "content", [b"\x00" * 64, b"\x12\x34\x56\x78\xfe", b"\xff\xd8", b"", b"BM\x01\x02\x03\x04\x05\x06"]
)
def test_unknown_bytes_are_not_guessed(content: bytes) -> None:
    assert kind_of(content) == ""


def test_a_text_cut_within_a_letter_is_still_a_text() -> None:
    assert kind_of(b"a" + "가".encode() * 1000) == "TXT"


def test_an_avif_is_one_by_a_compatible_brand_too() -> None:
    assert kind_of(b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf") == "AVIF"
    assert kind_of(b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic") == "HEIC"
    assert kind_of(b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp41") == "MP4"


def test_scans_of_the_first_picture_are_counted_and_no_others() -> None:
    baseline, two_pictures = seed_photos()["jpeg"], seed_photos()["mpo"]
    assert count_jpeg_scans(baseline, 100) == 1
    assert count_jpeg_scans(two_pictures, 100) == 1
    assert count_jpeg_scans(seed_photos()["jpeg_progressive"], 100) == 10
    assert count_jpeg_scans(jpeg_with_scans(50), 100) == 60
    assert count_jpeg_scans(jpeg_with_scans(5_000), 100) == 101


def test_counting_is_quick_on_a_file_of_any_kind() -> None:
    started = time.perf_counter()
    for filling in (b"\xff\x00", b"\xff\xff", b"\xff\xd0", b"\x00\x01"):
        assert count_jpeg_scans(b"\xff\xd8" + filling * (10 << 20), 100) == 0
    assert time.perf_counter() - started < 10
