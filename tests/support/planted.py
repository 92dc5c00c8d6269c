"""Photos that carry everything a privacy test looks for: position, maker note, preview, XMP, IPTC, comments, a tail."""

import io
import struct

from PIL import ExifTags, Image, PngImagePlugin

from tests.support.scenes import draw_scene, scene_bytes

MARK = b"PLANTED"
XMP_NAME = b"http://ns.adobe.com/xap/1.0/\x00"
IPTC_NAME = b"Photoshop 3.0\x00"
# What no stored copy may hold; each is in at least one planted photo.
TRACES = (
    MARK,
    b"GPS",
    b"Exif\x00\x00",
    b"http://ns.adobe.com/",
    b"Photoshop",
    b"8BIM",
    b"ICC_PROFILE",
    b"ftyp",
    b"tEXt",
)


def planted_exif(orientation: int = 6) -> Image.Exif:
    """Return EXIF with a position, a time, a maker note, a serial number and a description."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.ImageDescription] = "PLANTED description GPS"
    exif[ExifTags.Base.Artist] = "PLANTED artist"
    details = exif.get_ifd(ExifTags.IFD.Exif)
    details[ExifTags.Base.DateTimeOriginal] = "2026:05:01 10:00:00"
    details[ExifTags.Base.MakerNote] = MARK + b" maker note"
    details[ExifTags.Base.BodySerialNumber] = "PLANTED 12345"
    position = exif.get_ifd(ExifTags.IFD.GPSInfo)
    position[ExifTags.GPS.GPSLatitudeRef], position[ExifTags.GPS.GPSLatitude] = "N", (33.0, 14.0, 48.9)
    position[ExifTags.GPS.GPSLongitudeRef], position[ExifTags.GPS.GPSLongitude] = "E", (126.0, 33.0, 15.9)
    return exif


def planted_jpeg(seed: int = 0, size: tuple[int, int] = (640, 480)) -> bytes:
    """Return a JPEG with all of it, and a whole second picture behind its end."""
    preview = scene_bytes("falls", seed, size=(160, 120))
    xmp = b"<x:xmpmeta>PLANTED exif:GPSLatitude</x:xmpmeta>"
    segments = (
        (0xE1, XMP_NAME + xmp),
        (0xED, IPTC_NAME + b"8BIM\x04\x04\x00\x00" + struct.pack(">I", 14) + b"\x1c\x02\x5a\x00\x09PLANTED a"),
        (0xE1, b"Exif\x00\x00PLANTED preview" + preview),
        (0xE2, b"ICC_PROFILE\x00\x01\x01PLANTED profile"),
        (0xFE, b"PLANTED comment"),
    )
    plain = scene_bytes("falls", seed, size=size, exif=planted_exif())
    extra = b"".join(bytes((0xFF, kind)) + struct.pack(">H", len(body) + 2) + body for kind, body in segments)
    place = 2
    while plain[place + 1] in (0xE0, 0xE1):  # behind the real EXIF, or it would not be read
        place += 2 + struct.unpack(">H", plain[place + 2 : place + 4])[0]
    return plain[:place] + extra + plain[place:] + MARK + b" tail" + preview


def planted_photos() -> dict[str, bytes]:
    """Return one photo of each format that is read, by format."""
    return {
        "JPEG": planted_jpeg(),
        "PNG": _planted_png(),
        "WEBP": _saved("WEBP", exif=planted_exif(1), xmp=b"<x:xmpmeta>PLANTED</x:xmpmeta>"),
        "AVIF": _saved("AVIF", exif=planted_exif(1), xmp=b"<x:xmpmeta>PLANTED</x:xmpmeta>"),
        "HEIC": scene_bytes("cave", 3, "HEIF", exif=planted_exif(1).tobytes()),
    }


def jpeg_segments(content: bytes) -> list[int]:
    """Return the markers of a JPEG's segments up to its picture data."""
    found, place = [], 2
    while content[place + 1] != 0xDA:
        found.append(content[place + 1])
        place += 2 + struct.unpack(">H", content[place + 2 : place + 4])[0]
    return found


def _planted_png() -> bytes:
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Comment", "PLANTED comment")
    texts.add_itxt("XML:com.adobe.xmp", "PLANTED http://ns.adobe.com/xap/1.0/")
    return _saved("PNG", exif=planted_exif(1), pnginfo=texts)


def _saved(encoding: str, **options: object) -> bytes:
    target = io.BytesIO()
    draw_scene("columns", 5).save(target, encoding, **options)
    return target.getvalue()
