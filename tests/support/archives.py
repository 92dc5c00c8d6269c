"""Zip archives that were made to do harm, byte by byte where no library would write them, and honest ones in Korean."""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

PHOTO = b"\xff\xd8\xff any photo"
MEBI = 1 << 20


@dataclass(frozen=True)
class Entry:
    """One entry as its headers tell it; raw: the packed bytes, where they are not to be made of `content`."""

    name: bytes
    content: bytes = PHOTO
    flags: int = 0
    mode: int = 0
    deflate: bool = False
    raw: bytes | None = None
    crc: int | None = None
    claimed: int | None = None
    method: int | None = None


def build(*entries: Entry, share_bytes: bool = False, count: int | None = None) -> bytes:
    """Write an archive; share_bytes: every entry of the directory points to the first one's bytes."""
    body, directory = bytearray(), bytearray()
    for entry in entries:
        packed = entry.raw if entry.raw is not None else _pack(entry)
        method = entry.method if entry.method is not None else 8 * entry.deflate
        crc = zlib.crc32(entry.content) if entry.crc is None else entry.crc
        size = len(entry.content) if entry.claimed is None else entry.claimed
        facts = struct.pack("<HHHHIIIHH", entry.flags, method, 0, 0x5821, crc, len(packed), size, len(entry.name), 0)
        offset = 0 if share_bytes else len(body)
        directory += b"PK\x01\x02" + struct.pack("<HH", 0x031E, 20) + facts
        directory += struct.pack("<HHHII", 0, 0, 0, entry.mode << 16, offset) + entry.name
        body += b"PK\x03\x04" + struct.pack("<H", 20) + facts + entry.name + packed
    told = len(entries) if count is None else count
    end = struct.pack("<HHHHIIH", 0, 0, told & 0xFFFF, told & 0xFFFF, len(directory), len(body), 0)
    return bytes(body + directory) + b"PK\x05\x06" + end


def _pack(entry: Entry) -> bytes:
    if not entry.deflate:
        return entry.content
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(entry.content) + packer.flush()


def honest(*names: str) -> bytes:
    """Write an archive as Python does."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, name in enumerate(names):
            archive.writestr(name, PHOTO + bytes([number]))
    return target.getvalue()


def doubled() -> bytes:
    """Write an archive that holds one name twice, with different photos."""
    return build(Entry(b"a.jpg"), Entry(b"a.jpg", PHOTO + b" another"))


def bomb(size_bytes: int = 200 * MEBI) -> bytes:
    """Write zeros that unpack to a thousand times the size."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("zeros.jpg", "w") as file,
    ):
        for _ in range(size_bytes // MEBI):
            file.write(bytes(MEBI))
    return target.getvalue()


def lying_bomb() -> bytes:
    """Write zeros that claim to be one kilobyte."""
    return build(Entry(b"zeros.jpg", bytes(30 * MEBI), deflate=True, claimed=1024))


# Name, archive, and the code of the refusal; None: it may be taken in, as nothing is lost and nothing lies outside.
HOSTILE: dict[str, tuple[bytes, str | None]] = {
    "climbs": (build(Entry(b"a.jpg"), Entry(b"../../outside.jpg")), "archive.path"),
    "absolute": (build(Entry(b"a.jpg"), Entry(b"/eodi-outside.jpg")), "archive.path"),
    "backslash": (build(Entry(b"a.jpg"), Entry(b"..\\..\\outside.jpg")), "archive.path"),
    "drive": (build(Entry(b"a.jpg"), Entry(b"C:\\outside.jpg")), "archive.path"),
    "symlink": (build(Entry(b"a.jpg"), Entry(b"link", b"/etc/passwd", mode=0o120777)), "archive.link"),
    "hard duplicate": (doubled(), "archive.same_name"),
    "case duplicate": (build(Entry(b"A.jpg"), Entry(b"a.jpg", PHOTO + b" another")), None),
    "10,001 entries": (build(*(Entry(b"%d.jpg" % n, b"x") for n in range(10_001))), "archive.too_many"),
    "200 MB bomb": (bomb(), "archive.file_too_large"),
    "nested": (build(Entry(b"a.jpg"), Entry(b"inner.jpg", honest("x.jpg"))), "archive.nested"),
    "overlapping": (build(*(Entry(b"%d.jpg" % n) for n in range(20)), share_bytes=True), "archive.overlap"),
    "encrypted": (build(Entry(b"a.jpg"), Entry(b"locked.jpg", flags=1)), "archive.encrypted"),
    "truncated": (build(*(Entry(b"%d.jpg" % n) for n in range(9)))[:-40], "archive.broken"),
    "wrong crc": (build(Entry(b"a.jpg"), Entry(b"b.jpg", crc=1)), "archive.broken"),
}
MORE_HOSTILE: dict[str, tuple[bytes, str]] = {
    "zero in a name": (build(Entry(b"a.jpg\x00.php")), "archive.path"),
    "a pipe": (build(Entry(b"pipe", mode=0o010666)), "archive.link"),
    "bytes of a small bomb": (bomb(10 * MEBI), "archive.bomb"),
    "a bomb beside an honest photo": (
        build(Entry(b"a.jpg", bytes(10 * MEBI), deflate=True), Entry(b"b.jpg", PHOTO * 50_000)),
        "archive.bomb",
    ),
    "a size that is a lie": (lying_bomb(), "archive.broken"),
    "a photo of 21 MB": (build(Entry(b"a.jpg", bytes(21 * MEBI))), "archive.file_too_large"),
    "lzma": (build(Entry(b"a.jpg", method=14)), "archive.compression"),
    "a directory of gigabytes": (
        honest("a.jpg")[:-22] + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, 0x7FFFFFF0, 0, 0),
        "archive.broken",
    ),
    "no archive": (b"PK\x03\x04 but no more", "archive.broken"),
    "empty": (b"", "archive.broken"),
    "a name that is not utf-8": (build(Entry(b"\xff\xfe.jpg", flags=0x800)), "archive.broken"),
    "packed bytes that are noise": (build(Entry(b"a.jpg", raw=b"\x07noise", deflate=True)), "archive.broken"),
}
