"""Bring photos into the library: many from files, or one whose bytes are in memory.

The job "import", the command line and crawls call this. Two threads decode, the caller's thread writes: for each photo
its file, then its thumbnail; then, for a few photos at once, the rows with the first line of their history. So whatever
ends the work, a row always has its file, and what is left over is a whole file that the next import makes use of.
"""

import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic

from core.dataset.hash_index import HashIndex
from core.dataset.ingest import read_content
from core.dataset.keep import Outcome, is_placed, keep_photos
from core.dataset.library import Library
from core.dataset.prepare import PreparedPhoto, Provenance, prepare_photo
from core.dataset.read_ahead import read_ahead
from core.dataset.sniff import EXTENSIONS, kind_of
from core.domain.library import PhotoAction
from core.domain.photo import PhotoStatus
from core.errors import DatabaseUnavailable, PhotoRefused, StorageUnavailable, Value
from core.jobs.report import Report

__all__ = ["ImportItem", "ImportResult", "Outcome", "Provenance", "import_photos", "keep_original"]

READERS = 2
AHEAD = 8  # photos that wait, decoded, while rows are written; of those only bytes and thumbnail are in memory
AT_ONCE = 16  # rows to a transaction: its cost is shared, and a full disk or a kill costs at most these few
SOON_S = 0.4  # rows wait no longer than this, so that progress is seen and a stop is prompt
PROGRESS = "import.progress"
ENDED_BY = {
    "storage.full": "import.full",
    "database.full": "import.full",
    "storage.read_only": "import.read_only",
    "database.read_only": "import.read_only",
}


