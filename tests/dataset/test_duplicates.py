"""Near-duplicates are found wherever brute force finds them, and different scenes stay apart."""

import io
import time
from itertools import combinations
from pathlib import Path

import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from core.dataset.duplicates import (
    NEAR_DUPLICATE_BITS,
    group_near_duplicates,
    hamming,
    merge_groups,
    perceptual_hash,
)
from core.dataset.ingest import read_photo
from tests.support.scenes import PLACE_KINDS, UNKNOWN_KINDS, draw_scene, scene_bytes


def hash_of(image: Image.Image) -> str:
    return perceptual_hash(np.asarray(image))


def saved_again(image: Image.Image, quality: int) -> Image.Image:
    target = io.BytesIO()
    image.save(target, "JPEG", quality=quality)
    return Image.open(target).convert("RGB")


def cut_by(image: Image.Image, share: float) -> Image.Image:
    x, y = image.width * share / 2, image.height * share / 2
    return image.crop((int(x), int(y), int(image.width - x), int(image.height - y)))


COPIES = {
    "saved again": lambda image: saved_again(image, 40),
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "quarter of the size": lambda image: image.resize((image.width // 4, image.height // 4)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "cut by 3 %": lambda image: cut_by(image, 0.03),
}


@pytest.mark.parametrize("copy", COPIES)
@pytest.mark.parametrize("kind", PLACE_KINDS)
def test_a_copy_is_a_near_duplicate(kind: str, copy: str) -> None:
    scene = draw_scene(kind, 1)
    assert hamming(hash_of(scene), hash_of(COPIES[copy](scene))) <= NEAR_DUPLICATE_BITS


def test_scenes_of_different_kinds_are_none() -> None:
    hashes = {kind: hash_of(draw_scene(kind, 1)) for kind in (*PLACE_KINDS, *UNKNOWN_KINDS)}
    near = [
        pair for pair in combinations(hashes, 2) if hamming(hashes[pair[0]], hashes[pair[1]]) <= NEAR_DUPLICATE_BITS
    ]
    assert near == []


def test_the_hash_is_imagehash_s_and_hardly_depends_on_the_decoding_size() -> None:
    content = scene_bytes("columns", 2, size=(1600, 1200))
    whole, reduced = read_photo(content), read_photo(content, need_px=224)
    assert perceptual_hash(whole.pixels) == str(imagehash.phash(Image.fromarray(whole.pixels)))
    assert len(perceptual_hash(whole.pixels)) == 16
    assert hamming(perceptual_hash(whole.pixels), perceptual_hash(reduced.pixels)) <= 2


def test_hamming_counts_bits_as_imagehash_does() -> None:
    assert hamming("0000000000000000", "ffffffffffffffff") == 64
    assert hamming("8000000000000001", "0000000000000001") == 1
    first, second = "f0e1d2c3b4a59687", "0123456789abcdef"
    assert hamming(first, second) == imagehash.hex_to_hash(first) - imagehash.hex_to_hash(second)


def grouped_by_hand(hashes: list[str], bits: int) -> tuple[int, ...]:
    """Spread group numbers along every near pair until nothing changes."""
    groups = list(range(len(hashes)))
    near = [pair for pair in combinations(range(len(hashes)), 2) if hamming(hashes[pair[0]], hashes[pair[1]]) <= bits]
    changed = True
    while changed:
        changed = False
        for first, second in near:
            low = min(groups[first], groups[second])
            changed |= groups[first] != groups[second]
            groups[first] = groups[second] = low
    numbers: dict[int, int] = {}
    return tuple(numbers.setdefault(group, len(numbers)) for group in groups)


# Few bits in few places, so that pairs lie on both sides of the limit and later hashes join earlier groups.
HASHES = st.lists(st.sets(st.integers(0, 11), max_size=12), max_size=30).map(
    lambda marks: [f"{sum(1 << 5 * bit for bit in bits):016x}" for bits in marks]
)


@settings(max_examples=300, deadline=None)
@given(HASHES, st.integers(0, 5))
def test_groups_are_those_of_brute_force(hashes: list[str], bits: int) -> None:
    assert group_near_duplicates(hashes, bits) == grouped_by_hand(hashes, bits)


def test_alike_to_alike_counts_as_alike() -> None:
    chain = [f"{(1 << length) - 1:016x}" for length in range(0, 64, NEAR_DUPLICATE_BITS)]
    assert hamming(chain[0], chain[-1]) > NEAR_DUPLICATE_BITS
    assert set(group_near_duplicates(chain)) == {0}
    assert set(group_near_duplicates(chain[::2])) == set(range(len(chain[::2])))


def test_a_photo_that_is_alike_to_two_groups_joins_them() -> None:
    hashes = [f"{word:016x}" for word in (0, (1 << 18) - 1, (1 << 63) + (1 << 9) - 1)]
    assert hamming(hashes[0], hashes[1]) > NEAR_DUPLICATE_BITS
    assert group_near_duplicates(hashes[:2]) == (0, 1)
    assert group_near_duplicates(hashes) == (0, 0, 0)


def test_the_limit_tells_copies_from_strangers_on_real_photos(real_photos: Path) -> None:
    paths = sorted(path for path in real_photos.rglob("*") if path.suffix in {".jpg", ".png", ".webp"})[::12]
    pictures = [Image.fromarray(read_photo(path.read_bytes(), need_px=224).pixels) for path in paths]
    hashes = [hash_of(picture) for picture in pictures]
    again = [hamming(own, hash_of(saved_again(picture, 50))) for own, picture in zip(hashes, pictures, strict=True)]
    cut = [hamming(own, hash_of(cut_by(picture, 0.03))) for own, picture in zip(hashes, pictures, strict=True)]
    strangers = [hamming(first, second) for first, second in combinations(hashes, 2)]
    print(f"{len(paths)} photos: saved again {max(again)}, cut {sorted(cut)[-3:]}, strangers {sorted(strangers)[:3]}")
    assert max(again) <= NEAR_DUPLICATE_BITS - 4
    assert sum(distance <= NEAR_DUPLICATE_BITS for distance in cut) >= 0.97 * len(cut)
    assert sum(distance <= NEAR_DUPLICATE_BITS for distance in strangers) <= 1e-4 * len(strangers)


@pytest.mark.parametrize("spread", ["strangers", "all alike", "all the same"])
def test_twenty_thousand_photos_are_grouped_in_seconds(spread: str) -> None:
    random = np.random.default_rng(3)
    words = random.integers(0, 2**64, 20_000, dtype=np.uint64)
    if spread != "strangers":
        bits = np.uint64(1) << random.integers(0, 64, (20_000, 3), dtype=np.uint64)
        words = np.bitwise_xor.reduce(bits, axis=1) if spread == "all alike" else np.zeros_like(words)
    started = time.perf_counter()
    groups = group_near_duplicates([f"{word:016x}" for word in words])
    seconds = time.perf_counter() - started
    print(f"20,000 {spread}: {seconds:.2f} s")
    assert seconds < 20
    assert (max(groups) > 19_000) if spread == "strangers" else (max(groups) == 0)


def test_groups_of_several_kinds_are_joined_through_one_another() -> None:
    look_alike = (0, 0, 1, 2, 3)
    page = ("p", "q", "q", "", "")
    burst = ("", "", "", "b", "c")
    assert merge_groups(look_alike, page, burst) == (0, 0, 0, 1, 2)


def test_an_unknown_page_joins_nothing_and_number_0_does() -> None:
    assert merge_groups(("", "", "")) == (0, 1, 2)
    assert merge_groups((0, 0, 1)) == (0, 0, 1)
    assert merge_groups() == ()


def test_no_photos_make_no_groups() -> None:
    assert group_near_duplicates([]) == ()
