"""Files that a photo door must survive: broken, hostile, or no photos at all. Generated from drawn scenes, seeded.

`malformed_files()` gives several hundred (name, bytes); `mutations(n)` gives seeded mutations for fuzzing.
"""

import io
import itertools
import struct
import zlib
from collections.abc import Iterator
from functools import cache

import numpy as np
from PIL import Image

from tests.support.scenes import draw_scene, scene_bytes

SMALL = (160, 120)
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

# Beginnings of files that are no photo that is read here, with the kind that the refusal should name.
OTHER_KINDS: dict[str, bytes] = {
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj",
    "HTML": b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>",
    "SVG": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "XML": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "ZIP": b"PK\x03\x04\x14\x00\x00\x00\x08\x00" + b"\x00" * 60,
    "RAR": b"Rar!\x1a\x07\x01\x00" + b"\x00" * 40,
    "7-Zip": b"7z\xbc\xaf\x27\x1c\x00\x04" + b"\x00" * 40,
    "GZIP": b"\x1f\x8b\x08\x00" + b"\x00" * 40,
    "BZIP2": b"BZh91AY&SY" + b"\x00" * 40,
    "XZ": b"\xfd7zXZ\x00\x00\x04" + b"\x00" * 40,
    "Zstandard": b"\x28\xb5\x2f\xfd\x04" + b"\x00" * 40,
    "EXE": b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 60,
    "ELF": b"\x7fELF\x02\x01\x01" + b"\x00" * 60,
    "Mach-O": b"\xcf\xfa\xed\xfe\x07\x00\x00\x01" + b"\x00" * 40,
    "Java": b"\xca\xfe\xba\xbe\x00\x00\x00\x34" + b"\x00" * 40,
    "WebAssembly": b"\x00asm\x01\x00\x00\x00",
    "Microsoft Office": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 60,
    "SQLite": b"SQLite format 3\x00" + b"\x00" * 84,
    "MP4": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2\x00\x00\x00\x08mdat",
    "QuickTime": b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  \x00\x00\x00\x08mdat",
    "WebM": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01" + b"\x00" * 40,
    "AVI": b"RIFF\x24\x00\x00\x00AVI LIST" + b"\x00" * 40,
    "WAV": b"RIFF\x24\x00\x00\x00WAVEfmt " + b"\x00" * 40,
    "MPEG": b"\x00\x00\x01\xba\x44\x00" + b"\x00" * 40,
    "Ogg": b"OggS\x00\x02" + b"\x00" * 40,
    "MP3": b"ID3\x04\x00\x00" + b"\x00" * 40,
    "FLAC": b"fLaC\x00\x00\x00\x22" + b"\x00" * 40,
    "FLV": b"FLV\x01\x05\x00\x00\x00\x09",
    "WOFF": b"wOF2\x00\x01\x00\x00" + b"\x00" * 40,
    "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "script": b"#!/bin/sh\nrm -rf /\n",
    "RTF": b"{\\rtf1\\ansi hello}",
    "TXT": "이것은 사진이 아니라 글입니다.\n".encode(),
    "pickle": b"\x80\x04\x95\x1f\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94",
    "HDF5": b"\x89HDF\r\n\x1a\n\x00" + b"\x00" * 60,
    "GIF": b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + b"\x00" * 40,
    "BMP": b"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28" + b"\x00" * 60,
    "TIFF": b"II*\x00\x08\x00\x00\x00\x00\x00" + b"\x00" * 40,
    "PSD": b"8BPS\x00\x01" + b"\x00" * 40,
    "ICO": b"\x00\x00\x01\x00\x01\x00\x10\x10" + b"\x00" * 40,
    "JPEG 2000": b"\x00\x00\x00\x0cjP  \r\n\x87\n" + b"\x00" * 40,
    "JPEG XL": b"\xff\x0a\xfa\x1f\x01" + b"\x00" * 40,
    "CR3": b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom",
    "QOI": b"qoif\x00\x00\x00\x10\x00\x00\x00\x10\x03\x00",
}


@cache
def seed_photos() -> dict[str, bytes]:
    """Whole photos, one for each way through the decoders."""
    scene = draw_scene("columns", 1, SMALL)
    other = draw_scene("sky", 1, SMALL)
    deep = Image.fromarray(np.asarray(scene.convert("L")).astype(np.uint16) * 257)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    exif.get_ifd(0x8825).update({1: "N", 2: (33.0, 14.0, 48.0), 3: "E", 4: (126.0, 33.0, 15.0)})
    return {
        "jpeg": scene_bytes("falls", 1, size=SMALL),
        "jpeg_exif": scene_bytes("falls", 2, size=SMALL, exif=exif),
        "jpeg_progressive": encode(scene, "JPEG", progressive=True, quality=80),
        "jpeg_cmyk": encode(scene.convert("CMYK"), "JPEG"),
        "jpeg_grey": encode(scene.convert("L"), "JPEG", icc_profile=b"\x00" * 2000),
        "mpo": encode(scene, "MPO", save_all=True, append_images=[other]),
        "png": encode(scene, "PNG"),
        "png_16": encode(deep, "PNG"),
        "png_alpha": encode(scene.convert("RGBA"), "PNG"),
        "png_palette": encode(scene.quantize(32), "PNG", transparency=0),
        "apng": encode(scene, "PNG", save_all=True, append_images=[other]),
        "webp": encode(scene, "WEBP"),
        "webp_lossless": encode(scene, "WEBP", lossless=True),
        "webp_animated": encode(scene, "WEBP", save_all=True, append_images=[other]),
        "avif": encode(scene, "AVIF", speed=10),
        "heic": scene_bytes("cave", 1, "HEIF", size=SMALL),
    }