@dataclass(frozen=True, slots=True)
class ImportItem:
    """A file to bring in. original_name: as shown and kept. place_slug: None unsorted, "unknown" for no known place."""

    path: Path
    original_name: str
    place_slug: str | None


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of the items.

    stored: new in the library. known: their bytes were there before, or came twice. alike: of the stored, how many
    look like another photo of the library. refused: (name, error code, its values). elsewhere: known photos that are
    filed under another place: (name, the place asked for, the place where it is).
    """

    stored: int
    known: int
    alike: int = 0
    refused: tuple[tuple[str, str, dict[str, Value]], ...] = ()
    elsewhere: tuple[tuple[str, str | None, str | None], ...] = ()


def import_photos(
    items: Sequence[ImportItem],
    library: Library,
    provenance: Provenance,
    status: PhotoStatus,
    report: Report,
    actor: str,
) -> ImportResult:
    """Store every photo that is not known; what is no photo is refused by name, and the others go on.

    May be called again after any end: what is there already is known by its hash, without being decoded.

    Raises:
        NotFound: a place that does not exist; nothing was stored for it.
        StorageUnavailable, DatabaseUnavailable: "import.…" with the number of photos that are safe; call again.
        JobStopped: asked to stop; what was reported is safe.
    """
    index = HashIndex()
    work = _Import(library, index, report, actor, len(items))
    read = partial(_read, index=index, library=library, provenance=provenance, status=status)
    with work.saying_how_many_are_safe():
        report(0, len(items))
        library.store.sweep()
        library.thumbnails.sweep()
        index.load((sha256, looks) for sha256, looks, _ in library.photos.hashes())
        for item, reading in read_ahead(items, read, READERS, AHEAD):
            work.take(item, reading)
        work.write()
    return work.result()


def keep_original(
    content: bytes, name: str, place_slug: str | None, provenance: Provenance, library: Library, actor: str
) -> Outcome:
    """Store one photo whose bytes are in memory, to be reviewed; its original bytes are kept unchanged.

    Raises:
        PhotoRefused: not a photo that is taken in.
        NotFound: no such place.
        StorageUnavailable, DatabaseUnavailable: no row was written; call again.
    """
    prepared = prepare_photo(content, name, place_slug, provenance, PhotoStatus.NEW)
    added = keep_photos([prepared], library, PhotoAction.IMPORTED, actor)
    return Outcome.STORED if added else Outcome.ALREADY_KNOWN


@dataclass(frozen=True, slots=True)
class _Reading:
    """prepared: None where the library has the bytes already."""

    sha256: str
    prepared: PreparedPhoto | None


def _read(
    item: ImportItem, *, index: HashIndex, library: Library, provenance: Provenance, status: PhotoStatus
) -> _Reading:
    """Read a file, and make it ready unless row and file are there: then it is not even decoded."""
    content = read_content(item.path)
    sha256 = hashlib.sha256(content).hexdigest()
    kind = kind_of(content)
    if not index.claim(sha256) and kind in EXTENSIONS and is_placed(sha256, kind, library):
        return _Reading(sha256, None)
    return _Reading(sha256, prepare_photo(content, item.original_name, item.place_slug, provenance, status))


class _Import:
    """An import under way: what waits to be written, and what became of the rest."""

    def __init__(self, library: Library, index: HashIndex, report: Report, actor: str, total: int) -> None:
        self._library, self._index, self._report, self._actor = library, index, report, actor
        self._total = total
        self._stored = self._known = self._alike = 0
        self._refused: list[tuple[str, str, dict[str, Value]]] = []
        self._elsewhere: list[tuple[str, str | None, str | None]] = []
        self._waiting: list[tuple[ImportItem, _Reading]] = []
        self._written_at = monotonic()

    def take(self, item: ImportItem, reading: Future[_Reading]) -> None:
        """Wait for a photo; write when enough wait or the last time was long ago."""
        try:
            self._waiting.append((item, reading.result()))
        except PhotoRefused as refusal:
            self._refused.append((item.original_name, refusal.code, dict(refusal.values)))
        if len(self._waiting) >= AT_ONCE or monotonic() - self._written_at > SOON_S:
            self.write()
        self._tell()

    def write(self) -> None:
        """Write what waits, and count it."""
        prepared = [reading.prepared for _, reading in self._waiting if reading.prepared]
        added = keep_photos(prepared, self._library, PhotoAction.IMPORTED, self._actor) if prepared else frozenset()
        looks = {photo.record.sha256: photo.record.perceptual_hash for photo in prepared}
        for sha256 in sorted(added):
            self._alike += self._index.nearest(looks[sha256]) is not None
            self._index.add(sha256, looks[sha256])
        self._stored += len(added)
        self._known += len(self._waiting) - len(added)
        self._note_elsewhere()
        self._waiting.clear()
        self._written_at = monotonic()
        self._tell()

    def result(self) -> ImportResult:
        """Return what became of everything."""
        return ImportResult(self._stored, self._known, self._alike, tuple(self._refused), tuple(self._elsewhere))

    @contextmanager
    def saying_how_many_are_safe(self) -> Iterator[None]:
        """Say in the error that ends an import how many of its photos the library has."""
        try:
            yield
        except (StorageUnavailable, DatabaseUnavailable) as error:
            saved = self._stored + self._known
            raise type(error)(ENDED_BY.get(error.code, _other_end(error)), saved=saved, total=self._total) from error

    def _tell(self) -> None:
        done = self._stored + self._known + len(self._refused)
        counts = {"stored": self._stored, "known": self._known, "refused": len(self._refused)}
        self._report(done, self._total, PROGRESS, **counts)

    def _note_elsewhere(self) -> None:
        """Note photos that were asked to one place and are filed under another."""
        sorted_ones = {reading.sha256: item for item, reading in self._waiting if item.place_slug is not None}
        filed = {record.sha256: record.place_slug for record in self._library.photos.get_many(tuple(sorted_ones))}
        for item, reading in self._waiting:
            there = filed.get(reading.sha256, item.place_slug)
            if item.place_slug is not None and there != item.place_slug:
                self._elsewhere.append((item.original_name, item.place_slug, there))


def _other_end(error: StorageUnavailable | DatabaseUnavailable) -> str:
    return "import.no_storage" if isinstance(error, StorageUnavailable) else "import.no_database"
