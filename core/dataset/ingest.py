"""The one door for photos: bytes of unknown origin in, an upright RGB `Photo` without metadata out, or a kind refusal.

Called by the identify page, imports, crawls and training alike. Pillow's exceptions are translated here and nowhere
else. Order: size, signature, header, pixel cap, full decode, upright, RGB.
"""

import hashlib
import re
import stat
import warnings
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from threading import BoundedSemaphore

from PIL import Image

from core.dataset.exif import read_orientation, read_position, read_taken_at
from core.dataset.pixels import upright_rgb
from core.dataset.sniff import EXTENSIONS, UNSUPPORTED_PICTURES, count_jpeg_scans, kind_of
from core.domain.photo import Photo, PhotoNote
from core.errors import PhotoRefused

MEGA = 1_000_000
MEBI = 1 << 20

# Pillow's parsers that may look at bytes of each signature; no other parser is ever tried.
DECODERS = {"JPEG": ("JPEG", "MPO"), "PNG": ("PNG",), "WEBP": ("WEBP",), "AVIF": ("AVIF",), "HEIC": ("HEIF",)}
# Decoders that hold the picture several times over: 16 and 9 bytes per pixel were measured, where JPEG takes 7. With
# these caps they too stay below 400 MB.
PIXELS_OF_COSTLY = {"WEBP": 24 * MEGA, "AVIF": 40 * MEGA}
# Photos are decoded no smaller than twice the size needed, so that the consumer's own resize still decides what the
# picture looks like: mean difference from a full decode 0.2..0.5 of 255; without the margin it was up to 6.
REDUCING_GAP = 2
ANIMATED_FORMATS = frozenset({"PNG", "WEBP", "AVIF"})
# Progressive JPEGs in the wild have about ten scans; libjpeg-turbo's own fuzzers stop at 500.
JPEG_SCANS = 100

# Two large pictures at a time, however many sessions wait: each may hold 400 MB while it is decoded.
LARGE_PX = 4 * MEGA
_large_decodes = BoundedSemaphore(2)

# A second lock behind our own pixel cap. Set once, as `warnings.catch_warnings` is not safe between threads.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """What is taken in. size_bytes: of the file. pixels: width times height. frames: of an animation."""

    size_bytes: int = 20 * MEBI
    pixels: int = 50 * MEGA  # phone cameras end at 8160 x 6120 = 49.9 megapixels; decoding that takes 350 MB
    frames: int = 200
    shorter_px: int = 32


def read_photo(content: bytes, *, need_px: int | None = None, limits: PhotoLimits = PhotoLimits()) -> Photo:
    """Decode a photo, once, at the size needed.

    need_px: shorter side that the largest consumer needs; larger photos are decoded smaller, but never below twice
        that. None keeps every pixel.

    Raises:
        PhotoRefused: not a photo, not one that is read here, broken, or beyond `limits`; its code says which.
    """
    kind = _admit(content, limits)
    if kind == "HEIC":
        _add_heic_decoder()
    try:
        return _decode(content, kind, need_px and need_px * REDUCING_GAP, limits)
    except PhotoRefused:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        pixels = int(*re.findall(r"\((\d+) pixels\)", str(error)))
        raise _too_many_pixels(pixels, _most_pixels(kind, limits)) from error
    except Exception as error:
        raise PhotoRefused("photo.broken") from error


def read_photo_file(path: Path, *, need_px: int | None = None, limits: PhotoLimits = PhotoLimits()) -> Photo:
    """Read a photo from a file; what is too large, a film or a device, is refused before it is read.

    Raises:
        PhotoRefused: as `read_photo`; also code "photo.unreadable" for a file that cannot be opened.
    """
    return read_photo(read_content(path, limits), need_px=need_px, limits=limits)


def read_content(path: Path, limits: PhotoLimits = PhotoLimits()) -> bytes:
    """Return the bytes of a file that is not too large to be a photo; whether it is one, `read_photo` says.

    Raises:
        PhotoRefused: code "photo.too_large" or "photo.unreadable".
    """
    try:
        facts = path.stat()
        if not (stat.S_ISREG(facts.st_mode) or stat.S_ISDIR(facts.st_mode)):
            raise PhotoRefused("photo.unreadable", reason="Not a regular file")
        _refuse_too_large(facts.st_size, limits)
        return path.read_bytes()
    except OSError as error:
        raise PhotoRefused("photo.unreadable", reason=error.strerror or "") from error


