"""The label page without a browser: its parts in both languages, the labels' editor, the quality view, access."""

from pathlib import Path
from uuid import uuid4

import pytest
import streamlit as st

from core.domain.label import Box, LabelDecision
from pages.ui import label_state
from tests.pages.visiting import open_app, words
from tests.support.labelled import LabelShelf, open_label_shelf

PAGE = "pages/label.py"
PLACE = "manjanggul"
VIEWS = ("draw", "parts", "quality", "files")


@pytest.fixture
def shelf(home: Path) -> LabelShelf:
    return open_label_shelf(home)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_part_opens_alone_and_empty(shelf: LabelShelf, view: str, language: str) -> None:
    app = open_app(PAGE, language, view=view)
    assert not app.exception and not app.error
    assert words(app)


@pytest.mark.usefixtures("shelf")
def test_without_photos_it_says_where_they_come_from() -> None:
    assert "once they are accepted in review" in open_app(PAGE).info[0].value


def test_a_photo_is_shown_with_how_far_the_work_is(shelf: LabelShelf) -> None:
    photos = [shelf.add(number, PLACE) for number in range(2)]
    app = open_app(PAGE)
    assert not app.exception and not app.error
    assert "0 of 2 done, 0 boxes" in words(app)
    assert app.query_params["photo"] == photos[0]
    assert app.get("bidi_component")


@pytest.mark.parametrize("outside", ["nothing", "![](http://x.example)", "f" * 64])
def test_an_address_of_no_photo_leads_to_the_next_one(shelf: LabelShelf, outside: str) -> None:
    photo = shelf.add(1, PLACE)
    app = open_app(PAGE, photo=outside)
    assert not app.exception and not app.error and app.query_params["photo"] == photo


@pytest.mark.usefixtures("shelf")
def test_an_unknown_part_of_the_page_is_the_first() -> None:
    app = open_app(PAGE, view="![](http://x.example)")
    assert not app.exception and not app.error


def test_only_curators_open_it_where_others_can_reach_the_app(
    shelf: LabelShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.add(1, PLACE)
    real = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: "0.0.0.0" if name == "server.address" else real(name))  # noqa: S104 - the address under test
    app = open_app(PAGE)
    assert not app.get("bidi_component") and len(app.info) == 1


def test_a_label_is_added_renamed_reordered_retired_and_comes_back(shelf: LabelShelf) -> None:
    app = open_app(PAGE, view="parts")
    app.selectbox(key="parts-place").set_value(PLACE).run()
    first, second = shelf.labels.list(PLACE)
    app.text_input(key=f"part-{first.label_id}-en").set_value("Tube").run()
    app.button(key=f"part-{first.label_id}-save").click().run()
    assert shelf.labels.get(first.label_id).name.en == "Tube"
    app.button(key=f"part-{first.label_id}-1").click().run()
    assert [label.label_id for label in shelf.labels.list(PLACE)] == [second.label_id, first.label_id]
    app.button(key=f"part-{first.label_id}-retire").click().run()
    assert [label.label_id for label in shelf.labels.list(PLACE)] == [second.label_id]
    app.button(key=f"part-{first.label_id}-restore").click().run()
    assert shelf.labels.get(first.label_id).retired is False
    fields = {field.label: field for field in app.text_input if not field.key}
    fields["Name in English"].set_value("Entrance")
    fields["Name in files"].set_value("manjanggul-entrance")
    next(button for button in app.button if button.label == "Add").click().run()
    assert not app.exception and not app.error
    assert "manjanggul-entrance" in [label.slug for label in shelf.labels.list(PLACE)]


def test_a_label_that_cannot_be_is_refused_in_words(shelf: LabelShelf) -> None:
    app = open_app(PAGE, view="parts")
    fields = {field.label: field for field in app.text_input if not field.key}
    fields["Name in English"].set_value("Entrance")
    fields["Name in files"].set_value("Not A Slug")
    next(button for button in app.button if button.label == "Add").click().run()
    assert not app.exception and len(app.error) == 1
    assert "Not A Slug" not in [label.slug for label in shelf.labels.list()]


def test_the_quality_view_draws_its_charts_and_lists_what_stands_out(shelf: LabelShelf) -> None:
    label = shelf.labels.list(PLACE)[0].label_id
    for number in range(12):
        edges = (0.3, 0.3, 0.6, 0.6) if number else (0.9, 0.9, 0.95, 0.95)
        photo = shelf.add(number, PLACE)
        saved = shelf.boxes.save(photo, [Box(uuid4().hex, label, edges)], 0, "local")
        shelf.boxes.decide(photo, LabelDecision.DONE, None, saved.revision, "local")
    app = open_app(PAGE, view="quality")
    assert not app.exception and not app.error
    assert len(app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart")) == 3
    assert "IMG_0000.jpg" in words(app)
    next(button for button in app.button if button.label == "Open").click().run()
    assert app.query_params["photo"] and "view" not in app.query_params


def test_a_browser_keeps_its_reservations_over_a_reload_however_its_cookie_is_masked() -> None:
    same = {label_state._unmasked(cookie.split("|")) for cookie in ("2|00000000|0a0b|17", "2|ffffffff|f5f4|17")}
    assert len(same) == 1 and "" not in same
    assert label_state._unmasked(["2", "zz", "0a", "17"]) == ""
    assert label_state._unmasked(["nothing"]) == ""
