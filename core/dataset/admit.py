"""One photo at a time into groups, none of which may hold two splits; `groups` calls it where its quick way may err.

Test photos come first, so that none of them is ever the one that gives way; then validation, training, and the rest in
the order of their arrival. A photo that would join groups of different splits is refused, and joins nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from core.dataset.duplicates import NEAR_DUPLICATE_BITS
from core.domain.photo import PhotoRecord, Split

# Cameras take 3 to 30 photos a second in a burst; whoever aims anew needs longer.
BURST_S = 3.0
FIRST = {Split.TEST: 0, Split.VALIDATION: 1, Split.TRAIN: 2, None: 3}
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A photo that would join groups of different splits, and which."""

    sha256: str
    splits: tuple[Split, ...]


def admit(records: Sequence[PhotoRecord]) -> tuple[list[list[PhotoRecord]], list[Refusal]]:
    """Return the groups that the photos form, and those that were refused."""
    ordered = sorted(records, key=_turn)
    links = Links(ordered)
    labels = np.full(len(ordered), -1)
    splits: dict[int, Split | None] = {}
    refused = []
    for index, record in enumerate(ordered):
        joined = np.unique(labels[links.of(index) & (labels >= 0)]).tolist()
        meeting = {splits[label] for label in joined} | {record.split}
        meeting.discard(None)
        if len(meeting) > 1:
            refused.append(Refusal(record.sha256, tuple(split for split in Split if split in meeting)))
            continue
        label = joined[0] if joined else index
        labels[np.isin(labels, joined)] = label
        labels[index] = label
        splits[label] = next(iter(meeting), None)
    groups = [[ordered[row] for row in np.flatnonzero(labels == label)] for label in np.unique(labels[labels >= 0])]
    return groups, refused


class Links:
    """What joins each photo directly to others: a look, a page, a burst."""

    def __init__(self, records: Sequence[PhotoRecord]) -> None:
        self._words = np.array([int(record.perceptual_hash or "0", 16) for record in records], np.uint64)
        self._hashed = np.array([bool(record.perceptual_hash) for record in records])
        self._pages = _numbers([record.page_url for record in records])
        self._series = _numbers([f"{record.source}\n{record.place_slug or ''}" for record in records])
        self._seconds = np.array([_seconds(record) for record in records])

    def of(self, index: int) -> Bools:
        """Return (N,) whether photo `index` is joined to each; to itself says nothing."""
        near = np.bitwise_count(self._words ^ self._words[index]) <= NEAR_DUPLICATE_BITS
        joined = near & self._hashed & self._hashed[index]
        joined |= (self._pages == self._pages[index]) & (self._pages >= 0)
        joined |= (self._series == self._series[index]) & (np.abs(self._seconds - self._seconds[index]) <= BURST_S)
        return np.asarray(joined)


def _turn(record: PhotoRecord) -> tuple[int, float, str]:
    arrived = record.created_at.timestamp() if record.created_at else 0.0
    return FIRST[record.split], arrived, record.sha256


def _numbers(texts: Sequence[str]) -> Ints:
    """Number equal texts alike; an empty one is -1."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(text, len(numbers)) if text else -1 for text in texts])


def _seconds(record: PhotoRecord) -> float:
    """Return the camera's clock in seconds; not a number, which is near nothing, where it is not known."""
    return float("nan") if record.taken_at is None else clock_s(record.taken_at)


def clock_s(taken_at: datetime) -> float:
    """Return what the camera's clock showed, in seconds; some cameras write the offset and some do not."""
    return (taken_at.replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds()
