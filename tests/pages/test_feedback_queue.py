"""The queue of answers: what was said stands beside the photo, a click decides, an undo brings it back."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.feedback import Feedback, Verdict
from core.domain.library import RejectReason
from pages.ui import resources
from tests.pages.visiting import open_app, words
from tests.support.batch_photos import Started
from tests.support.reviewed import NOW, Shelf, open_shelf

PAGE = "pages/photos.py"


@pytest.fixture
def shelf(home: Path) -> Shelf:
    return open_shelf(home)


@pytest.fixture(autouse=True)
def runner(home: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    """Let jobs be noted, and not started."""
    noted = Started()
    monkeypatch.setattr(resources, "job_runner", lambda: noted)
    return noted


def give(shelf: Shelf, number: int, correct: str | None, answered: str | None = "osulloc", **more: object) -> str:
    """Add a contributed photo and what its visitor said; return its hash."""
    sha256 = shelf.add(number, None, source="visitor", consent_at=NOW, **more)
    verdict = Verdict.OTHER_PLACE if correct else Verdict.WRONG
    shelf.feedback.add(Feedback("shipped:tiny", answered, 0.83, verdict, correct, sha256, {}, None, NOW))
    return sha256


def open_queue(language: str = "en") -> AppTest:
    app = open_app(PAGE, language, view="answers")
    assert not app.exception and not app.error
    return app


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def test_without_words_there_is_nothing_to_do(shelf: Shelf) -> None:
    assert "No answer waits" in open_queue().info[0].value


def test_what_was_answered_and_what_was_said_stand_beside_the_photo(shelf: Shelf) -> None:
    give(shelf, 1, "manjanggul")
    said = words(open_queue())
    assert "Answered: Osulloc Tea Museum (83%)" in said
    assert "The visitor says: Manjanggul" in said
    assert "방문자의 말: 만장굴" in words(open_queue("ko"))


def test_one_click_accepts_it_as_the_visitor_said(shelf: Shelf) -> None:
    sha256 = give(shelf, 1, "manjanggul")
    app = press(open_queue(), "Accept as this")
    record = shelf.library.photos.get(sha256)
    assert (record.status.value, record.place_slug) == ("accepted", "manjanggul")
    assert "Accepted as Manjanggul" in app.success[0].value
    press(app, "Undo")
    record = shelf.library.photos.get(sha256)
    assert (record.status.value, record.place_slug) == ("new", None)


def test_another_place_can_be_chosen_than_the_visitors(shelf: Shelf) -> None:
    sha256 = give(shelf, 1, "manjanggul")
    app = open_queue()
    press(app.selectbox[0].set_value("unknown").run(), "Accept as this")
    record = shelf.library.photos.get(sha256)
    assert (record.status.value, record.place_slug) == ("accepted", "unknown")


def test_who_does_not_know_where_it_is_leaves_the_choice_to_the_curator(shelf: Shelf) -> None:
    give(shelf, 1, None)
    app = open_queue()
    assert next(button for button in app.button if button.label == "Accept as this").disabled
    assert "does not know" in words(app)


def test_it_can_be_rejected_for_a_reason(shelf: Shelf) -> None:
    sha256 = give(shelf, 1, "manjanggul")
    app = open_queue()
    app.button(key=f"queue-1-reject-{RejectReason.NO_LANDMARK.value}").click().run()
    record = shelf.library.photos.get(sha256)
    assert (record.status.value, record.reject_reason) == ("rejected", "no_landmark")


def test_the_counter_tells_what_the_model_in_service_gets_right_now(shelf: Shelf) -> None:
    first, second = (give(shelf, number, "manjanggul") for number in (1, 2))
    shelf.think(first, "manjanggul")
    shelf.think(second, "osulloc")
    said = words(open_queue())
    assert "1 of 2 answers that were wrong are given right now, by tiny" in said
    assert "the model learned from 0" in said


def test_photos_that_it_was_not_asked_about_are_a_job_away(shelf: Shelf, runner: Started) -> None:
    give(shelf, 1, "manjanggul")
    app = open_queue()
    assert "not asked yet about 1" in words(app)
    press(app, "Ask the model in service")
    assert [job.kind for job in runner.jobs] == ["opinions"]


def test_names_from_outside_are_shown_as_they_are(shelf: Shelf) -> None:
    shelf.name("manjanggul", "![](http://x.example) <b>cave</b>")
    give(shelf, 1, "manjanggul")
    app = open_queue()
    assert not any("![](" in element.value for element in (*app.markdown, *app.caption))


def test_words_without_a_photo_are_counted(shelf: Shelf) -> None:
    for _ in range(3):
        shelf.feedback.add(
            Feedback("shipped:tiny", "osulloc", 0.8, Verdict.OTHER_PLACE, "unknown", None, {}, None, NOW)
        )
    app = open_queue()
    assert "Called wrong without a photo (3)" in words(app)
    assert "Answered Osulloc Tea Museum, said to be No known place: 3" in words(app)
