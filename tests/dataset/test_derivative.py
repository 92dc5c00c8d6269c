"""What is shown or exported carries the picture and nothing else of the file it came from."""

import io
import struct
import zipfile
from typing import Literal

import numpy as np
import pytest
from PIL import Image

from core.dataset.derivative import encode_derivative
from core.dataset.ingest import read_photo
from tests.support.malformed import insert_segment
from tests.support.scenes import draw_scene, scene_bytes

Encoding = Literal["JPEG", "WEBP"]
ENCODINGS: tuple[Encoding, ...] = ("JPEG", "WEBP")
XMP = b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta><exif:GPSLatitude>33,14.8N</exif:GPSLatitude></x:xmpmeta>"
TRACES = (
    b"GPS",
    b"ns.adobe.com",
    b"Photoshop 3.0",
    b"Exif\x00\x00",
    b"EXIF",
    b"ICC_PROFILE",
    b"ICCP",
    b"XMP ",
    b"SECRET",
)
JPEG_METADATA = {*range(0xE1, 0xF0), 0xFE}  # application segments 1..15 and comments; 0 is JFIF's own


def planted(seed: int) -> bytes:
    """A photo with a position, a serial number, XMP, IPTC, a comment, a profile and a thumbnail."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 1 + seed % 8, "SECRET camera"
    exif.get_ifd(0x8769)[0xA431] = "SECRET serial"
    exif.get_ifd(0x8825).update({1: "N", 2: (33.0, 14.0, 48.0), 3: "E", 4: (126.0, 33.0, 15.0)})
    content = scene_bytes("falls", seed, exif=exif)
    content = insert_segment(content, 0xED, b"Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x06SECRET")
    content = insert_segment(content, 0xE2, b"ICC_PROFILE\x00\x01\x01SECRET profile")
    content = insert_segment(content, 0xFE, b"SECRET comment")
    content = insert_segment(content, 0xE1, XMP)
    return insert_segment(content, 0xE3, b"thumbnail SECRET" + scene_bytes("sky", seed, size=(80, 60)))


def jpeg_markers(content: bytes) -> list[int]:
    """List the markers of a JPEG up to its first scan."""
    markers, at = [], 2
    while content[at + 1] != 0xDA:
        markers.append(content[at + 1])
        at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    return markers


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("seed", range(10))
def test_no_metadata_of_the_original_are_in_a_derivative(seed: int, encoding: Encoding) -> None:
    original = planted(seed)
    assert sum(trace in original for trace in TRACES) >= 5
    photo = read_photo(original)
    assert photo.position is not None
    derivative = encode_derivative(photo, 320, 85, encoding)
    assert [trace for trace in TRACES if trace in derivative] == []
    shown = Image.open(io.BytesIO(derivative))
    assert dict(shown.getexif()) == {}
    assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & set(shown.info)
    if encoding == "JPEG":
        assert not JPEG_METADATA.intersection(jpeg_markers(derivative))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_second_file_hidden_in_a_photo_does_not_come_along(encoding: Encoding) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("evil.sh", "rm -rf /")
    script = b"<script>alert(1)</script>"
    polyglot = insert_segment(scene_bytes("sky", 1), 0xFE, script) + script + archive.getvalue()
    assert zipfile.is_zipfile(io.BytesIO(polyglot))
    derivative = encode_derivative(read_photo(polyglot), 640, 90, encoding)
    assert b"<script" not in derivative
    assert not zipfile.is_zipfile(io.BytesIO(derivative))


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_picture_is_the_same_upright_and_no_longer_than_asked(encoding: Encoding) -> None:
    scene = draw_scene("cafe", 3)
    exif = Image.Exif()
    exif[0x0112] = 6
    target = io.BytesIO()
    scene.transpose(Image.Transpose.ROTATE_90).save(target, "JPEG", quality=95, exif=exif)
    derivative = Image.open(io.BytesIO(encode_derivative(read_photo(target.getvalue()), 320, 90, encoding)))
    assert derivative.format == encoding
    assert derivative.size == (320, 240)
    difference = np.abs(np.asarray(derivative, np.float64) - np.asarray(scene.resize((320, 240), 1), np.float64)).mean()
    assert difference <= 4


def test_a_small_photo_keeps_its_size() -> None:
    derivative = Image.open(io.BytesIO(encode_derivative(read_photo(scene_bytes("sky", 1)), 4000, 80)))
    assert derivative.size == (640, 480)
