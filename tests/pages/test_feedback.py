"""Was this right? One row an answer, written at the click and changed by the next; nothing before."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.home import GREEN, GREY, RED, coloured_jpeg
from tests.pages.traces import changed, files, rows, table
from tests.pages.visiting import open_app, upload, upload_many, words

pytestmark = pytest.mark.usefixtures("home")
PLACES = {"osulloc", "manjanggul", "monsant-aewol", "jusangjeolli", "cheonjiyeon"}


def say(app: AppTest, right: bool) -> AppTest:
    return app.segmented_control[-1].set_value(right).run()


def said(home: Path) -> list[tuple[str, str | None, str | None]]:
    return [(row["verdict"], row["answered_slug"], row["correct_slug"]) for row in table(home, "feedback")]


def test_nothing_is_written_before_a_click(home: Path) -> None:
    app = open_app()
    before = files(home), rows(home)
    upload(app, coloured_jpeg(RED))
    assert changed(before[0], files(home)) == set() and changed(before[1], rows(home)) == set()


def test_yes_is_one_row_with_the_answer_and_a_thank_you(home: Path) -> None:
    app = say(upload(open_app(), coloured_jpeg(RED)), True)
    (row,) = table(home, "feedback")
    assert (row["verdict"], row["answered_slug"], row["release"]) == ("right", "osulloc", "shipped:tiny")
    assert row["confidence"] > 0.9 and row["photo_sha256"] is None
    assert "Thank you" in words(app) and not app.selectbox


def test_changing_it_changes_the_row(home: Path) -> None:
    app = say(upload(open_app(), coloured_jpeg(RED)), True)
    say(app, False)
    assert said(home) == [("wrong", "osulloc", None)]
    app.selectbox[0].set_value("manjanggul").run()
    assert said(home) == [("other_place", "osulloc", "manjanggul")]
    app.selectbox[0].set_value("unknown").run()
    assert said(home) == [("other_place", "osulloc", "unknown")]
    app.selectbox[0].set_value("").run()
    assert said(home) == [("wrong", "osulloc", None)]
    say(app, True)
    assert said(home) == [("right", "osulloc", None)]


@pytest.mark.parametrize(("rgb", "answered"), [(RED, "osulloc"), (GREY, "unknown")])
def test_the_answer_itself_is_no_choice_of_where_it_was(rgb: tuple[int, int, int], answered: str) -> None:
    app = say(upload(open_app(), coloured_jpeg(rgb)), False)
    assert len(app.selectbox[0].options) == len({"", "unknown", *PLACES} - {answered})
    assert app.selectbox[0].value == ""


def test_none_of_these_can_be_right_too(home: Path) -> None:
    say(upload(open_app(), coloured_jpeg(GREY)), True)
    assert said(home) == [("right", None, None)]


def test_drawing_the_page_again_or_in_another_language_writes_nothing_more(home: Path) -> None:
    app = say(upload(open_app(), coloured_jpeg(RED)), False)
    app.selectbox[0].set_value("manjanggul").run()
    before = rows(home)
    app.segmented_control[0].set_value("ko").run()
    app.run()
    assert changed(before, rows(home)) == set()
    assert app.segmented_control[-1].value is False and app.selectbox[0].value == "manjanggul"


def test_each_of_many_answers_has_a_row_of_its_own_that_stays_while_others_are_shown(home: Path) -> None:
    app = upload_many(open_app(), {"red.jpg": coloured_jpeg(RED), "green.jpg": coloured_jpeg(GREEN)})
    say(app, False)
    app.selectbox[0].set_value("manjanggul").run()
    app.button[1].click().run()
    assert app.segmented_control[-1].value is None
    say(app, True)
    app.button[0].click().run()
    assert app.segmented_control[-1].value is False and app.selectbox[0].value == "manjanggul"
    assert said(home) == [("other_place", "osulloc", "manjanggul"), ("right", "manjanggul", None)]
