"""What ends an import, a kill, a full disk, a lost database, loses nothing, and the import goes on."""

import contextlib
import hashlib
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.dataset.import_photos import (
    AT_ONCE,
    import_photos,
)
from core.dataset.library import Library
from core.dataset.verify import verify_library
from core.db.engine import open_database
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import upgrade
from core.domain.photo import PhotoStatus
from core.domain.place import LANGUAGES
from core.errors import DatabaseUnavailable, EodiError, StorageUnavailable
from core.messages.translate import describe
from tests.support.imports import FROM, ROOT, assert_whole, bring, items_in, write_photos
from tests.support.libraries import files_of, library_at, new_library
from tests.support.mariadb import private_server
from tests.support.places import make_place
from tests.support.scenes import scene_bytes


def child(library_dir: Path, folder: Path, *more: str, storage: Path | None = None) -> "subprocess.Popen[str]":
    url = f"sqlite:///{library_dir / 'eodi.sqlite3'}"
    command = (sys.executable, "-m", "tests.dataset.import_child", url, str(storage or library_dir / "library"))
    return subprocess.Popen((*command, str(folder), *more), cwd=ROOT, stdout=subprocess.PIPE, text=True)


def lines_of(process: "subprocess.Popen[str]") -> list[str]:
    """Return the whole lines that a process wrote; a killed one may have begun another."""
    assert process.stdout is not None
    lines = [line.strip() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    process.wait()
    return lines


@pytest.mark.soak
def test_an_import_killed_again_and_again_loses_nothing_and_ends_whole(
    tmp_path: Path, soak_rounds: Callable[[int, int], int]
) -> None:
    rounds = soak_rounds(2, 20)
    folder = write_photos(tmp_path / "photos", 60 * rounds)
    library = new_library(tmp_path)
    moments = random.Random(5)
    acknowledged, killed = 0, 0
    for _ in range(rounds):
        process = child(tmp_path, folder)
        assert process.stdout is not None
        while process.stdout.readline().strip() == "0":  # until the first photos are acknowledged
            continue
        time.sleep(moments.uniform(0, 0.25))
        process.kill()
        lines = lines_of(process)
        killed += process.returncode != 0
        acknowledged += max((int(line) for line in lines if line.isdecimal()), default=1)
        assert library.photos.count() >= acknowledged
        report = verify_library(library)
        assert (report.rows_without_files, report.broken_files) == ((), ())
    assert killed >= rounds - 1
    print(f"{killed} kills, {acknowledged} acknowledged before the last run, {library.photos.count()} stored")
    result = bring(library, items_in(folder))
    assert result.stored + result.known == 60 * rounds
    assert_whole(library, folder, 60 * rounds)


def test_a_full_disk_is_said_with_how_many_are_safe_and_the_import_goes_on(tmp_path: Path) -> None:
    folder = write_photos(tmp_path / "photos", 40)
    big = scene_bytes("falls", 3, "PNG", (900, 700))
    (folder / "37.jpg").write_bytes(big)
    (tmp_path / "eodi").mkdir()
    library = new_library(tmp_path / "eodi")
    limit = 512 * 1024  # room for the database and each small photo, but not for the large one
    assert len(big) > limit
    process = child(tmp_path / "eodi", folder, str(limit))
    said = json.loads(lines_of(process)[-1])
    assert said == {"code": "import.full", "saved": library.photos.count(), "total": 40}
    assert 16 <= said["saved"] < 40
    assert [name for name in files_of(tmp_path / "eodi" / "library") if ".tmp" in name] == []
    refusal = StorageUnavailable("import.full", saved=37, total=40)
    assert describe(refusal, "en").startswith("The disk is full: 37 photos saved of 40.")
    bring(library, items_in(folder))
    assert_whole(library, folder, 40)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of 5 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", str(folder))
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a small disk")
    yield folder
    subprocess.run(("umount", "-l", str(folder)), check=True)


def test_a_disk_of_5_mb_that_fills_up_holds_whole_photos_only_and_goes_on_after_making_room(
    small_disk: Path, tmp_path: Path
) -> None:
    folder = write_photos(tmp_path / "photos", 60)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(3_300_000))
    library = new_library(small_disk)
    with pytest.raises(EodiError) as refusal:
        bring(library, items_in(folder))
    assert refusal.value.code == "import.full"
    saved = library.photos.count()
    assert refusal.value.values == {"saved": saved, "total": 60}
    assert saved < 60
    assert verify_library(library).broken_files == ()
    assert [name for name in files_of(small_disk / "library") if ".tmp" in name] == []
    with ballast.open("ab") as file, contextlib.suppress(OSError):  # now not a byte is left, not even to read
        file.write(bytes(5_000_000))
    with pytest.raises(DatabaseUnavailable) as refusal:
        bring(library, items_in(folder))
    assert refusal.value.code == "import.full"
    ballast.unlink()
    result = bring(library, items_in(folder))
    assert (result.known, result.stored) == (saved, 60 - saved)
    assert_whole(library, folder, 60)


