"""What can be said of a file from its first bytes, before any parser opens it. Names and MIME types are never asked.

Called by `ingest`. Found kinds are short names that read the same in every language ("PDF", "MP4").
"""

import re

# The photo formats that are read; their extensions are part of the storage key.
EXTENSIONS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "HEIC": "heic", "AVIF": "avif"}

# Pictures that Eodi does not read: too rare among photos to be worth another decoder at the door.
UNSUPPORTED_PICTURES = frozenset({"GIF", "BMP", "TIFF", "JPEG 2000", "JPEG XL", "PSD", "ICO", "CR3", "SVG", "QOI"})

# Source: each format's specification; offsets are 0. Order matters where one begins like another.
SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "TIFF"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"8BPS", "PSD"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"qoif", "QOI"),
    (b"%PDF-", "PDF"),
    (b"%!PS", "PostScript"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x1f\x8b", "GZIP"),
    (b"BZh", "BZIP2"),
    (b"\xfd7zXZ\x00", "XZ"),
    (b"\x28\xb5\x2f\xfd", "Zstandard"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"\xcf\xfa\xed\xfe", "Mach-O"),
    (b"\xca\xfe\xba\xbe", "Java"),
    (b"\x00asm", "WebAssembly"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft Office"),
    (b"SQLite format 3\x00", "SQLite"),
    (b"\x1a\x45\xdf\xa3", "WebM"),
    (b"FLV\x01", "FLV"),
    (b"\x00\x00\x01\xba", "MPEG"),
    (b"OggS", "Ogg"),
    (b"ID3", "MP3"),
    (b"\xff\xfb", "MP3"),
    (b"fLaC", "FLAC"),
    (b"wOFF", "WOFF"),
    (b"wOF2", "WOFF"),
    (b"#!", "script"),
    (b"{\\rtf", "RTF"),
    (b"\x80\x04\x95", "pickle"),
    (b"\x89HDF\r\n\x1a\n", "HDF5"),
)
RIFF_KINDS = {b"WEBP": "WEBP", b"WAVE": "WAV", b"AVI ": "AVI"}

# Source: ISO/IEC 23008-12 (HEIF) annexes, AV1 Image File Format §8; other brands are films.
AVIF_BRANDS = frozenset({b"avif", b"avis"})
HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})

MARKUP = ((b"<svg", "SVG"), (b"<!doctype html", "HTML"), (b"<html", "HTML"), (b"<script", "HTML"), (b"<body", "HTML"))
JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
JPEG_START_OF_SCAN, JPEG_END_OF_IMAGE = 0xDA, 0xD9


def kind_of(content: bytes) -> str:
    """Name what `content` is by its signature: a key of `EXTENSIONS`, another short name, or "" when unknown."""
    for signature, kind in SIGNATURES:
        if content.startswith(signature):
            return kind
    if content.startswith(b"BM") and content[6:10] == b"\x00\x00\x00\x00":
        return "BMP"
    if content.startswith(b"RIFF"):
        return RIFF_KINDS.get(content[8:12], "RIFF")
    if content[4:8] == b"ftyp":
        return _boxed_kind(content)
    return _text_kind(content[:1024])


def _boxed_kind(content: bytes) -> str:
    """Tell HEIC and AVIF photos from films by the brands of an ISO base media file."""
    end = min(max(int.from_bytes(content[:4], "big"), 16), 256)
    marks = [0, 4, *range(8, end - 8, 4)]  # the major brand, then the compatible ones; between them a version number
    brands = [content[8 + at : 12 + at] for at in marks if at != 4]
    if AVIF_BRANDS.intersection(brands):
        return "AVIF"
    if HEIC_BRANDS.intersection(brands):
        return "HEIC"
    return {b"crx ": "CR3", b"qt  ": "QuickTime"}.get(brands[0], "MP4")


def _text_kind(head: bytes) -> str:
    """Tell markup and plain text from unknown bytes."""
    lowered = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if lowered.startswith((b"<", b"<!--")):
        for tag, kind in MARKUP:
            if tag in lowered:
                return kind
        return "XML"
    try:
        text = head.decode("utf-8", errors="strict" if len(head) < 1024 else "ignore")
    except UnicodeDecodeError:
        return ""
    return "TXT" if text and all(sign.isprintable() or sign.isspace() for sign in text) else ""


def count_jpeg_scans(content: bytes, at_most: int) -> int:
    """Count the scans of the first picture of a JPEG, and stop counting after `at_most`.

    A progressive JPEG may hold thousands of empty scans, each of which makes the decoder pass over the whole picture.
    """
    scans, place = 0, 2
    while scans <= at_most and (marker := JPEG_MARKER.search(content, place)):
        kind = content[marker.end() - 1]
        if kind == JPEG_END_OF_IMAGE:
            break
        scans += kind == JPEG_START_OF_SCAN
        length = int.from_bytes(content[marker.end() : marker.end() + 2], "big")
        place = marker.end() + max(length, 2)
    return scans
