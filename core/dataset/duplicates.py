"""Near-duplicates: perceptual hashes, and the groups of photos that look nearly alike.

Called by intake (one hash per photo), by training and by review (groups that no split or fold may tear apart).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

HASH_BITS = 64
# Measured on 939 photos of Jeju, Vietnam and five towers. Copies: saved again at quality 75 or 30, or made smaller down
# to a quarter, lie within 4 bits; brightened by a fifth within 10; with 3 % of each side's length cut off within 10 for
# 937 of 939, with 5 % for 914, with 10 % for 540. Strangers: of 440,391 pairs none of different places lies within 10
# and one of the same tower does; within 12 there are two more, within 14 another seventeen. Mirrored copies are
# strangers to this hash. A pair joined wrongly costs a little data; one missed would flatter every score.
NEAR_DUPLICATE_BITS = 10


def perceptual_hash(pixels: npt.NDArray[np.uint8]) -> str:
    """Return the 64-bit DCT hash of a photo as 16 hexadecimal digits.

    pixels: (H, W, 3) uint8, upright.
    Source: the ImageHash library's `phash`; it brings scipy, so it is imported when the first hash is asked for.
    """
    import imagehash
    from PIL import Image

    return str(imagehash.phash(Image.fromarray(pixels)))


def hamming(first: str, second: str) -> int:
    """Return in how many of their 64 bits two hashes differ."""
    return (int(first, 16) ^ int(second, 16)).bit_count()


def group_near_duplicates(hashes: Sequence[str], bits: int = NEAR_DUPLICATE_BITS) -> tuple[int, ...]:
    """Return a group number 0..G-1 per photo, in order of first appearance; alike to alike counts as alike.

    Compares every pair of distinct hashes, a row at a time: exact, and half a second for 20,000. An index by parts of
    the hash (eleven parts, one of which must be equal) would still leave a sixth of the pairs to compare.
    """
    words, member_of = np.unique(np.array([int(value, 16) for value in hashes], np.uint64), return_inverse=True)
    labels = np.arange(len(words))
    for index in range(1, len(words)):
        near = np.bitwise_count(words[:index] ^ words[index]) <= bits
        joined = labels[:index][near]
        if len(joined):
            labels[index] = joined[0]
            if (joined != joined[0]).any():
                labels[np.isin(labels, joined)] = joined[0]
    return _numbered(labels[member_of].tolist())


def merge_groups(*keys: Sequence[str | int]) -> tuple[int, ...]:
    """Join groupings of the same photos: two photos share a group when any key joins them, directly or by others.

    An empty text joins nothing: the page or burst of such a photo is not known.
    """
    parent = list(range(len(keys[0]) if keys else 0))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for key in keys:
        first: dict[str | int, int] = {}
        for index, value in enumerate(key):
            if value != "":
                parent[root(index)] = root(first.setdefault(value, index))
    return _numbered([root(index) for index in range(len(parent))])


def _numbered(labels: Sequence[int]) -> tuple[int, ...]:
    """Renumber labels 0..G-1 in order of first appearance."""
    numbers: dict[int, int] = {}
    return tuple(numbers.setdefault(label, len(numbers)) for label in labels)