def encode(image: Image.Image, format_name: str, **options: object) -> bytes:
    """Encode a picture with Pillow."""
    target = io.BytesIO()
    image.save(target, format_name, **options)
    return target.getvalue()


def malformed_files() -> Iterator[tuple[str, bytes]]:
    """Yield (name, bytes) of every malformed file; names are unique and say what is wrong."""
    yield from _truncations()
    yield from _flips(per_photo=24)
    yield from _broken_pngs()
    yield from _broken_jpegs()
    yield from _broken_containers()
    for kind, content in OTHER_KINDS.items():
        yield f"{kind}_named.jpg", content
    for name, content in {
        "empty": b"",
        "one_byte": b"\xff",
        "zeros": b"\x00" * 5000,
        "signature": b"\xff\xd8\xff",
    }.items():
        yield f"{name}.jpg", content
    yield "noise.jpg", np.random.default_rng(7).bytes(5000)
    yield "signature_and_noise.png", PNG_SIGNATURE + np.random.default_rng(8).bytes(5000)


def mutations(count: int, seed: int = 20261123) -> Iterator[tuple[str, bytes]]:
    """Yield seeded mutations of the seed photos: bytes changed, removed, doubled, swapped between files."""
    random = np.random.default_rng(seed)
    photos = list(seed_photos().items())
    for number in range(count):
        name, content = photos[number % len(photos)]
        mutated = bytearray(content)
        for _ in range(int(random.integers(1, 9))):
            at, length = int(random.integers(0, len(mutated))), int(random.integers(1, 65))
            donor = photos[int(random.integers(0, len(photos)))][1]
            replacements = (random.bytes(length), b"", bytes(mutated[at : at + length]) * 2, donor[at : at + length])
            mutated[at : at + int(random.integers(0, length + 1))] = replacements[int(random.integers(0, 4))]
        yield f"mutation_{number:04d}_{name}", bytes(mutated)


def png_chunk(kind: bytes, data: bytes, crc: int | None = None) -> bytes:
    """Build one PNG chunk; a wrong `crc` may be given."""
    return (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data) if crc is None else crc)
    )


