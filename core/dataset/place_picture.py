"""A photo of the library as a place's representative picture.

`PlacePicture.file` is the name of a catalogue picture, or `library:<sha256>`. Visitors see such a photo only as long as
it is accepted and its terms are known: both are asked anew whenever it is shown, so a photo that is deleted, or whose
licence turns out to be unknown, is gone from the page at once.
"""

import re

from core.domain.photo import PhotoRecord, PhotoStatus
from core.domain.place import PlacePicture
from core.errors import InvalidInput

LIBRARY = "library:"
FILE = re.compile(rf"{LIBRARY}([0-9a-f]{{64}})")
UNKNOWN_TERMS = frozenset({"", "unknown", "-", "?"})


def library_sha256(file: str) -> str | None:
    """Return the hash of the library's photo that a picture's file names; None for a catalogue picture."""
    named = FILE.fullmatch(file)
    return named[1] if named else None


def may_be_shown(record: PhotoRecord) -> bool:
    """Whether visitors may see a photo: it is accepted, and on which terms is known."""
    return record.status is PhotoStatus.ACCEPTED and record.licence.strip().lower() not in UNKNOWN_TERMS


def picture_of(record: PhotoRecord) -> PlacePicture:
    """Make a photo of the library a place's picture, with its author and licence.

    Raises:
        InvalidInput: code "place.picture_terms"; it is not accepted, or its licence is unknown.
    """
    if not may_be_shown(record):
        raise InvalidInput("place.picture_terms", photo=record.original_name or record.sha256[:12])
    return PlacePicture(f"{LIBRARY}{record.sha256}", record.author, record.licence, record.page_url)
