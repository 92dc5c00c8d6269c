"""Photos out of the library: a zip with a folder per place, and a table that says where each photo came from.

What leaves is an upright copy without metadata, unless the originals are asked for; file names are made from hashes.
Photos whose licence is not known to be free stay, unless they are asked for. Called by the command line's job.
"""

import os
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from core.dataset.csv_cells import Cell, write_csv
from core.dataset.derivative import encode_derivative
from core.dataset.ingest import read_photo
from core.dataset.library import Library
from core.dataset.licences import is_free
from core.dataset.sniff import EXTENSIONS
from core.dataset.store import PhotoStore
from core.dataset.whole_files import translated
from core.domain.library import PhotoFilter, PhotoOrder
from core.domain.photo import PhotoRecord
from core.errors import NotFound, PhotoRefused
from core.jobs.report import Report

PROVENANCE_FILE = "provenance.csv"
COLUMNS = ("file", "sha256", "place", "source", "page_url", "author", "licence", "original_name", "changes")
LONGEST_PX, JPEG_QUALITY = 2048, 92  # as contributed photos are kept
CHANGES = f"turned upright, longest side at most {LONGEST_PX} px, encoded again without metadata"
PAGE = 500
EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip can say: the same photos give the same bytes


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What left and what stayed. no_licence: none is stated; not_free: one that is not known to be free.

    unsorted: of no place yet, so in no folder; broken: their files are gone or damaged.
    """

    exported: int
    no_licence: int = 0
    not_free: int = 0
    unsorted: int = 0
    broken: int = 0


def export_photos(
    wanted: PhotoFilter,
    library: Library,
    target_zip: Path,
    only_free: bool = True,
    report: Report | None = None,
    originals: bool = False,
) -> ExportResult:
    """Write the photos that a filter lists to a zip, whole or not at all; one that stands there is replaced.

    Args:
        wanted: what to export.
        library: rows and files.
        target_zip: `<slug>/<hash>.jpg`, `unknown/…` and provenance.csv.
        only_free: leave out photos whose licence is not known to be free.
        report: told after each photo; what it raises ends the export and leaves nothing behind.
        originals: the kept bytes as they are, with whatever metadata they carry.

    Raises:
        StorageUnavailable: photos cannot be read, or the zip cannot be written.
        JobStopped: `report` asked to stop.
    """
    unfinished = target_zip.with_name(f".{target_zip.name}.{uuid4().hex}.part")
    with translated(str(target_zip.parent)):
        target_zip.parent.mkdir(parents=True, exist_ok=True)
        try:
            with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
                pack = _Pack(archive, library.store, only_free, originals)
                total = library.photos.count_matching(wanted)
                for number, record in enumerate(_records(wanted, library), start=1):
                    pack.add(record)
                    if report is not None:
                        report(number, max(total, number), "export.photos", photos=number)
                result = pack.close()
            _flush(unfinished)
            unfinished.replace(target_zip)
        finally:
            unfinished.unlink(missing_ok=True)
    return result


class _Pack:
    """A zip that photos are put into, and what became of each."""

    def __init__(self, archive: zipfile.ZipFile, store: PhotoStore, only_free: bool, originals: bool) -> None:
        self._archive, self._store = archive, store
        self._only_free, self._originals = only_free, originals
        self._rows: list[Sequence[Cell]] = []
        self._left: Counter[str] = Counter()

    def add(self, record: PhotoRecord) -> None:
        """Put a photo in, or count why it stays."""
        if reason := self._stays(record):
            self._left[reason] += 1
            return
        try:
            content = self._store.get(record.sha256, EXTENSIONS[record.format])
            if not self._originals:
                content = encode_derivative(read_photo(content, need_px=LONGEST_PX), LONGEST_PX, JPEG_QUALITY)
        except (NotFound, PhotoRefused):
            self._left["broken"] += 1
            return
        extension = EXTENSIONS[record.format if self._originals else "JPEG"]
        name = f"{record.place_slug}/{record.sha256}.{extension}"
        self._archive.writestr(zipfile.ZipInfo(name, EARLIEST), content)
        self._rows.append(self._provenance(name, record))

    def close(self) -> ExportResult:
        """Add the table, and say what became of the photos."""
        self._archive.writestr(zipfile.ZipInfo(PROVENANCE_FILE, EARLIEST), write_csv(COLUMNS, self._rows))
        return ExportResult(len(self._rows), **self._left)

    def _stays(self, record: PhotoRecord) -> str:
        """Return why a photo does not leave; "" when it does."""
        if record.place_slug is None:
            return "unsorted"
        if not self._only_free or is_free(record.licence):
            return ""
        return "not_free" if record.licence.strip() else "no_licence"

    def _provenance(self, name: str, record: PhotoRecord) -> Sequence[Cell]:
        changes = "" if self._originals else CHANGES
        where = (record.source, record.page_url, record.author, record.licence, record.original_name)
        return (name, record.sha256, record.place_slug, *where, changes)


def _records(wanted: PhotoFilter, library: Library) -> Iterator[PhotoRecord]:
    """Yield the photos of a filter, oldest first, so that those that arrive meanwhile shift none."""
    offset = 0
    while page := library.photos.find(wanted, PhotoOrder.OLDEST, PAGE, offset):
        yield from page
        offset += len(page)


def _flush(path: Path) -> None:
    """Make the bytes survive a power cut before the name says that they are whole."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