def png_of_size(width: int, height: int, depth: int = 8, colour: int = 0, data: bytes = b"\x00" * 40) -> bytes:
    """Build a PNG whose header claims `width` x `height`, with hardly any pixels in it."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return PNG_SIGNATURE + header + png_chunk(b"IDAT", zlib.compress(data)) + png_chunk(b"IEND", b"")


def webp_of_canvas(width: int, height: int) -> bytes:
    """Build an animated WebP with a large canvas and one small frame."""
    still = encode(Image.new("RGBA", (64, 64), (9, 9, 9, 9)), "WEBP", lossless=True)
    picture = still[still.index(b"VP8L") :]
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    frame = b"\x00" * 6 + (63).to_bytes(3, "little") * 2 + (100).to_bytes(3, "little") + b"\x00" + picture
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x12\x00\x00\x00" + sides
    body += b"ANIM" + struct.pack("<I", 6) + b"\x00" * 6 + b"ANMF" + struct.pack("<I", len(frame)) + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def claim_box_size(content: bytes, width: int, height: int) -> bytes:
    """Write another picture size into the `ispe` box of a HEIC or AVIF."""
    forged = bytearray(content)
    at = forged.index(b"ispe") + 8
    forged[at : at + 8] = struct.pack(">II", width, height)
    return bytes(forged)


def jpeg_with_scans(count: int) -> bytes:
    """Append `count` copies of its smallest scan to a progressive JPEG."""
    content = seed_photos()["jpeg_progressive"]
    starts = [at for at in range(len(content) - 1) if content[at : at + 2] == b"\xff\xda"]
    scans = [content[start:end] for start, end in itertools.pairwise([*starts, len(content) - 2])]
    return content[:-2] + min(scans, key=len) * count + content[-2:]


def insert_segment(content: bytes, marker: int, data: bytes) -> bytes:
    """Insert one marker segment right after a JPEG's start."""
    return content[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data + content[2:]


def _truncations() -> Iterator[tuple[str, bytes]]:
    for name, content in seed_photos().items():
        for percent in (*range(5, 100, 5), 99):
            yield f"cut_{percent}_{name}", content[: len(content) * percent // 100]


def _flips(per_photo: int) -> Iterator[tuple[str, bytes]]:
    for name, content in seed_photos().items():
        random = np.random.default_rng([3, len(content)])
        for number in range(per_photo):
            flipped = bytearray(content)
            # Half of them in the head, where a byte decides more.
            at = int(random.integers(4, min(400, len(content)) if number % 2 else len(content)))
            flipped[at] ^= int(random.integers(1, 256))
            yield f"flip_{number}_{name}", bytes(flipped)


def _broken_pngs() -> Iterator[tuple[str, bytes]]:
    whole = seed_photos()["png"]
    for kind in (b"IHDR", b"IDAT", b"IEND"):
        at = whole.index(kind)
        length = int.from_bytes(whole[at - 4 : at], "big")
        yield f"crc_{kind.decode()}.png", whole[: at + 4 + length] + b"\x00\x01\x02\x03" + whole[at + 8 + length :]
    sizes = ((2**31 - 1, 2**31 - 1), (60_000, 60_000), (20_000, 20_000), (0, 100), (100, 0), (0, 0), (1, 50_000_000))
    for width, height in sizes:
        yield f"claims_{width}x{height}.png", png_of_size(width, height)
    for depth, colour in ((3, 0), (8, 1), (16, 3), (255, 255)):
        yield f"depth_{depth}_colour_{colour}.png", png_of_size(100, 100, depth, colour)
    zeros = zlib.compress(b"\x00" * 30_000_000, 9)
    profiles = {"oversized": zeros, "nested": zlib.compress(zlib.compress(zeros)), "garbage": b"not zlib at all"}
    for name, profile in profiles.items():
        yield f"icc_{name}.png", whole[:33] + png_chunk(b"iCCP", b"x\x00\x00" + profile) + whole[33:]
    yield "ztxt_bomb.png", whole[:33] + png_chunk(b"zTXt", b"Comment\x00\x00" + zeros) + whole[33:]
    yield "exif_garbage.png", whole[:33] + png_chunk(b"eXIf", b"\xff" * 5000) + whole[33:]
    yield "pixel_bomb.png", png_of_size(300, 200, data=b"\x00" * 50_000_000)
    apng = seed_photos()["apng"]
    at = apng.index(b"acTL")
    claim = png_chunk(b"acTL", struct.pack(">II", 300, 0))
    yield "claims_frames.png", apng[: at - 4] + claim + apng[at + 16 :]


def _broken_jpegs() -> Iterator[tuple[str, bytes]]:
    whole = seed_photos()["jpeg"]
    at = whole.index(b"\xff\xc0")
    for height, width in ((65_535, 65_535), (0, 160), (120, 0), (7_000, 7_000)):
        yield f"claims_{width}x{height}.jpg", whole[: at + 5] + struct.pack(">HH", height, width) + whole[at + 9 :]
    for scans in (30, 5_000):
        yield f"scans_{scans}.jpg", jpeg_with_scans(scans)
    loop = (
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x69\x87\x04\x00\x01\x00\x00\x00\x08\x00\x00\x00\x08\x00\x00\x00"
    )
    yield "exif_loop.jpg", insert_segment(whole, 0xE1, loop)
    yield "exif_noise.jpg", insert_segment(whole, 0xE1, b"Exif\x00\x00II*\x00" + np.random.default_rng(4).bytes(9000))
    yield "exif_text.jpg", insert_segment(whole, 0xE1, b"Exif\x00\x00neither of the two byte orders")
    yield "icc_parts.jpg", insert_segment(whole, 0xE2, b"ICC_PROFILE\x00\xff\x01" + b"\x00" * 900)
    yield "xmp_noise.jpg", insert_segment(whole, 0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta" + b"<a>" * 9000)
    yield "mpf_noise.jpg", insert_segment(whole, 0xE2, b"MPF\x00" + np.random.default_rng(5).bytes(900))
    yield "photoshop.jpg", insert_segment(whole, 0xED, b"Photoshop 3.0\x008BIM" + np.random.default_rng(6).bytes(900))


def _broken_containers() -> Iterator[tuple[str, bytes]]:
    for side in (7_000, 16_000, 60_000):
        for name in ("avif", "heic"):
            yield f"claims_{side}.{name}", claim_box_size(seed_photos()[name], side, side)
    for width, height in ((16_384, 16_384), (16_384, 10_800), (7_000, 7_000), (16_384, 40)):
        yield f"canvas_{width}x{height}.webp", webp_of_canvas(width, height)
    for brand in (b"avif", b"heic", b"mif1", b"msf1"):
        yield f"only_{brand.decode()}.jpg", b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00" + brand * 2
    yield "endless_ftyp.heic", b"\x00\x00\x00\x00ftypheic" + b"heic" * 500
    yield "riff_short.webp", b"RIFF\xff\xff\xff\xffWEBPVP8 \xff\xff\xff\xff"
