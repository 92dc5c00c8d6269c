"""Write prepared photos into the library: the file, the thumbnail, then the row with the first line of its history.

The one way in, for imports, crawls and visitors alike. Cut off anywhere, it leaves whole files without rows at worst,
which the next attempt makes use of and `verify` lists.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from functools import partial

from core.dataset.library import Library
from core.dataset.prepare import PreparedPhoto
from core.dataset.sniff import EXTENSIONS
from core.domain.library import PhotoAction
from core.domain.photo import PhotoRecord
from core.errors import EodiError, InvalidInput, NotFound

# Flushing waits for the disk, and four wait together: 0.74 ms a photo with one and 0.35 with four on a quiet disk, 3.7
# and 0.9 on a busy one.
WRITERS = 4


class Outcome(StrEnum):
    """What became of a photo that was brought."""

    STORED = "stored"
    ALREADY_KNOWN = "already_known"


def keep_photos(prepared: Sequence[PreparedPhoto], library: Library, action: PhotoAction, actor: str) -> frozenset[str]:
    """Store photos and return the hashes of those that are new; the rows come in one transaction, all or none.

    Raises:
        NotFound, InvalidInput: a place that does not exist, a text that no row holds; nothing is left.
        StorageUnavailable, DatabaseUnavailable: no row was written; files may be, and serve the next attempt.
    """
    placed = _place_all(prepared, library)
    try:
        return library.photos.add_all([photo.record for photo in prepared], action, actor)
    except (NotFound, InvalidInput):
        remove_unlisted(placed, library)
        raise


def _place_all(prepared: Sequence[PreparedPhoto], library: Library) -> list[PhotoRecord]:
    """Write the files of photos, and return the records of those whose file did not stand there before."""
    with ThreadPoolExecutor(WRITERS, thread_name_prefix="write photo") as pool:
        added = list(pool.map(partial(place_files, library=library), prepared))
    return [photo.record for photo, is_new in zip(prepared, added, strict=True) if is_new]


def place_files(photo: PreparedPhoto, library: Library) -> bool:
    """Write a photo's file and thumbnail; False when its file stood there before."""
    record = photo.record
    stood_there = is_placed(record.sha256, record.format, library)
    library.store.put(photo.content, record.sha256, EXTENSIONS[record.format])
    library.thumbnails.put(record.sha256, photo.thumbnail)
    return not stood_there


def is_placed(sha256: str, photo_format: str, library: Library) -> bool:
    """Whether the library holds the photo's file."""
    return library.store.exists(sha256, EXTENSIONS[photo_format])


def remove_unlisted(records: Sequence[PhotoRecord], library: Library) -> None:
    """Remove files whose rows could not be written, but for those that another process listed in this instant."""
    for record in records:
        if not _is_listed(record.sha256, library):
            library.store.delete(record.sha256, EXTENSIONS[record.format])
            library.thumbnails.delete(record.sha256)


def _is_listed(sha256: str, library: Library) -> bool:
    try:
        library.photos.get(sha256)
    except EodiError:
        return False
    return True