def _refuse_too_large(size_bytes: int, limits: PhotoLimits) -> None:
    if size_bytes > limits.size_bytes:
        size_mb = round(size_bytes / MEBI + 0.05, 1)  # upwards: never "20.0 MB, limit 20.0 MB"
        raise PhotoRefused("photo.too_large", size_mb=size_mb, limit_mb=round(limits.size_bytes / MEBI, 1))


def _admit(content: bytes, limits: PhotoLimits) -> str:
    """Return the kind of photo, judged by size and signature alone."""
    if not content:
        raise PhotoRefused("photo.empty")
    _refuse_too_large(len(content), limits)
    kind = kind_of(content)
    if kind in EXTENSIONS:
        return kind
    if not kind:
        raise PhotoRefused("photo.unknown")
    raise PhotoRefused("photo.unsupported" if kind in UNSUPPORTED_PICTURES else "photo.not_a_photo", found=kind)


def _decode(content: bytes, kind: str, least_px: int | None, limits: PhotoLimits) -> Photo:
    """Open, check the header, load, and turn into a `Photo` of at least `least_px`. Raises whatever Pillow raises."""
    with Image.open(BytesIO(content), formats=DECODERS[kind]) as image:
        _check_header(image, kind, content, limits)
        size = image.size
        if least_px and kind == "JPEG":
            image.draft(None, (least_px, least_px))
        with _turn(image):
            image.load()
            if kind == "HEIC":  # the size is certain only once decoded
                size = image.size
            orientation = read_orientation(image)
            pixels = upright_rgb(image, orientation, least_px)
        pixels.setflags(write=False)
        return Photo(
            pixels=pixels,
            width_px=size[1] if orientation >= 5 else size[0],
            height_px=size[0] if orientation >= 5 else size[1],
            format=kind,
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            taken_at=read_taken_at(image),
            position=read_position(image),
            notes=_notes(image, reduced=min(pixels.shape[:2]) < min(size)),
        )


def _check_header(image: Image.Image, kind: str, content: bytes, limits: PhotoLimits) -> None:
    """Refuse by what the header claims, before a single pixel is decoded."""
    width, height = image.size
    if width * height > _most_pixels(kind, limits):
        raise _too_many_pixels(width * height, _most_pixels(kind, limits))
    if min(width, height) < limits.shorter_px:
        raise PhotoRefused("photo.too_small", width_px=width, height_px=height, limit_px=limits.shorter_px)
    frames = getattr(image, "n_frames", 1)
    if frames > limits.frames:
        raise PhotoRefused("photo.too_many_frames", frames=frames, limit=limits.frames)
    if kind == "JPEG" and count_jpeg_scans(content, JPEG_SCANS) > JPEG_SCANS:
        raise PhotoRefused("photo.broken")


def _turn(image: Image.Image) -> AbstractContextManager[object]:
    """Wait for one's turn where the picture about to be decoded is large."""
    return _large_decodes if image.width * image.height > LARGE_PX else nullcontext()


def _most_pixels(kind: str, limits: PhotoLimits) -> int:
    """Return the pixel cap of one kind of photo."""
    return min(limits.pixels, PIXELS_OF_COSTLY.get(kind, limits.pixels))


def _too_many_pixels(pixels: int, limit: int) -> PhotoRefused:
    """Say how many megapixels the photo has, rounded so that it never equals the limit."""
    return PhotoRefused("photo.too_many_pixels", megapixels=-(-pixels // MEGA), limit=limit // MEGA)


def _notes(image: Image.Image, *, reduced: bool) -> tuple[PhotoNote, ...]:
    """Gather what is worth telling whoever brought the photo."""
    animated = image.format in ANIMATED_FORMATS and getattr(image, "is_animated", False)
    notes = ((PhotoNote.ANIMATED, animated), (PhotoNote.REDUCED, reduced))
    return tuple(note for note, holds in notes if holds)


def _add_heic_decoder() -> None:
    """Teach Pillow HEIC when the first such photo comes: the library takes memory that most sessions never need."""
    import pillow_heif

    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
