"""Thumbnails are small, without metadata, and made again when they are lost or damaged."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.dataset.import_photos import Provenance, keep_original
from core.dataset.library import Library
from core.dataset.store import PhotoStore
from core.dataset.thumbnails import LONGEST_PX, ThumbnailStore, encode_thumbnail, thumbnail
from core.domain.photo import PhotoRecord
from core.errors import InvalidInput, NotFound
from tests.support.libraries import files_of, library_at, new_library
from tests.support.planted import TRACES, planted_jpeg
from tests.support.scenes import difference, draw_scene, scene_bytes

SHA256 = hashlib.sha256(b"any").hexdigest()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return new_library(tmp_path)


def keep(content: bytes, library: Library) -> PhotoRecord:
    keep_original(content, "a.jpg", None, Provenance("test"), library, "test")
    return library.photos.get(hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize("storage", ["folder", "memory"])
def test_a_thumbnail_comes_back_and_goes_for_good(storage: str, tmp_path: Path) -> None:
    store = ThumbnailStore(str(tmp_path) if storage == "folder" else "memory://thumbnails-test")
    content = encode_thumbnail(scene_pixels())
    assert store.get(SHA256) is None
    store.put(SHA256, content)
    assert (store.get(SHA256), store.exists(SHA256), list(store.hashes())) == (content, True, [SHA256])
    assert store.delete(SHA256)
    assert not store.delete(SHA256)
    assert store.get(SHA256) is None


def scene_pixels() -> np.ndarray:
    return np.asarray(draw_scene("falls", 1, (1000, 500)))


def test_it_lies_beside_the_photos_and_is_none_of_them(library: Library, tmp_path: Path) -> None:
    record = keep(scene_bytes("falls", 1), library)
    first = record.sha256[:2]
    assert files_of(tmp_path / "library") == [
        f"{first}/{record.sha256}.jpg", f"thumbnails/{first}/{record.sha256}.webp"
    ]  # fmt: skip
    assert list(PhotoStore(str(tmp_path / "library")).keys()) == [f"{first}/{record.sha256}.jpg"]


def test_it_shows_the_photo_upright_and_small(library: Library) -> None:
    content = scene_bytes("falls", 1, size=(1600, 1200))
    with Image.open(io.BytesIO(thumbnail(keep(content, library), library))) as picture:
        assert (picture.format, picture.size) == ("WEBP", (LONGEST_PX, 240))
        small = draw_scene("falls", 1, (1600, 1200)).resize((320, 240), Image.Resampling.BOX)
        assert difference(picture.convert("RGB"), small) < 6


def test_a_small_photo_is_not_enlarged(library: Library) -> None:
    with Image.open(io.BytesIO(thumbnail(keep(scene_bytes("falls", 1, size=(100, 80)), library), library))) as picture:
        assert picture.size == (100, 80)


def test_nothing_of_the_metadata_is_in_it(library: Library) -> None:
    content = thumbnail(keep(planted_jpeg(3), library), library)
    assert [trace for trace in TRACES if trace in content] == []


def test_a_lost_or_cut_one_is_made_again(library: Library, tmp_path: Path) -> None:
    record = keep(scene_bytes("falls", 1), library)
    whole = thumbnail(record, library)
    path = tmp_path / "library" / "thumbnails" / record.sha256[:2] / f"{record.sha256}.webp"
    for damage in (b"", whole[:100], b"RIFF"):
        path.write_bytes(damage)
        assert len(thumbnail(record, library)) > 1000
        assert path.stat().st_size > 1000
    path.unlink()
    assert len(thumbnail(record, library)) > 1000
    assert path.is_file()


def test_a_disk_that_may_not_be_written_still_shows_its_photos(library: Library, tmp_path: Path) -> None:
    record = keep(scene_bytes("falls", 1), library)
    read_only = library_at(f"sqlite:///{tmp_path / 'eodi.sqlite3'}", tmp_path / "library")
    elsewhere = Library(
        read_only.photos, read_only.review, read_only.store, ThumbnailStore("/sys/kernel/eodi-thumbnails")
    )
    assert len(thumbnail(record, elsewhere)) > 1000


def test_a_photo_whose_file_is_gone_has_no_thumbnail(library: Library) -> None:
    record = keep(scene_bytes("falls", 1), library)
    library.store.delete(record.sha256, "jpg")
    library.thumbnails.delete(record.sha256)
    with pytest.raises(NotFound):
        thumbnail(record, library)


@pytest.mark.parametrize("name", ["", "../../a", SHA256.upper(), SHA256 + "\n", "만장굴"])
def test_no_name_ever_enters_a_path(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        ThumbnailStore(str(tmp_path)).put(name, b"x")
    assert list(tmp_path.iterdir()) == []
