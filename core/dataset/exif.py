"""Time and position from a photo's EXIF: separate facts, shown to the user and never part of a score.

Called by `ingest`. Cameras and editors write much nonsense here, so whatever cannot be believed is no fact, and a photo
is never refused for its metadata.
"""

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO

from PIL import ExifTags, Image

from core.domain.place import Position

UPRIGHT = 1
EARLIEST_YEAR = 1990  # no digital camera is older; 1970 and 1980 are clocks that were never set


def read_orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1..8; 1 (upright) when there is none or it makes no sense."""
    value = _tags(image).get(ExifTags.Base.Orientation)
    return value if isinstance(value, int) and 1 <= value <= 8 else UPRIGHT


def read_taken_at(image: Image.Image) -> datetime | None:
    """Return when the photo was taken, as the camera's clock showed it: local time without a zone."""
    details = _tags(image, ExifTags.IFD.Exif)
    for tags, tag in ((details, ExifTags.Base.DateTimeOriginal), (details, ExifTags.Base.DateTimeDigitized)):
        moment = _moment(tags.get(tag))
        if moment:
            return moment
    return None


def read_position(image: Image.Image) -> Position | None:
    """Return where the photo was taken; None without a hemisphere, out of range, or at 0, 0 (no satellite found)."""
    tags = _tags(image, ExifTags.IFD.GPSInfo)
    latitude = _degrees(tags.get(ExifTags.GPS.GPSLatitude), tags.get(ExifTags.GPS.GPSLatitudeRef), "NS", 90)
    longitude = _degrees(tags.get(ExifTags.GPS.GPSLongitude), tags.get(ExifTags.GPS.GPSLongitudeRef), "EW", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    return Position(latitude, longitude)


def _tags(image: Image.Image, ifd: int | None = None) -> Mapping[int, object]:
    """Return one directory of the EXIF; an empty one where it cannot be parsed."""
    try:
        exif = image.getexif()
        return exif if ifd is None else exif.get_ifd(ifd)
    except Exception:  # noqa: BLE001 - broken metadata raise anything, and must not cost the photo
        return {}


def _moment(value: object) -> datetime | None:
    """Parse EXIF's "YYYY:MM:DD HH:MM:SS"."""
    try:
        moment = datetime.strptime(str(value).strip(" \x00"), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None
    return moment if moment.year >= EARLIEST_YEAR else None


def _degrees(parts: object, reference: object, letters: str, limit: int) -> float | None:
    """Turn degrees, minutes and seconds into degrees within ±limit; the second of `letters` makes them negative."""
    if not isinstance(reference, str) or not isinstance(parts, tuple | list) or not 1 <= len(parts) <= 3:
        return None
    letter = reference.strip(" \x00").upper()
    try:
        degrees: float = sum(float(part) / 60**power for power, part in enumerate(parts))
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if letter not in tuple(letters) or not 0 <= degrees <= limit:
        return None
    return -degrees if letter == letters[1] else degrees


def stored_orientation(content: bytes) -> int:
    """Return the EXIF orientation of a photo that `ingest` has accepted, 1..8; 1 where it is not known."""
    try:
        with Image.open(BytesIO(content), formats=("JPEG", "MPO", "PNG", "WEBP")) as image:
            return read_orientation(image)
    except (OSError, ValueError, SyntaxError):  # other formats are stored upright, or turned by their decoder
        return UPRIGHT
