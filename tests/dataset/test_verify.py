"""Rows and files are compared; every kind of fault is named, and nothing is changed that was not asked for."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from core.dataset.import_photos import Provenance, keep_original
from core.dataset.library import Library
from core.dataset.verify import VerifyReport, verify_library
from core.errors import JobStopped
from tests.support.libraries import files_of, new_library
from tests.support.scenes import scene_bytes


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return new_library(tmp_path)


@pytest.fixture
def hashes(library: Library) -> list[str]:
    """Fill the library with four photos."""
    contents = [scene_bytes("falls", number, size=(200, 150)) for number in range(4)]
    for number, content in enumerate(contents):
        keep_original(content, f"{number}.jpg", None, Provenance("test"), library, "test")
    return sorted(hashlib.sha256(content).hexdigest() for content in contents)


def key(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256}.jpg"


def dead_writer() -> int:
    ended = subprocess.Popen((sys.executable, "-c", ""))
    ended.wait()
    return ended.pid


def test_a_library_in_order_is_clean(library: Library, hashes: list[str]) -> None:
    report = verify_library(library)
    assert report == VerifyReport(4, (), (), (), (), ())
    assert report.is_clean


def test_an_empty_library_is_clean(library: Library) -> None:
    assert verify_library(library) == VerifyReport(0, (), (), (), (), ())


def test_every_kind_of_fault_is_named_and_nothing_is_touched(
    library: Library, hashes: list[str], tmp_path: Path
) -> None:
    root = tmp_path / "library"
    orphan = hashlib.sha256(b"orphan").hexdigest()
    library.store.put(b"orphan", orphan, "png")
    (root / key(hashes[0])).unlink()
    (root / key(hashes[1])).write_bytes(b"other bytes")
    library.thumbnails.delete(hashes[2])
    stray = "ab" + "0" * 62
    library.thumbnails.put(stray, b"x")
    unfinished = f"ab/.tmp-{os.uname().nodename}-{dead_writer()}-{uuid4().hex}"
    (root / "ab").mkdir(exist_ok=True)
    (root / unfinished).write_bytes(b"half a ph")
    (root / "thumbnails" / unfinished).write_bytes(b"half")
    before = files_of(root)
    report = verify_library(library)
    assert report == VerifyReport(
        checked=4,
        files_without_rows=(f"{orphan[:2]}/{orphan}.png",),
        rows_without_files=(key(hashes[0]),),
        broken_files=(key(hashes[1]),),
        missing_thumbnails=(hashes[2],),
        leftovers=(unfinished, f"thumbnails/{unfinished}", f"thumbnails/ab/{stray}.webp"),
    )
    assert not report.is_clean
    assert files_of(root) == before


def test_a_repair_removes_the_leftovers_says_so_and_touches_no_photo(
    library: Library, hashes: list[str], tmp_path: Path
) -> None:
    root = tmp_path / "library"
    orphan = hashlib.sha256(b"orphan").hexdigest()
    library.store.put(b"orphan", orphan, "png")
    (root / key(hashes[1])).write_bytes(b"other bytes")
    stray = "ab" + "0" * 62
    library.thumbnails.put(stray, b"x")
    at_work = f"ab/.tmp-{os.uname().nodename}-{os.getpid()}-{uuid4().hex}"
    left = f"ab/.tmp-{os.uname().nodename}-{dead_writer()}-{uuid4().hex}"
    (root / "ab").mkdir(exist_ok=True)
    for name in (at_work, left):
        (root / name).write_bytes(b"half a ph")
    before = set(files_of(root))
    report = verify_library(library, repair=True)
    gone = {left, f"thumbnails/ab/{stray}.webp"}
    assert set(report.removed) == set(report.leftovers) == gone
    assert set(files_of(root)) == before - gone
    assert library.photos.count() == 4
    again = verify_library(library, repair=True)
    assert (again.leftovers, again.removed) == ((), ())
    assert (len(again.files_without_rows), len(again.broken_files)) == (1, 1)


def test_a_missing_thumbnail_alone_is_no_fault(library: Library, hashes: list[str]) -> None:
    library.thumbnails.delete(hashes[0])
    report = verify_library(library)
    assert report.missing_thumbnails == (hashes[0],)
    assert report.is_clean


def test_a_thumbnail_whose_photo_waits_for_its_row_is_left_alone(library: Library) -> None:
    waiting = hashlib.sha256(b"waiting").hexdigest()
    library.store.put(b"waiting", waiting, "jpg")
    library.thumbnails.put(waiting, b"x")
    report = verify_library(library, repair=True)
    assert (report.files_without_rows, report.removed) == ((key(waiting),), ())
    assert library.thumbnails.exists(waiting)


def test_what_comes_and_goes_meanwhile_is_no_fault(library: Library, hashes: list[str]) -> None:
    new = scene_bytes("cave", 9, size=(200, 150))
    library.store.put(new, hashlib.sha256(new).hexdigest(), "jpg")  # its row is about to come

    def come_and_go(done: int, total: int | None, message_key: str = "", **values: str | int | float) -> None:
        if done == 1:
            keep_original(new, "new.jpg", None, Provenance("test"), library, "test")
            library.store.delete(hashes[-1], "jpg")
            library.photos.delete(hashes[-1])
            library.thumbnails.delete(hashes[-1])

    report = verify_library(library, report=come_and_go)
    assert (report.files_without_rows, report.rows_without_files, report.leftovers) == ((), (), ())
    assert report.missing_thumbnails == ()


def test_it_can_be_stopped(library: Library, hashes: list[str]) -> None:
    def stop(done: int, total: int | None, message_key: str = "", **values: str | int | float) -> None:
        raise JobStopped

    with pytest.raises(JobStopped):
        verify_library(library, repair=True, report=stop)
