"""The page of places: all as cards, one by its slug, under `app.py` and opened alone."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import resources
from tests.pages.visiting import open_app, words
from tests.support.places import ListedPlaces, make_place

PAGE = "pages/places.py"
pytestmark = pytest.mark.usefixtures("home")
NAMES = {
    "ko": ("오설록 티 뮤지엄", "만장굴", "몽상드애월", "주상절리", "천지연 폭포"),
    "en": ("Osulloc Tea Museum", "Manjanggul", "Monsant de Aewol", "Jusangjeolli Cliffs", "Cheonjiyeon Falls"),
}


@pytest.mark.parametrize("language", ["ko", "en"])
def test_all_known_places_are_shown(language: str) -> None:
    app = open_app(PAGE, language)
    assert not app.exception and not app.error
    for name in NAMES[language]:
        assert name in words(app)


@pytest.mark.parametrize(("language", "check"), [("ko", "가기 전에 확인"), ("en", "Check before you go")])
def test_one_place_is_shown_by_its_slug_with_status_address_map_and_what_is_near(language: str, check: str) -> None:
    app = open_app(PAGE, language, place="manjanggul")
    assert not app.exception and not app.error
    said = words(app)
    korean, english = NAMES["ko"][1], NAMES["en"][1]
    assert app.title[0].value == (korean if language == "ko" else english)
    assert korean in said and english in said and "064-710-7903" in said and "km" in said
    assert check in said
    assert NAMES[language][0] not in [title.value for title in app.title]
    assert app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart")


@pytest.mark.parametrize(
    "slug", ["", "nowhere", "MANJANGGUL", "unknown", "' OR '1'='1", "![](http://x.example)", "x" * 5000, "만장굴"]
)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_an_unknown_slug_is_one_kind_sentence_and_the_list(slug: str, language: str) -> None:
    app = open_app(PAGE, language, place=slug)
    assert not app.exception and not app.error
    assert len(app.info) == 1
    assert NAMES[language][4] in words(app)
    if slug:
        assert slug not in app.info[0].value


def test_a_retired_place_is_no_longer_shown() -> None:
    open_app(PAGE)
    resources.places().retire("manjanggul")
    app = open_app(PAGE, place="manjanggul")
    assert len(app.info) == 1 and "Manjanggul" not in words(app)


def test_a_place_without_position_has_no_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "places", lambda: ListedPlaces((make_place(7, "somewhere"),)))
    app = open_app(PAGE, place="somewhere")
    assert not app.exception and not app.error and app.title[0].value == "somewhere English"


def test_an_empty_catalogue_is_said_kindly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "places", lambda: ListedPlaces(()))
    assert "does not know any place yet" in open_app(PAGE).info[0].value


@pytest.mark.parametrize("page", ["pages/places.py", "pages/identify.py"])
def test_under_the_app_every_page_links_to_the_others_and_cards_to_their_place(page: str) -> None:
    app: AppTest = open_app("app.py").switch_page(page).run()
    assert not app.exception
    links = [(link.proto.page, link.proto.query_string) for link in app.get("page_link")]
    assert {name for name, _ in links} & {"", "start", "identify"} and ("places", "lang=en") in links
    assert ("places", "place=manjanggul&lang=en") in links