def test_a_storage_that_may_not_be_written_is_said(tmp_path: Path, forty: Path) -> None:
    new_library(tmp_path)
    library = library_at(f"sqlite:///{tmp_path / 'eodi.sqlite3'}", Path("/sys/kernel/eodi-photos"))
    with pytest.raises(StorageUnavailable) as refusal:
        bring(library, items_in(forty))
    assert (refusal.value.code, refusal.value.values["saved"]) == ("import.read_only", 0)
    assert library.photos.count() == 0


class LosingPhotos(PhotoRepository):
    """Loses the database at the third transaction, and finds it again later."""

    left = 2

    def add_all(self, *given: object, **named: object) -> frozenset[str]:
        if not self.left:
            raise DatabaseUnavailable
        self.left -= 1
        return super().add_all(*given, **named)  # type: ignore[arg-type]


def test_a_database_that_goes_in_the_middle_is_said_and_the_import_goes_on(tmp_path: Path, forty: Path) -> None:
    library = new_library(tmp_path)
    losing = LosingPhotos(open_database(f"sqlite:///{tmp_path / 'eodi.sqlite3'}"))
    with pytest.raises(DatabaseUnavailable) as refusal:
        bring(Library(losing, library.review, library.store, library.thumbnails), items_in(forty))
    saved = library.photos.count()
    assert refusal.value.code == "import.no_database"
    assert refusal.value.values == {"saved": saved, "total": 40}
    for language in LANGUAGES:
        assert str(saved) in describe(refusal.value, language)
    assert verify_library(library).rows_without_files == ()
    bring(library, items_in(forty))
    assert_whole(library, forty, 40)


@pytest.mark.mysql
def test_a_database_server_killed_in_the_middle_leaves_the_import_to_be_resumed(tmp_path: Path, forty: Path) -> None:
    with private_server("--innodb-flush-log-at-trx-commit=1") as server:
        library = library_at(server.new_schema(), tmp_path / "library")
        database = library.photos._database
        upgrade(database)
        PlaceRepository(database).add(make_place(0, "cave"))

        def kill_once(done: int, total: int | None, key: str = "", **values: str | int | float) -> None:
            if done >= AT_ONCE and server.process is not None and server.process.poll() is None:
                server.kill()

        with pytest.raises(DatabaseUnavailable) as refusal:
            import_photos(items_in(forty), library, FROM, PhotoStatus.NEW, kill_once, "Lee")
        assert refusal.value.code == "import.no_database"
        assert refusal.value.values["saved"] >= AT_ONCE
        server.start()
        result = bring(library, items_in(forty))
        assert result.stored + result.known == 40
        assert_whole(library, forty, 40)
        database.dispose()


def test_two_imports_at_once_store_each_photo_once(tmp_path: Path) -> None:
    folder = write_photos(tmp_path / "photos", 60)
    library = new_library(tmp_path)
    ends = [json.loads(lines_of(process)[-1]) for process in [child(tmp_path, folder) for _ in range(2)]]
    assert sum(end["stored"] for end in ends) == 60
    assert sum(end["known"] for end in ends) == 60
    assert_whole(library, folder, 60)


def test_a_file_that_an_import_left_without_a_row_is_made_use_of(library: Library, forty: Path) -> None:
    for path in sorted(forty.iterdir())[:5]:
        content = path.read_bytes()
        library.store.put(content, hashlib.sha256(content).hexdigest(), "jpg")
    assert len(verify_library(library).files_without_rows) == 5
    bring(library, items_in(forty))
    assert_whole(library, forty, 40)
