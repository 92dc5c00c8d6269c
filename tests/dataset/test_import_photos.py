"""Photos come in whole, once, with all that is known about them; what ends an import loses nothing and is resumed."""

import contextlib
import hashlib
import io
import json
import random
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from core.dataset.import_photos import (
    AT_ONCE,
    ImportItem,
    ImportResult,
    Outcome,
    Provenance,
    import_photos,
    keep_original,
)
from core.dataset.ingest import read_photo
from core.dataset.library import Library
from core.dataset.quality import measure_quality
from core.dataset.verify import verify_library
from core.db.engine import open_database
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import upgrade
from core.domain.library import PhotoAction
from core.domain.photo import PhotoStatus
from core.domain.place import LANGUAGES
from core.errors import DatabaseUnavailable, EodiError, JobStopped, NotFound, PhotoRefused, StorageUnavailable
from core.messages.translate import describe
from tests.support.libraries import files_of, library_at, new_library, tell_nothing
from tests.support.mariadb import private_server
from tests.support.places import make_place
from tests.support.planted import planted_jpeg
from tests.support.scenes import PLACE_KINDS, draw_scene, scene_bytes

ROOT = Path(__file__).parents[2]
FROM = Provenance("archive of Kim", "https://example.org/1", "Kim", "CC-BY-4.0")


def small_jpeg(number: int, quality: int = 80) -> bytes:
    target = io.BytesIO()
    draw_scene(PLACE_KINDS[number % 5], number, (160, 120)).save(target, "JPEG", quality=quality)
    return target.getvalue()


def write_photos(folder: Path, count: int) -> Path:
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.jpg").write_bytes(small_jpeg(number))
    return folder


def items_in(folder: Path, place_slug: str | None = "cave") -> list[ImportItem]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [ImportItem(path, path.name, place_slug) for path in paths]


def bring(library: Library, items: list[ImportItem], provenance: Provenance = FROM) -> ImportResult:
    return import_photos(items, library, provenance, PhotoStatus.NEW, tell_nothing, "Lee")


def assert_whole(library: Library, folder: Path, count: int) -> None:
    """Assert that the library holds exactly the folder's photos, each whole and once, and nothing else."""
    report = verify_library(library)
    assert report.is_clean, report
    assert report.missing_thumbnails == ()
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    hashes = {hashlib.sha256(content).hexdigest() for content in contents}
    assert {record.sha256 for record in library.photos.records()} == hashes
    assert len(hashes) == count
    for sha256 in hashes:
        assert [event.action for event in library.review.history(sha256)] == [PhotoAction.IMPORTED]


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return new_library(tmp_path)


@pytest.fixture(scope="module")
def forty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_photos(tmp_path_factory.mktemp("photos") / "forty", 40)


def test_a_row_keeps_what_is_known_about_the_photo(library: Library, tmp_path: Path) -> None:
    content = planted_jpeg(1)
    name = unicodedata.normalize("NFD", "만장굴 입구.jpg")
    (tmp_path / name).write_bytes(content)
    assert bring(library, [ImportItem(tmp_path / name, f"folder/{name}", "falls")]) == ImportResult(1, 0)
    (record,) = library.photos.list()
    photo = read_photo(content)
    assert (record.sha256, record.size_bytes) == (hashlib.sha256(content).hexdigest(), len(content))
    assert (record.source, record.page_url, record.author, record.licence) == (
        "archive of Kim", "https://example.org/1", "Kim", "CC-BY-4.0"
    )  # fmt: skip
    assert (record.place_slug, record.status, record.original_name) == ("falls", PhotoStatus.NEW, "만장굴 입구.jpg")
    assert (record.format, record.width_px, record.height_px) == ("JPEG", photo.width_px, photo.height_px)
    assert record.taken_at == photo.taken_at is not None
    assert record.created_at is not None
    assert len(record.perceptual_hash) == 16
    quality = measure_quality(photo.pixels)
    assert (record.sharpness, record.brightness) == (
        pytest.approx(quality.sharpness),
        pytest.approx(quality.brightness),
    )
    assert library.store.get(record.sha256, "jpg") == content
    (event,) = library.review.history(record.sha256)
    assert (event.action, event.actor, event.after["place_slug"]) == (PhotoAction.IMPORTED, "Lee", "falls")


