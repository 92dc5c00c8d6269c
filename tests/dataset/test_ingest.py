"""Intake gives the right pixels: upright, RGB, whole, whatever the file's mode and format."""

import hashlib
import os
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.dataset import ingest
from core.dataset.ingest import PhotoLimits, read_photo, read_photo_file
from core.domain.photo import PhotoNote
from core.errors import PhotoRefused
from tests.support.malformed import encode, insert_segment
from tests.support.scenes import difference, draw_scene, scene_bytes


@pytest.mark.parametrize(
    ("name", "kind"),
    [("JPEG", "JPEG"), ("PNG", "PNG"), ("WEBP", "WEBP"), ("AVIF", "AVIF"), ("HEIF", "HEIC")],
)
def test_each_format_is_read_and_named(name: str, kind: str) -> None:
    content = scene_bytes("tea_field", 3, name)
    photo = read_photo(content)
    assert photo.format == kind
    assert photo.sha256 == hashlib.sha256(content).hexdigest()
    assert photo.size_bytes == len(content)
    assert photo.notes == ()
    assert difference(photo.pixels, draw_scene("tea_field", 3)) <= 8


def test_pixels_are_rgb_contiguous_and_not_to_be_changed() -> None:
    pixels = read_photo(scene_bytes("sky", 1)).pixels
    assert pixels.dtype == np.uint8
    assert pixels.flags["C_CONTIGUOUS"]
    assert not pixels.flags.writeable


@pytest.mark.parametrize("name", ["PNG", "WEBP", "AVIF"])
def test_an_animation_gives_its_first_picture_and_a_note(name: str) -> None:
    first, second = draw_scene("falls", 1), draw_scene("sky", 1)
    content = encode(first, name, save_all=True, append_images=[second, first], quality=90)
    photo = read_photo(content)
    assert difference(photo.pixels, first) <= 6
    assert photo.notes == (PhotoNote.ANIMATED,)


def test_a_photo_with_a_second_picture_inside_gives_the_first_as_a_jpeg() -> None:
    first, second = draw_scene("falls", 1), draw_scene("sky", 1)
    content = encode(first, "MPO", save_all=True, append_images=[second], quality=92)
    assert b"MPF\x00" in content
    for need_px in (None, 100):
        photo = read_photo(content, need_px=need_px)
        assert photo.format == "JPEG"
        assert PhotoNote.ANIMATED not in photo.notes
        assert difference(photo.pixels, first.resize(photo.pixels.shape[1::-1], Image.Resampling.BOX)) <= 6


@pytest.mark.parametrize(("name", "need_px"), [("JPEG", 224), ("JPEG", 320), ("PNG", 224)])
def test_a_large_photo_decoded_small_looks_like_one_decoded_in_full(name: str, need_px: int) -> None:
    noise = np.random.default_rng(1).normal(0, 8, (1500, 2000, 1))
    detailed = np.asarray(draw_scene("columns", 7, (2000, 1500)), np.float64) + noise
    content = encode(Image.fromarray(detailed.clip(0, 255).astype(np.uint8)), name, quality=92, compress_level=1)
    reduced, whole = read_photo(content, need_px=need_px), read_photo(content)
    assert reduced.notes == (PhotoNote.REDUCED,)
    assert min(reduced.pixels.shape[:2]) >= need_px
    sizes = [Image.fromarray(photo.pixels).resize((need_px, need_px), 3) for photo in (reduced, whole)]
    print(f"{name} at {need_px}: {difference(*sizes):.2f} of 255")
    assert difference(*sizes) <= 0.6


def test_a_photo_is_never_enlarged() -> None:
    photo = read_photo(scene_bytes("sky", 2), need_px=2000)
    assert photo.pixels.shape == (480, 640, 3)
    assert photo.notes == ()


def test_a_twelve_megapixel_photo_is_decoded_small_quickly() -> None:
    noise = np.random.default_rng(1).normal(0, 9, (3000, 4000, 1))
    large = np.asarray(draw_scene("columns", 3, (4000, 3000)), np.float64) + noise
    content = encode(Image.fromarray(large.clip(0, 255).astype(np.uint8)), "JPEG", quality=92)
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        read_photo(content, need_px=224)
        seconds.append(time.perf_counter() - started)
    print(f"12 megapixels, {len(content) / 1e6:.1f} MB, decoded for 224 px in {min(seconds) * 1000:.0f} ms")
    assert min(seconds) < 1  # 45 ms on a quiet machine


def test_a_file_of_exactly_the_limit_is_read_and_one_byte_more_is_refused() -> None:
    limits = PhotoLimits()
    photo = scene_bytes("sky", 1)
    largest = photo + b"\x00" * (limits.size_bytes - len(photo))
    assert read_photo(largest).size_bytes == limits.size_bytes
    with pytest.raises(PhotoRefused) as refusal:
        read_photo(largest + b"\x00")
    assert refusal.value.code == "photo.too_large"
    assert refusal.value.values == {"size_mb": 20.1, "limit_mb": 20.0}


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(PhotoRefused) as refusal:
        read_photo(b"")
    assert refusal.value.code == "photo.empty"


