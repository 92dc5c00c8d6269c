"""The index knows every photo by its bytes, and the one that looks most like it."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.dataset.duplicates import NEAR_DUPLICATE_BITS, hamming
from core.dataset.hash_index import HashIndex


def test_bytes_are_claimed_once_whoever_asks() -> None:
    index = HashIndex()
    index.load([("a", "0" * 16)])
    assert not index.claim("a")
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(index.claim, ["b"] * 500)) == 1


def test_the_nearest_is_the_one_that_comparing_all_finds() -> None:
    random = np.random.default_rng(3)
    words = [f"{int(word):016x}" for word in random.integers(0, 2**63, 3000)]
    index = HashIndex()
    index.load((str(number), word) for number, word in enumerate(words))
    for number in range(0, 3000, 50):
        flipped = int(words[number], 16)
        for bit in random.choice(64, int(random.integers(0, 20)), replace=False):
            flipped ^= 1 << int(bit)
        asked = f"{flipped:016x}"
        distances = [hamming(word, asked) for word in words]
        nearest = index.nearest(asked)
        if min(distances) > NEAR_DUPLICATE_BITS:
            assert nearest is None
        else:
            assert nearest is not None
            assert distances[int(nearest)] == min(distances)


def test_the_limit_itself_is_near_and_one_bit_more_is_not() -> None:
    index = HashIndex()
    index.add("a", "0" * 16)
    assert index.nearest(f"{2**NEAR_DUPLICATE_BITS - 1:016x}") == "a"
    assert index.nearest(f"{2 ** (NEAR_DUPLICATE_BITS + 1) - 1:016x}") is None


def test_an_empty_index_and_a_photo_without_a_hash_look_like_nothing() -> None:
    index = HashIndex()
    assert index.nearest("0" * 16) is None
    index.add("a", "")
    assert index.nearest("0" * 16) is None
    assert not index.claim("a")
