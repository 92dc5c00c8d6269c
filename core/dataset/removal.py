"""Take photos out of the library for good: file, thumbnail, row, and with the row its history, opinions and boxes.

The row goes last: cut off in between, it still names the photo, and a second call completes the work. Frozen snapshots
keep the hash of a photo that is gone, and nothing else of it.
"""

from collections.abc import Iterable
from itertools import islice

from core.dataset.library import Library
from core.dataset.sniff import EXTENSIONS
from core.domain.photo import PhotoRecord

AT_ONCE = 500


def delete_photos(sha256s: Iterable[str], library: Library) -> int:
    """Delete photos, and return how many there were; what is not there is passed over.

    Raises:
        StorageUnavailable, DatabaseUnavailable: some may not be wholly gone; call again.
    """
    keys, deleted = iter(sha256s), 0
    while some := tuple(islice(keys, AT_ONCE)):
        deleted += sum(delete_photo(record, library) for record in library.photos.get_many(some))
    return deleted


def delete_by_source(source: str, library: Library) -> int:
    """Delete every photo of a source, and return how many there were.

    Raises:
        StorageUnavailable, DatabaseUnavailable: some are left; call again.
    """
    return delete_photos(library.photos.hashes_of_source(source), library)


def delete_photo(record: PhotoRecord, library: Library) -> bool:
    """Delete one photo; False when another process was faster."""
    library.store.delete(record.sha256, EXTENSIONS[record.format])
    library.thumbnails.delete(record.sha256)
    return library.photos.delete(record.sha256)
