"""Photos come in whole, once, with all that is known about them; what ends an import loses nothing and is resumed."""

import hashlib
import io
import unicodedata
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
from core.domain.library import PhotoAction
from core.domain.photo import PhotoStatus
from core.errors import JobStopped, NotFound, PhotoRefused
from tests.support.imports import FROM, assert_whole, bring, items_in, small_jpeg, write_photos
from tests.support.libraries import files_of
from tests.support.planted import planted_jpeg
from tests.support.scenes import scene_bytes


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
