"""Compare the library's rows with its files. Reads everything, changes nothing unless asked, and then says what.

Called by `photos verify`. A repair removes what killed writers left and thumbnails of photos that are gone. It never
touches a photo: a file without a row is for a person to import or to delete, a row without a file to restore.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.dataset.library import Library
from core.dataset.sniff import EXTENSIONS
from core.dataset.store import key_of
from core.dataset.thumbnails import FOLDER, NAME, name_of
from core.domain.photo import PhotoRecord
from core.errors import NotFound, Value
from core.jobs.report import Report

AT_ONCE = 2_000
PROGRESS = "verify.progress"


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What does not fit, as keys below the storage address ("ab/<sha256>.jpg") or as hashes.

    broken_files: their bytes are not what their name says. missing_thumbnails: hashes; made when they are first shown.
    leftovers: what killed writers left, and thumbnails of photos that are gone. removed: those of them that the repair
    took away.
    """

    checked: int
    files_without_rows: tuple[str, ...]
    rows_without_files: tuple[str, ...]
    broken_files: tuple[str, ...]
    missing_thumbnails: tuple[str, ...]
    leftovers: tuple[str, ...]
    removed: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether rows and files tell the same, and nothing is left over; a thumbnail may be missing."""
        left = set(self.leftovers) - set(self.removed)
        return not (self.files_without_rows or self.rows_without_files or self.broken_files or left)


def _tell_nothing(done: int, total: int | None, message_key: str = "", **values: Value) -> None:
    """Stand in where nobody asked to be told."""


def verify_library(library: Library, repair: bool = False, report: Report = _tell_nothing) -> VerifyReport:
    """Read every row and every file, and say what does not fit.

    Imports and deletions may go on meanwhile: what looks wrong is looked at a second time.

    Raises:
        StorageUnavailable, DatabaseUnavailable: nothing can be said.
        JobStopped: asked to stop; a repair has not begun.
    """
    files, thumbnails = tuple(library.store.keys()), tuple(library.thumbnails.hashes())
    listed: dict[str, str] = {}
    missing: list[PhotoRecord] = []
    broken: list[PhotoRecord] = []
    total = library.photos.count()
    for record in all_records(library):
        listed[record.sha256] = key_of_record(record)
        found = _read(record, library)
        if found is None:
            missing.append(record)
        elif found != record.sha256:
            broken.append(record)
        report(len(listed), total, PROGRESS)
    keys = set(listed.values())
    ghosts = _unlisted([key for key in files if key not in keys], library)
    leftovers = _leftovers([sha256 for sha256 in thumbnails if sha256 not in listed], library)
    return VerifyReport(
        checked=len(listed),
        files_without_rows=ghosts,
        rows_without_files=_still_listed(missing, library),
        broken_files=_still_listed(broken, library),
        missing_thumbnails=_bare(listed, library),
        leftovers=leftovers,
        removed=_remove(leftovers, library) if repair else (),
    )


def all_records(library: Library) -> Iterator[PhotoRecord]:
    """Yield every photo of the library, by hash; rows may come and go meanwhile."""
    last = ""
    while page := library.photos.records(last, AT_ONCE):
        yield from page
        last = page[-1].sha256


def key_of_record(record: PhotoRecord) -> str:
    """Return where a photo's file lies below the storage address."""
    return key_of(record.sha256, EXTENSIONS[record.format])


def _read(record: PhotoRecord, library: Library) -> str | None:
    """Return the hash of what the file holds; None when there is no file."""
    try:
        content = library.store.get(record.sha256, EXTENSIONS[record.format])
    except NotFound:
        return None
    return hashlib.sha256(content).hexdigest()


def _still_listed(records: Sequence[PhotoRecord], library: Library) -> tuple[str, ...]:
    """Return the keys of those whose rows are there yet: others were deleted while this went on."""
    there = {record.sha256 for record in library.photos.get_many([record.sha256 for record in records])}
    return tuple(key_of_record(record) for record in records if record.sha256 in there)


def _bare(sha256s: Iterable[str], library: Library) -> tuple[str, ...]:
    """Return the photos that have no thumbnail, but for those that were deleted while this went on."""
    bare = [sha256 for sha256 in sha256s if not library.thumbnails.exists(sha256)]
    return tuple(record.sha256 for record in library.photos.get_many(bare))


def _unlisted(keys: Sequence[str], library: Library) -> tuple[str, ...]:
    """Return those of the keys that have no row yet: an import may have written them meanwhile."""
    listed = {key_of_record(record) for record in library.photos.get_many([Path(key).stem for key in keys])}
    return tuple(key for key in keys if key not in listed)


def _leftovers(unlisted: Sequence[str], library: Library) -> tuple[str, ...]:
    """Return unfinished files, and thumbnails of photos that have neither row nor file.

    unlisted: thumbnails without rows. Where the photo's file is there, an import may be about to write its row.
    """
    listed = {record.sha256 for record in library.photos.get_many(unlisted)}
    strays = [s for s in unlisted if s not in listed and not _has_file(s, library)]
    unfinished = (*library.store.leftovers(), *(f"{FOLDER}/{name}" for name in library.thumbnails.leftovers()))
    return (*unfinished, *(f"{FOLDER}/{name_of(sha256)}" for sha256 in strays))


def _has_file(sha256: str, library: Library) -> bool:
    return any(library.store.exists(sha256, extension) for extension in EXTENSIONS.values())


def _remove(leftovers: Sequence[str], library: Library) -> tuple[str, ...]:
    """Remove what was named and nothing else; return what is gone."""
    library.store.remove_leftovers(leftovers)
    own = [name.removeprefix(f"{FOLDER}/") for name in leftovers if name.startswith(f"{FOLDER}/")]
    library.thumbnails.remove_leftovers(own)
    for name in own:
        if found := NAME.fullmatch(name):
            library.thumbnails.delete(found[2])
    return tuple(leftovers)
