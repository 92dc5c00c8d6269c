"""A photo that is deleted is gone: file, thumbnail, row, history; and nothing else is."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.dataset.contribute import contribute, withdraw
from core.dataset.import_photos import Provenance, keep_original
from core.dataset.library import Library
from core.dataset.removal import delete_by_source, delete_photos
from core.dataset.verify import verify_library
from core.db.opinions import OpinionRepository
from core.domain.library import Opinion
from tests.support.libraries import files_of, new_library
from tests.support.scenes import draw_scene, scene_bytes


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return new_library(tmp_path)


def keep(number: int, source: str, library: Library) -> str:
    content = scene_bytes("falls", number, size=(200, 150))
    keep_original(content, f"{number}.jpg", "falls", Provenance(source), library, "test")
    return hashlib.sha256(content).hexdigest()


def traces(sha256: str, tmp_path: Path) -> list[str]:
    """Name every file of the data folder that is named after the photo or holds its bytes, by hash."""
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    return [
        str(path) for path in files if sha256 in path.name or hashlib.sha256(path.read_bytes()).hexdigest() == sha256
    ]


def test_nothing_is_left_of_deleted_photos_and_all_of_the_others(library: Library, tmp_path: Path) -> None:
    hashes = [keep(number, "walk", library) for number in range(4)]
    opinions = OpinionRepository(library.photos._database)
    opinions.put([Opinion(sha256, "run", "falls", 0.9, 0.9, 0.1) for sha256 in hashes])
    assert [len(traces(sha256, tmp_path)) for sha256 in hashes] == [2] * 4
    assert delete_photos([hashes[0], hashes[1], hashes[0], "0" * 64], library) == 2
    for sha256 in hashes[:2]:
        assert traces(sha256, tmp_path) == []
        assert library.review.history(sha256) == ()
        assert opinions.get(sha256, "run") is None
    assert {record.sha256 for record in library.photos.list()} == set(hashes[2:])
    assert opinions.get(hashes[2], "run") is not None
    assert verify_library(library).is_clean


def test_a_source_goes_with_all_of_its_photos_and_no_other(library: Library, tmp_path: Path) -> None:
    for number in range(6):
        keep(number, "naver" if number % 2 else "Naver", library)
    assert delete_by_source("naver", library) == 3
    assert {record.source for record in library.photos.list()} == {"Naver"}
    assert len(files_of(tmp_path / "library")) == 6
    assert delete_by_source("naver", library) == 0
    assert delete_by_source("%", library) == 0
    assert library.photos.count() == 3


def test_a_deletion_that_was_cut_off_is_completed_by_the_next(library: Library, tmp_path: Path) -> None:
    sha256 = keep(1, "walk", library)
    library.store.delete(sha256, "jpg")
    assert delete_photos([sha256], library) == 1
    assert (files_of(tmp_path / "library"), library.photos.count()) == ([], 0)


def test_a_withdrawn_contribution_leaves_no_copy_by_bytes_or_by_looks(library: Library, tmp_path: Path) -> None:
    record = contribute(scene_bytes("cave", 1), "cave", library, datetime.now(UTC)).record
    assert len(traces(record.sha256, tmp_path)) == 2
    withdraw(record.sha256, library)
    assert files_of(tmp_path / "library") == []
    assert library.photos.count() == 0
    assert library.review.history(record.sha256) == ()
    again = contribute(scene_bytes("cave", 1), "cave", library, datetime.now(UTC))
    assert again.outcome.value == "stored"
    assert draw_scene("cave", 1).size == (again.record.width_px, again.record.height_px)
