"""Many photos on the start page: a row for each, one in full, too many offered to a job."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.db.jobs import JobRepository
from core.domain.photo import Photo
from pages.ui import answering, resources, state
from pages.ui.answering import AT_ONCE, THUMBNAIL_PX
from tests.pages.home import GREEN, GREY, RED, coloured_jpeg, position_exif
from tests.pages.traces import changed, files, rows, table
from tests.pages.visiting import open_app, upload_many, words

pytestmark = pytest.mark.usefixtures("home")
PDF = b"%PDF-1.7\n" + b"x" * 2000
SEVERAL = {
    "red.jpg": coloured_jpeg(RED, exif=position_exif(33.3064, 126.2905)),
    "letter.jpg": PDF,
    "green.jpg": coloured_jpeg(GREEN, exif=position_exif(33.3064, 126.2905)),
    "grey.jpg": coloured_jpeg(GREY),
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Photo]]:
    """Write down every photo that is identified."""
    photos: list[Photo] = []
    real = answering.identify_photo

    def note(photo: Photo, *rest: object) -> object:
        photos.append(photo)
        return real(photo, *rest)

    monkeypatch.setattr(answering, "identify_photo", note)
    return photos


def show_buttons(app: AppTest) -> dict[bool, int]:
    shown = [button.disabled for button in app.button]
    return {True: shown.count(True), False: shown.count(False)}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_each_photo_gets_its_row_and_a_broken_one_among_them_one_sentence(language: str) -> None:
    app = upload_many(open_app(language=language), SEVERAL)
    assert not app.exception and not app.error
    said = words(app)
    for part in (*SEVERAL, "PDF"):
        assert part in said
    for key in ("many.agrees", "many.disagrees"):
        assert said.count({"ko": KOREAN, "en": ENGLISH}[language][key]) == 1
    assert show_buttons(app) == {True: 1, False: 2}


ENGLISH = {"many.agrees": "Position in the photo agrees", "many.disagrees": "Position in the photo does not agree"}
KOREAN = {"many.agrees": "사진 속 위치와 맞음", "many.disagrees": "사진 속 위치와 다름"}


def test_the_first_is_shown_in_full_and_show_shows_another() -> None:
    app = upload_many(open_app(), SEVERAL)
    assert [header.value for header in app.header] == ["Osulloc Tea Museum"]
    app.button[1].click().run()
    assert [header.value for header in app.header] == ["Manjanggul"]


def test_when_the_first_cannot_be_read_the_next_is_shown() -> None:
    app = upload_many(open_app(), {"letter.jpg": PDF, "green.jpg": coloured_jpeg(GREEN)})
    assert [header.value for header in app.header] == ["Manjanggul"]


def test_when_none_can_be_read_each_has_its_sentence_and_nothing_is_shown_in_full() -> None:
    app = upload_many(open_app(), {"a.jpg": PDF, "b.jpg": b""})
    assert not app.exception and not app.header
    assert "PDF" in words(app) and "empty" in words(app)


def test_a_photo_added_later_is_the_one_that_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state.st, "session_state", {})
    for uploads, shown in (("a", "a"), ("ab", "b"), ("ab", "b"), ("abcd", "c"), ("abd", "a"), ("", ""), ("x", "x")):
        state.note_uploads(tuple(uploads))
        assert state.shown() == shown
    state.note_uploads(("x", "y"))
    state.show("x")
    state.note_uploads(("x", "y"))
    assert state.shown() == "x"


def test_drawing_the_page_again_asks_nothing_again(asked: list[Photo]) -> None:
    app = upload_many(open_app(), SEVERAL)
    assert len(asked) == 3
    app.button[1].click().run()
    app.segmented_control[0].set_value("ko").run()
    assert len(asked) == 3


def test_of_each_photo_only_a_small_picture_is_kept(asked: list[Photo]) -> None:
    app = upload_many(open_app(), {f"{n}.jpg": coloured_jpeg(RED, (2000, 1500 + n)) for n in range(4)})
    kept = app.session_state["kept"].values()
    assert len(kept) == 4
    for of_one in kept:
        assert len(of_one["outcome"].thumbnail) < 20_000
    assert [min(photo.pixels.shape[:2]) >= THUMBNAIL_PX for photo in asked] == [True] * 4
    assert all(max(photo.pixels.shape[:2]) < 1500 for photo in asked[1:])


def test_what_belongs_to_a_photo_is_forgotten_with_it() -> None:
    app = upload_many(open_app(), SEVERAL)
    app.file_uploader[0].set_value([("red.jpg", SEVERAL["red.jpg"], "image/jpeg")]).run()
    assert len(app.session_state["kept"]) == 1


def test_more_photos_than_the_page_answers_are_offered_to_a_job_and_nothing_is_written_before(
    home: Path, asked: list[Photo]
) -> None:
    app = open_app()
    before = files(home), rows(home)
    upload_many(app, {f"{n}.jpg": coloured_jpeg(RED) for n in range(AT_ONCE + 1)})
    assert not app.exception and asked == []
    assert f"You added {AT_ONCE + 1} photos" in app.info[0].value and str(AT_ONCE) in app.info[0].value
    assert "deleted" in words(app)
    assert [button.label for button in app.button] == [f"Answer all {AT_ONCE + 1} in the background"]
    assert changed(before[0], files(home)) == set() and changed(before[1], rows(home)) == set()


def test_fifty_photos_are_answered_by_the_page(asked: list[Photo]) -> None:
    app = upload_many(open_app(), {f"{n}.jpg": coloured_jpeg(RED, (64, 48 + n)) for n in range(AT_ONCE)})
    assert not app.exception and len(asked) == AT_ONCE


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("kind", ["train", "identify"])
def test_only_a_job_that_a_page_started_can_be_reached_by_the_address(home: Path, kind: str, language: str) -> None:
    open_app()
    job = JobRepository(resources.database()).create(kind, ("--data", "/somewhere"))
    app = open_app(language=language, job=job.job_id)
    assert not app.exception and not app.error and len(app.info) == 1
    assert "somewhere" not in words(app) and not app.button
    assert [row["state"] for row in table(home, "jobs")] == ["queued"]


@pytest.mark.parametrize("job_id", ["", "x", "../../etc", "![](http://x.example)", "0" * 5000])
def test_an_address_with_an_unknown_job_is_one_kind_sentence(job_id: str) -> None:
    app = open_app(job=job_id)
    assert not app.exception and not app.error
    assert app.file_uploader and "Manjanggul" in words(app)
