"""Near-duplicates are found wherever brute force finds them, and different scenes stay apart."""

import io
import time
from itertools import combinations

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


COPIES = {
    "saved again": lambda image: saved_again(image, 40),
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "quarter of the size": lambda image: image.resize((image.width // 4, image.height // 4)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "cut by 2 %": lambda image: image.crop((6, 5, image.width - 7, image.height - 5)),
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


HASHES = st.lists(st.tuples(st.integers(0, 4), st.sets(st.integers(0, 63), max_size=9)), max_size=40).map(
    lambda marks: [
        f"{(base * 0x1357_9BDF_0246_8ACE ^ sum(1 << bit for bit in bits)) % 2**64:016x}" for base, bits in marks
    ]
)


@settings(max_examples=150, deadline=None)
@given(HASHES, st.integers(0, 16))
def test_groups_are_those_of_brute_force(hashes: list[str], bits: int) -> None:
    assert group_near_duplicates(hashes, bits) == grouped_by_hand(hashes, bits)


def test_alike_to_alike_counts_as_alike() -> None:
    chain = [f"{(1 << length) - 1:016x}" for length in range(0, 64, NEAR_DUPLICATE_BITS)]
    assert hamming(chain[0], chain[-1]) > NEAR_DUPLICATE_BITS
    assert set(group_near_duplicates(chain)) == {0}
    assert set(group_near_duplicates(chain[::2])) == set(range(len(chain[::2])))


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
