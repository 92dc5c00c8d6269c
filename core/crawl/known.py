"""Which photos the library holds, by their bytes and by their looks, of each place and of all. Called by `filing`.

Loaded from the rows when a crawl begins, and kept up to date with what this crawl and others at work beside it add.
"""

from datetime import UTC, datetime, timedelta

from core.dataset.hash_index import HashIndex
from core.db.crawls import CrawlRepository

# A photo's moment of arrival is taken before its row is written, maybe on another machine whose clock is a little off.
OVERLAP = timedelta(seconds=60)


class KnownPhotos:
    """Asked from several threads for bytes; only the thread that files photos asks for looks and adds."""

    def __init__(self, crawls: CrawlRepository) -> None:
        self._crawls = crawls
        self._all = HashIndex()
        self._of_place: dict[str | None, HashIndex] = {}
        self._place_of: dict[str, str | None] = {}
        self._read_at: datetime | None = None

    def read(self) -> None:
        """Take up what came into the library since the last time; at first, everything."""
        now = datetime.now(UTC)
        since = None if self._read_at is None else self._read_at - OVERLAP
        for sha256, look, place_slug in self._crawls.looks(since):
            self.add(sha256, look, place_slug)
        self._read_at = now

    def add(self, sha256: str, look: str, place_slug: str | None) -> None:
        """Note a photo and how it looks."""
        if sha256 in self._place_of:
            return
        self._place_of[sha256] = place_slug
        self._all.add(sha256, look)
        self._of_place.setdefault(place_slug, HashIndex()).add(sha256, look)

    def claim(self, sha256: str) -> bool:
        """Note that these bytes are met; False when they were met before."""
        return self._all.claim(sha256)

    def place_of(self, sha256: str) -> str | None:
        """Return where a photo is filed; None for one that is not sorted, or not there."""
        return self._place_of.get(sha256)

    def is_listed(self, sha256: str) -> bool:
        """Whether the photo is in the library, or will be with the next rows."""
        return sha256 in self._place_of

    def alike_here(self, look: str, place_slug: str) -> str | None:
        """Return a near-duplicate of the same place, or None."""
        index = self._of_place.get(place_slug)
        return None if index is None else index.nearest(look)

    def alike_anywhere(self, look: str) -> str | None:
        """Return a near-duplicate, or None."""
        return self._all.nearest(look)