@pytest.mark.parametrize("keeps", [False, True])
def test_a_position_is_kept_only_when_asked(keeps: bool, library: Library, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(planted_jpeg(1))
    bring(library, [ImportItem(tmp_path / "a.jpg", "a.jpg", None)], Provenance("x", keep_position=keeps))
    assert (library.photos.list()[0].position is not None) is keeps


def test_the_thumbnail_is_there_small_and_without_metadata(library: Library, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(planted_jpeg(1))
    bring(library, [ImportItem(tmp_path / "a.jpg", "a.jpg", None)])
    content = library.thumbnails.get(library.photos.list()[0].sha256)
    assert content is not None
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, max(picture.size)) == ("WEBP", 320)
        assert picture.height > picture.width  # turned upright as its EXIF says
        assert not picture.getexif()


def test_known_photos_are_counted_and_not_stored_again(library: Library, forty: Path, tmp_path: Path) -> None:
    assert bring(library, items_in(forty)[:30]).stored == 30
    before = {name: (tmp_path / "library" / name).stat().st_mtime_ns for name in files_of(tmp_path / "library")}
    result = bring(library, items_in(forty))
    assert (result.stored, result.known, result.refused) == (10, 30, ())
    after = {name: (tmp_path / "library" / name).stat().st_mtime_ns for name in files_of(tmp_path / "library")}
    assert before.items() <= after.items()
    assert_whole(library, forty, 40)


def test_a_known_photo_is_not_even_decoded(library: Library, forty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(library, items_in(forty))

    def refuse(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("core.dataset.import_photos.prepare_photo", refuse)
    assert bring(library, items_in(forty)) == ImportResult(0, 40)


def test_the_same_bytes_twice_in_one_import_are_stored_once(library: Library, forty: Path) -> None:
    items = [ImportItem(path, f"{copy}-{path.name}", "cave") for path in sorted(forty.iterdir()) for copy in range(3)]
    result = bring(library, items)
    assert (result.stored, result.known) == (40, 80)
    assert_whole(library, forty, 40)


def test_a_photo_asked_to_a_second_place_is_told_and_stays_where_it_is(library: Library, forty: Path) -> None:
    first, second, third, *_ = items_in(forty)
    bring(library, [first, second])
    again = [ImportItem(first.path, "x/again.jpg", "falls"), second, ImportItem(third.path, "new.jpg", "tea")]
    twice = ImportItem(third.path, "y/new.jpg", "unknown")
    result = bring(library, [*again, twice])
    assert (result.stored, result.known) == (1, 3)
    assert result.elsewhere == (("x/again.jpg", "falls", "cave"), ("y/new.jpg", "unknown", "tea"))
    assert library.photos.count("falls") == 0


def test_near_duplicates_are_stored_and_counted(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "alike"
    folder.mkdir()
    for quality in (60, 75, 90):
        (folder / f"{quality}.jpg").write_bytes(small_jpeg(1, quality))
    (folder / "other.jpg").write_bytes(small_jpeg(2))
    result = bring(library, items_in(folder))
    assert (result.stored, result.alike) == (4, 2)


def test_what_is_no_photo_is_refused_by_name_and_the_others_come_in(library: Library, tmp_path: Path) -> None:
    folder = write_photos(tmp_path / "photos", 3)
    (folder / "cut.jpg").write_bytes(scene_bytes("cave", 1, size=(1600, 1200))[:-3000])
    (folder / "a.pdf").write_bytes(b"%PDF-1.4")
    (folder / "empty.jpg").write_bytes(b"")
    gone = ImportItem(folder / "gone.jpg", "gone.jpg", None)
    result = bring(library, [*items_in(folder), gone])
    assert result.stored == 3
    assert {(name, code) for name, code, _ in result.refused} == {
        ("cut.jpg", "photo.broken"),
        ("a.pdf", "photo.not_a_photo"),
        ("empty.jpg", "photo.empty"),
        ("gone.jpg", "photo.unreadable"),
    }
    assert verify_library(library).is_clean


def test_a_place_that_is_not_there_stores_nothing(library: Library, forty: Path, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        bring(library, items_in(forty, "nowhere"))
    assert library.photos.count() == 0
    assert files_of(tmp_path / "library") == []


def test_a_file_that_stood_there_before_stays_when_the_import_is_refused(library: Library, forty: Path) -> None:
    content = (forty / "0.jpg").read_bytes()
    key = library.store.put(content, hashlib.sha256(content).hexdigest(), "jpg")
    with pytest.raises(NotFound):
        bring(library, items_in(forty, "nowhere"))
    assert list(library.store.keys()) == [key]


def test_a_lost_file_of_a_known_photo_comes_back_with_the_import(library: Library, forty: Path) -> None:
    bring(library, items_in(forty))
    record = library.photos.list()[0]
    library.store.delete(record.sha256, "jpg")
    assert bring(library, items_in(forty)) == ImportResult(0, 40)
    assert_whole(library, forty, 40)


def test_progress_counts_only_what_is_stored_and_ends_with_all(library: Library, forty: Path) -> None:
    told: list[int] = []

    def report(done: int, total: int | None, key: str = "", **values: str | int | float) -> None:
        assert total == 40
        assert library.photos.count() >= done
        told.append(done)

    import_photos(items_in(forty), library, FROM, PhotoStatus.ACCEPTED, report, "Lee")
    assert (told[0], told[-1]) == (0, 40)
    assert told == sorted(told)
    assert library.photos.count(status=PhotoStatus.ACCEPTED) == 40


def test_a_stopped_import_keeps_what_it_told_and_goes_on(library: Library, forty: Path) -> None:
    def stop(done: int, total: int | None, key: str = "", **values: str | int | float) -> None:
        if done >= AT_ONCE:
            raise JobStopped

    with pytest.raises(JobStopped):
        import_photos(items_in(forty), library, FROM, PhotoStatus.NEW, stop, "Lee")
    assert AT_ONCE <= library.photos.count() < 40
    bring(library, items_in(forty))
    assert_whole(library, forty, 40)


def test_one_photo_from_memory_is_kept_as_it_is(library: Library) -> None:
    content = small_jpeg(7)
    assert keep_original(content, "seven.jpg", "unknown", FROM, library, "crawl") is Outcome.STORED
    assert keep_original(content, "seven.jpg", None, FROM, library, "crawl") is Outcome.ALREADY_KNOWN
    (record,) = library.photos.list()
    assert (record.place_slug, record.status, record.source) == ("unknown", PhotoStatus.NEW, "archive of Kim")
    assert library.store.get(record.sha256, "jpg") == content
    with pytest.raises(PhotoRefused):
        keep_original(b"%PDF-1.4", "a.jpg", None, FROM, library, "crawl")


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
