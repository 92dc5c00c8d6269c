"""Photos as they are named on a command line: by their hash, or by its beginning as far as that is unique."""

import re
from collections.abc import Iterable

from core.db.photos import PhotoRepository
from core.domain.photo import PhotoRecord
from core.errors import InvalidInput, NotFound

BEGINNING = re.compile(r"[0-9a-f]{6,64}")
ACTOR = "local"  # who decides on a command line, as a photo's history keeps it: this machine's user

SHORT = 12  # digits of a hash that lists show


def find_photos(names: Iterable[str], photos: PhotoRepository) -> tuple[PhotoRecord, ...]:
    """Return the photos that are meant, each once, in the order given.

    Raises:
        InvalidInput: code "photo.name", fewer than 6 digits or other letters; "photo.ambiguous".
        NotFound: no such photo.
    """
    found = (find_photo(name, photos) for name in names)
    return tuple({record.sha256: record for record in found}.values())


def find_photo(name: str, photos: PhotoRepository) -> PhotoRecord:
    """Return the photo whose hash begins so.

    Raises:
        InvalidInput, NotFound: as `find_photos`.
    """
    beginning = name.strip().lower()
    if not BEGINNING.fullmatch(beginning):
        raise InvalidInput("photo.name", name=name[:80])
    if len(beginning) == 64:
        return photos.get(beginning)
    lowest = int(beginning.ljust(64, "0"), 16)
    after = f"{lowest - 1:064x}" if lowest else ""
    meant = [record for record in photos.records(after, 2) if record.sha256.startswith(beginning)]
    if not meant:
        raise NotFound("photo.not_found", sha256=beginning)
    if len(meant) > 1:
        raise InvalidInput("photo.ambiguous", name=beginning)
    return meant[0]