def test_the_pixel_cap_counts_pixels_not_bytes() -> None:
    content = scene_bytes("sky", 1)
    assert read_photo(content, limits=PhotoLimits(pixels=640 * 480)).width_px == 640
    with pytest.raises(PhotoRefused) as refusal:
        read_photo(content, limits=PhotoLimits(pixels=640 * 480 - 1))
    assert refusal.value.code == "photo.too_many_pixels"


def test_the_size_cap_comes_before_any_look_at_the_bytes() -> None:
    with pytest.raises(PhotoRefused) as refusal:
        read_photo(b"%PDF-1.7" + b"\x00" * 100, limits=PhotoLimits(size_bytes=50))
    assert refusal.value.code == "photo.too_large"


@pytest.mark.parametrize("size", [(31, 400), (400, 31), (1, 1)])
def test_a_photo_too_small_to_show_anything_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(PhotoRefused) as refusal:
        read_photo(encode(Image.new("RGB", size), "PNG"))
    assert refusal.value.code == "photo.too_small"


@pytest.mark.parametrize(
    ("name", "found"), [("GIF", "GIF"), ("BMP", "BMP"), ("TIFF", "TIFF"), ("JPEG2000", "JPEG 2000")]
)
def test_pictures_of_other_formats_are_refused_by_name(name: str, found: str) -> None:
    with pytest.raises(PhotoRefused) as refusal:
        read_photo(scene_bytes("sky", 1, name))
    assert (refusal.value.code, refusal.value.values) == ("photo.unsupported", {"found": found})


def test_only_the_decoder_of_the_signature_sees_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    opened = Image.open

    def watched(content: BytesIO, formats: tuple[str, ...]) -> Image.Image:
        asked.append(tuple(formats))
        return opened(content, formats=formats)

    monkeypatch.setattr(Image, "open", watched)
    read_photo(scene_bytes("sky", 1, "PNG"))
    read_photo(scene_bytes("sky", 1, "JPEG"))
    assert asked == [("PNG",), ("JPEG", "MPO")]


@pytest.mark.parametrize(
    "error", [MemoryError(), struct.error(), SyntaxError(), ValueError(), OverflowError(), OSError()]
)
def test_whatever_a_decoder_raises_is_a_refusal(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(PhotoRefused) as refusal:
        read_photo(b"\xff\xd8\xff\xe0")
    assert refusal.value.code == "photo.broken"


def test_a_warning_about_a_bomb_is_a_refusal_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def warn(*_: object, **__: object) -> None:
        raise Image.DecompressionBombWarning("Image size (99000000 pixels) exceeds limit of 89478485 pixels")

    monkeypatch.setattr(Image, "open", warn)
    with pytest.raises(PhotoRefused) as refusal:
        read_photo(b"\xff\xd8\xff\xe0")
    assert refusal.value.values == {"megapixels": 99, "limit": 50}


def test_time_and_position_are_facts_beside_the_pixels() -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2026:05:01 14:03:09"
    exif.get_ifd(0x8825).update({1: "N", 2: (33.0, 14.0, 48.0), 3: "E", 4: (126.0, 33.0, 15.0)})
    photo = read_photo(scene_bytes("falls", 1, exif=exif))
    assert photo.taken_at == datetime(2026, 5, 1, 14, 3, 9)
    assert photo.position is not None
    assert photo.position.latitude == pytest.approx(33.24667, abs=1e-5)
    assert photo == read_photo(scene_bytes("falls", 1, exif=exif), need_px=100)


def test_a_film_appended_to_a_photo_does_not_count_as_scans() -> None:
    film = b"\xff\xda\x00\x02" * 1000
    assert read_photo(scene_bytes("sky", 1) + film).width_px == 640
    with_thumbnail = insert_segment(scene_bytes("sky", 1), 0xE2, b"\xff\xda\x00\x02" * 1000)
    assert read_photo(with_thumbnail).width_px == 640


def test_large_photos_take_turns_and_small_ones_need_not_wait() -> None:
    large, small = scene_bytes("sky", 1, size=(2400, 1800)), scene_bytes("sky", 1)
    with ThreadPoolExecutor(1) as threads:
        with ingest._large_decodes, ingest._large_decodes:
            waiting = threads.submit(read_photo, large)
            assert read_photo(small).width_px == 640
            assert read_photo(large, need_px=200).width_px == 2400  # decoded small, so no large one
            time.sleep(0.2)
            assert not waiting.done()
        assert waiting.result(timeout=30).width_px == 2400


def test_large_photos_read_at_once_by_many_threads_all_come_out_right() -> None:
    contents = [scene_bytes("sky", seed, size=(2400, 1800)) for seed in range(2)]
    expected = [read_photo(content).pixels for content in contents]
    with ThreadPoolExecutor(8) as threads:
        photos = list(threads.map(read_photo, contents * 6))
    assert all(np.array_equal(photo.pixels, expected[number % 2]) for number, photo in enumerate(photos))


def test_a_device_and_a_pipe_are_refused_before_they_are_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    for path in (Path("/dev/zero"), tmp_path / "pipe.jpg", tmp_path / "missing.jpg", tmp_path):
        with pytest.raises(PhotoRefused) as refused:
            read_photo_file(path)
        assert refused.value.code == "photo.unreadable"


def test_a_file_is_read_like_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(scene_bytes("falls", 1))
    assert read_photo_file(tmp_path / "photo.jpg") == read_photo(scene_bytes("falls", 1))
