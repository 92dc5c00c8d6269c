"""The start page, opened under `app.py` and alone, without a browser."""

import re
from io import BytesIO
from pathlib import Path

import pytest

from tests.pages.home import GREEN, GREY, RED, coloured_jpeg, position_exif
from tests.pages.visiting import open_app, upload, words
from tests.support.places import ListedPlaces
from tests.support.scenes import draw_scene

WAYS = ("app.py", "pages/identify.py")
pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize("way", WAYS)
def test_before_any_photo_the_page_shows_the_places_it_knows(way: str) -> None:
    app = open_app(way)
    assert not app.exception
    assert app.title[0].value == "Where was this photo taken?"
    for name in ("Osulloc Tea Museum", "Manjanggul", "Jusangjeolli"):
        assert name in words(app)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("language", "name", "other"),
    [("ko", "오설록 티 뮤지엄", "Osulloc Tea Museum"), ("en", "Osulloc Tea Museum", "오설록 티 뮤지엄")],
)
def test_a_photo_of_a_known_place_is_named_in_the_visitors_language(
    way: str, language: str, name: str, other: str
) -> None:
    app = upload(open_app(way, language), coloured_jpeg(RED))
    assert not app.exception and not app.error
    assert app.header[0].value == name
    said = words(app)
    assert other in said and "0" in re.findall(r"(?:class number|클래스 번호) (\d)", said)
    assert re.search(r"\d+%", said) and "tiny" in said


def test_a_place_comes_with_address_status_picture_credit_and_what_is_near() -> None:
    said = words(upload(open_app(), coloured_jpeg(RED)))
    assert "15 Sinhwayeoksa-ro" in said
    assert "Picture: Eodi · AGPL-3.0" in said
    assert "As of August 2022 · source: Visit Jeju" in said
    for part in ("Sights", "Food", "Lodging", "km", "From August 2022; some may have closed."):
        assert part in said


def test_manjanggul_says_to_check_before_going() -> None:
    assert "Check before you go" in words(upload(open_app(), coloured_jpeg(GREEN)))


def test_a_photo_of_no_known_place_is_answered_with_none_and_a_folded_most_similar_place() -> None:
    app = upload(open_app(), coloured_jpeg(GREY))
    assert app.header[0].value == "None of the places I know"
    assert not [heading.value for heading in app.subheader]
    why, similar = app.expander
    assert why.label == "Why this answer?" and similar.label.startswith("See the most similar place")
    assert not why.proto.expanded and not similar.proto.expanded


def test_a_drawn_scene_gets_an_answer() -> None:
    content = BytesIO()
    draw_scene("falls", 1).save(content, "JPEG")
    app = upload(open_app(), content.getvalue())
    assert not app.exception and not app.error and app.header


@pytest.mark.parametrize(
    ("language", "content", "sentence"),
    [
        ("en", b"%PDF-1.7\n" + b"x" * 2000, "PDF"),
        ("ko", b"%PDF-1.7\n" + b"x" * 2000, "PDF"),
        ("en", b"", "empty"),
        ("en", coloured_jpeg(RED)[:300], ""),
        ("en", bytes(20 * 2**20 + 1), "20"),
    ],
    ids=["pdf-en", "pdf-ko", "empty", "cut", "too-large"],
)
def test_a_file_that_is_no_photo_gets_one_sentence_and_the_places_stay(
    language: str, content: bytes, sentence: str
) -> None:
    app = upload(open_app(language=language), content)
    assert not app.exception
    assert len(app.error) == 1
    assert sentence.lower() in app.error[0].value.lower()
    assert app.subheader and not app.header


def test_a_position_in_the_photo_is_told_as_a_fact_of_its_own() -> None:
    near = upload(open_app(), coloured_jpeg(RED, exif=position_exif(33.3064, 126.2905)))
    far = upload(open_app(), coloured_jpeg(RED, exif=position_exif(33.5283, 126.7714)))
    without = upload(open_app(), coloured_jpeg(RED))
    assert "agrees with the answer" in words(near) and "33.3064, 126.2905" in words(near)
    assert "does not agree with the answer" in words(far) and re.search(r"5\d\.?\d* km", words(far))
    assert "does not say where it was taken" in words(without)
    assert near.header[0].value == far.header[0].value == without.header[0].value


def test_the_language_switch_changes_the_words_and_the_address_and_keeps_the_answer() -> None:
    app = upload(open_app(language="en"), coloured_jpeg(RED))
    before = next(c.value for c in app.caption if "tiny" in c.value)
    app.segmented_control[0].set_value("ko").run()
    assert app.header[0].value == "오설록 티 뮤지엄"
    assert app.query_params["lang"] in ("ko", ["ko"])
    after = next(c.value for c in app.caption if "tiny" in c.value)
    assert re.findall(r"[\d.]+", before.replace("\\", "")) == re.findall(r"[\d.]+", after.replace("\\", ""))


def test_without_a_choice_the_page_speaks_korean() -> None:
    assert open_app(language=None).title[0].value == "이 사진, 어디일까요?"


def test_an_address_with_an_unknown_language_speaks_the_default() -> None:
    assert open_app(language="fr").title[0].value == "이 사진, 어디일까요?"


def test_a_database_that_does_not_answer_is_one_sentence_and_comes_back_by_itself(home: Path) -> None:
    (home / "data").mkdir()
    blocked = home / "data" / "eodi.sqlite3"
    blocked.mkdir()
    app = open_app()
    assert not app.exception
    assert len(app.error) == 1 and "/" not in app.error[0].value
    blocked.rmdir()
    app.run()
    assert not app.error and "Manjanggul" in words(app)


def test_a_missing_model_is_one_sentence(home: Path) -> None:
    (home / "weights" / "default.json").unlink()
    app = upload(open_app(), coloured_jpeg(RED))
    assert not app.exception and len(app.error) == 1


def test_an_empty_catalogue_is_said_kindly(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pages.ui import resources

    monkeypatch.setattr(resources, "places", lambda: ListedPlaces(()))
    app = open_app()
    assert "does not know any place yet" in app.info[0].value
