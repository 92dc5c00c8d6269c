"""How many pairs of photos stand on both sides of a wall between learning and judging, though they belong together.

Counted afresh from hashes, pages and clocks, photo by photo; nothing here is taken from the code that makes groups and
deals splits, whose mistakes this is to find. Called before a snapshot is frozen, and by health.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.domain.photo import PhotoRecord, Split

ALIKE_BITS = 10  # as `duplicates` measured it
BURST_S = 3.0
Sides = tuple[Split | None, str]


def count_leaks(records: Sequence[PhotoRecord]) -> int:
    """Count the pairs that are near-duplicates, of one page or of one burst, and that a split or a fold may tear apart.

    Two photos are safe with one another when both are test photos, or when split and group are the same: folds keep
    groups together. A photo without a group is in nobody's.
    """
    if len(records) < 2:
        return 0
    sides = _numbered([_side(record) for record in records])
    pages = _numbered([record.page_url or number for number, record in enumerate(records)])
    cameras = _numbered([(record.source, record.place_slug) for record in records])
    hashes = _hash_bits(records)
    moments = np.array([_moment_s(record) for record in records])
    leaks = 0
    for row in range(1, len(records)):
        alike = (hashes[:row, 0] ^ hashes[row, 0], hashes[:row, 1] & hashes[row, 1])
        together = (np.bitwise_count(alike[0]) <= ALIKE_BITS) & (alike[1] == 1)
        together |= pages[:row] == pages[row]
        together |= (cameras[:row] == cameras[row]) & (np.abs(moments[:row] - moments[row]) <= BURST_S)
        leaks += int((together & (sides[:row] != sides[row])).sum())
    return leaks


def _side(record: PhotoRecord) -> Sides:
    """Return what two photos must share to be safe with one another."""
    if record.split is Split.TEST:
        return Split.TEST, ""
    return record.split, record.group_id or record.sha256


def _numbered(values: Sequence[object]) -> npt.NDArray[np.int64]:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values])


def _hash_bits(records: Sequence[PhotoRecord]) -> npt.NDArray[np.uint64]:
    """Return (N, 2): the hash, and 1 where there is one."""
    return np.array(
        [(int(record.perceptual_hash or "0", 16), bool(record.perceptual_hash)) for record in records], np.uint64
    )


def _moment_s(record: PhotoRecord) -> float:
    """Return the time on the camera's clock; NaN, which is near to nothing, where it is not known."""
    if record.taken_at is None:
        return float("nan")
    at = record.taken_at
    return at.toordinal() * 86_400.0 + at.hour * 3600 + at.minute * 60 + at.second + at.microsecond / 1e6
