"""Which photos the library knows, by their bytes and by their looks; asked for every photo that comes in.

Loaded once per import from the rows, 40 bytes a photo, and kept up to date by whoever adds to the library meanwhile.
"""

from collections.abc import Iterable
from threading import Lock

import numpy as np
import numpy.typing as npt

from core.dataset.duplicates import NEAR_DUPLICATE_BITS


class HashIndex:
    """Hashes of the photos that are known; thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: set[str] = set()
        self._owners: list[str] = []
        self._words = np.empty(1024, np.uint64)

    def load(self, known: Iterable[tuple[str, str]]) -> None:
        """Note photos as (sha256, perceptual hash); an empty perceptual hash looks like nothing."""
        for sha256, perceptual_hash in known:
            self.add(sha256, perceptual_hash)

    def claim(self, sha256: str) -> bool:
        """Note that these bytes are known from now on; False when they were already."""
        with self._lock:
            if sha256 in self._known:
                return False
            self._known.add(sha256)
            return True

    def add(self, sha256: str, perceptual_hash: str) -> None:
        """Note how a photo looks."""
        with self._lock:
            self._known.add(sha256)
            self._append(sha256, perceptual_hash)

    def nearest(self, perceptual_hash: str, bits: int = NEAR_DUPLICATE_BITS) -> str | None:
        """Return the photo that looks most like this one; None when none differs in at most `bits` bits."""
        with self._lock:
            distances = np.bitwise_count(self._filled() ^ np.uint64(int(perceptual_hash, 16)))
            nearest = int(distances.argmin()) if len(distances) else -1
            return self._owners[nearest] if nearest >= 0 and distances[nearest] <= bits else None

    def _filled(self) -> npt.NDArray[np.uint64]:
        return self._words[: len(self._owners)]

    def _append(self, sha256: str, perceptual_hash: str) -> None:
        if not perceptual_hash:
            return
        if len(self._owners) == len(self._words):
            self._words = np.resize(self._words, 2 * len(self._words))
        self._words[len(self._owners)] = int(perceptual_hash, 16)
        self._owners.append(sha256)
