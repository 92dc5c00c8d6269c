"""Curators add, edit, retire and remove places on the places page; visitors see none of it."""

from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.dataset.import_photos import Provenance, keep_original
from core.domain.photo import PhotoStatus
from core.domain.place import LocalText, PlacePicture, Position
from core.errors import NotFound
from pages.ui import resources
from pages.ui.place_editor import slug_of
from tests.pages.home import GREEN, RED, coloured_jpeg
from tests.pages.visiting import open_app, words
from tests.support.places import make_place

PAGE = "pages/places.py"
pytestmark = pytest.mark.usefixtures("home")
INJECTIONS = (
    "'; DROP TABLE places; --",
    '" OR "1"="1',
    "Robert'); DELETE FROM photos;--",
    "%' OR 1=1 #",
    "<script>alert(1)</script>",
    "![](http://x.example)",
    "  spaces kept  ",
    "한글 · 🗼 \\ ` $x$",
)


def open_places(language: str = "en", **address: str) -> AppTest:
    return open_app(PAGE, language, **address)


def button(app: AppTest, label: str) -> object:
    return next(b for b in app.button if b.label == label)


def press(app: AppTest, label: str) -> AppTest:
    return button(app, label).click().run()  # type: ignore[attr-defined]


def field(app: AppTest, name: str) -> object:
    return next(f for f in (*app.text_input, *app.text_area, *app.number_input) if str(f.key).endswith(f"-{name}"))


def write(app: AppTest, **texts: object) -> None:
    for name, text in texts.items():
        field(app, name).set_value(text)  # type: ignore[attr-defined]


def labels(app: AppTest) -> list[str]:
    return [b.label for b in app.button]


def add_photo(licence: str, rgb: tuple[int, int, int] = RED, status: PhotoStatus = PhotoStatus.ACCEPTED) -> str:
    """Put a photo of 오설록 into the library, and return its hash."""
    content, library = coloured_jpeg(rgb), resources.library()
    provenance = Provenance("test", "https://page.example/1", "A. Author", licence)
    keep_original(content, "photo.jpg", "osulloc", provenance, library, "test")
    sha256 = next(r.sha256 for r in library.photos.list("osulloc") if r.licence == licence)
    library.photos.set_status(sha256, status)
    return sha256


# ---- who may ----


@pytest.mark.parametrize("task", ["", "add", "edit", "files"])
def test_visitors_of_an_app_that_serves_others_see_no_editing(task: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = st.get_option
    monkeypatch.setattr(st, "get_option", lambda key: "0.0.0.0" if key == "server.address" else real(key))  # noqa: S104 - the address of others
    for place in ("", "osulloc"):
        app = open_places(**{name: value for name, value in (("do", task), ("place", place)) if value})
        assert not app.exception and not app.text_input and not app.button and not app.file_uploader
        assert app.title[0].value == ("Osulloc Tea Museum" if place else "Which places does Eodi know?") or not place


def test_a_curator_gets_the_visitors_page_with_buttons_below() -> None:
    app = open_places(place="osulloc")
    assert app.title[0].value == "Osulloc Tea Museum" and labels(app) == ["Edit"]
    assert labels(open_places()) == ["Add a place", "Import and export"]


@pytest.mark.parametrize(("task", "place"), [("edit", "nowhere"), ("edit", ""), ("x' --", ""), ("edit", "../../etc")])
def test_a_task_that_makes_no_sense_shows_the_list(task: str, place: str) -> None:
    app = open_places(do=task, place=place)
    assert not app.exception and not app.error and not app.text_input and "Manjanggul" in words(app)


# ---- adding and editing ----


def test_a_new_place_gets_the_next_number_and_its_short_name_from_the_english_one() -> None:
    app = press(open_places(), "Add a place")
    write(app, name_ko="하롱베이", name_en="Ha Long Bay!", latitude=20.91, longitude=107.18)
    app = press(app, "Save")
    assert not app.exception and not app.error
    place = resources.places().get("ha-long-bay")
    assert (place.class_id, place.name, place.position) == (
        5,
        LocalText("하롱베이", "Ha Long Bay!"),
        Position(20.91, 107.18),
    )
    assert "Ha Long Bay" in app.title[0].value and "class number 5" in app.success[0].value


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ({"name_en": "", "name_ko": ""}, "name"),
        ({"name_en": "A", "slug": "Not A Slug"}, "short name"),
        ({"name_en": "A", "slug": "unknown"}, "short name"),
        ({"name_en": "A", "slug": "osulloc"}, "osulloc"),
    ],
)
def test_what_cannot_be_a_place_is_one_sentence_and_nothing_is_lost(texts: dict[str, str], said: str) -> None:
    app = press(open_places(), "Add a place")
    write(app, phone="064", **texts)
    app = press(app, "Save")
    assert not app.exception and len(app.error) == 1 and said in app.error[0].value.lower()
    assert field(app, "phone").value == "064" and len(resources.places().list(include_retired=True)) == 5  # type: ignore[attr-defined]


def test_half_a_position_cannot_be_saved() -> None:
    app = press(open_places(), "Add a place")
    write(app, name_en="Somewhere", latitude=33.0)
    app.run()
    assert len(app.error) == 1 and button(app, "Save").disabled  # type: ignore[attr-defined]


@pytest.mark.parametrize("shift", [0, 3])
def test_texts_are_stored_and_read_back_as_they_are_and_nothing_else_changes(shift: int) -> None:
    before = resources.places().list(include_retired=True)
    app = press(open_places(place="osulloc"), "Edit")
    names = ("name_ko", "name_en", "summary_ko", "description_en", "address_ko", "phone", "note_en", "source")
    texts = (*INJECTIONS[shift:], *INJECTIONS[:shift])
    write(app, **dict(zip(names, texts, strict=True)))
    app = press(app, "Save")
    assert not app.exception and not app.error
    place = resources.places().get("osulloc")
    stored = (
        *(place.name.ko, place.name.en, place.summary.ko, place.description.en, place.address.ko),
        *(place.phone, place.status.note.en, place.status.source),
    )
    assert stored == texts
    assert place.class_id == 0 and resources.places().list(include_retired=True)[1:] == before[1:]
    assert not open_places(do="edit", place="osulloc").exception


def test_saving_an_untouched_form_changes_nothing() -> None:
    before = resources.places().list()
    for place in before[:2]:
        assert not press(open_places(do="edit", place=place.slug), "Save").error
    assert resources.places().list() == before


def test_a_place_that_someone_else_changed_meanwhile_is_not_overwritten() -> None:
    app = press(open_places(place="osulloc"), "Edit")
    other = replace(resources.places().get("osulloc"), phone="from someone else")
    resources.places().update(other)
    write(app, phone="mine")
    app = press(app, "Save")
    assert len(app.error) == 1 and resources.places().get("osulloc") == other


def test_leaving_without_saving_forgets_what_was_written() -> None:
    app = press(open_places(place="osulloc"), "Edit")
    write(app, phone="not wanted", latitude=1.0)
    app = press(app, "Leave without saving")
    assert app.title[0].value == "Osulloc Tea Museum"
    app = press(app, "Edit")
    assert field(app, "phone").value == "" and field(app, "latitude").value == pytest.approx(33.306, abs=0.01)  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_number_is_shown_and_explained_as_fixed(language: str) -> None:
    said = words(open_places(language, do="edit", place="osulloc"))
    assert ("Class number 0" in said and "fixed" in said) or "클래스 번호 0" in said


@pytest.mark.parametrize(
    ("name", "slug"), [("Hội An", "hoi-an"), ("  A  B ", "a-b"), ("한글", ""), ("x" * 90, "x" * 64)]
)
def test_a_short_name_is_made_of_a_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug


# ---- retiring, removing ----


def test_a_retired_place_leaves_the_visitors_page_and_comes_back() -> None:
    app = press(open_places(do="edit", place="manjanggul"), "Retire")
    assert resources.places().get("manjanggul").retired
    assert "Retired places: 1" in words(app)
    app = press(press(app, "Manjanggul"), "Bring it back")
    assert not resources.places().get("manjanggul").retired and "Retired places" not in words(app)


def test_a_place_that_models_answer_or_that_has_photos_is_not_removed() -> None:
    app = open_places(do="edit", place="osulloc")
    assert "Remove" not in labels(app) and "a trained model answers" in words(app)
    resources.places().add(make_place(7, "somewhere"))
    keep_original(coloured_jpeg(RED), "a.jpg", "somewhere", Provenance("test"), resources.library(), "test")
    app = open_places(do="edit", place="somewhere")
    assert "Remove" not in labels(app) and "1 photo of the library" in words(app)


def test_a_place_that_nothing_uses_is_removed_after_it_was_confirmed() -> None:
    resources.places().add(make_place(7, "somewhere"))
    app = open_places(do="edit", place="somewhere")
    assert button(app, "Remove").disabled  # type: ignore[attr-defined]
    app.checkbox[0].check().run()
    press(app, "Remove")
    with pytest.raises(NotFound):
        resources.places().get("somewhere")
    assert resources.places().next_class_id() == 8


# ---- the picture ----


def test_only_accepted_photos_of_known_terms_can_stand_for_a_place() -> None:
    shown = add_photo("CC-BY-4.0")
    add_photo("", GREEN)
    add_photo("CC0-1.0", (9, 9, 9), PhotoStatus.NEW)
    app = open_places(do="edit", place="osulloc")
    assert not app.exception and labels(app).count("Choose") == 1
    assert "1 accepted photo cannot be chosen" in words(app) and "A. Author · CC-BY-4.0" in words(app)
    app = press(press(app, "Choose"), "Save")
    picture = PlacePicture(f"library:{shown}", "A. Author", "CC-BY-4.0", "https://page.example/1")
    assert resources.places().get("osulloc").picture == picture
    said = words(open_places(place="osulloc"))
    assert "A. Author · CC-BY-4.0" in said


@pytest.mark.parametrize("ending", ["rejected", "deleted", "not a photo"])
def test_a_photo_that_may_not_be_shown_any_more_is_gone_with_its_credit(ending: str) -> None:
    sha256 = add_photo("CC-BY-4.0")
    place = resources.places().get("osulloc")
    resources.places().update(replace(place, picture=PlacePicture(f"library:{sha256}", "A. Author", "CC-BY-4.0")))
    assert "A. Author" in words(open_places(place="osulloc"))
    if ending == "rejected":
        resources.photos().set_status(sha256, PhotoStatus.REJECTED, "other")
    elif ending == "deleted":
        resources.photos().delete(sha256)
    else:
        resources.places().update(replace(place, picture=PlacePicture("library:../../etc/passwd", "A. Author", "x")))
    app = open_places(place="osulloc")
    assert not app.exception and "A. Author" not in words(app) and not app.error


# ---- files ----


def give_file(name: str, content: bytes) -> AppTest:
    app = press(open_places(), "Import and export")
    return app.file_uploader[0].set_value((name, content, "text/csv")).run()


def test_a_file_is_planned_first_and_then_written_whole() -> None:
    csv = "slug,name_ko,name_en,phone\nosulloc,오설록,Osulloc,064\nhue,후에,Hue,\n".encode()
    app = give_file("places.csv", csv)
    assert not app.exception and not app.error
    assert "Places to add: 1, to change: 1, as they are: 0" in words(app) and "Hue (hue)" in words(app)
    assert len(resources.places().list()) == 5
    press(app, "Write it")
    assert resources.places().get("hue").class_id == 5 and resources.places().get("osulloc").phone == "064"


def test_a_bad_line_is_named_and_nothing_can_be_written() -> None:
    csv = b"slug,name_en,latitude,longitude\nhue,Hue,16,107\nbad,Bad,91,0\n,Nameless,,\n"
    app = give_file("my places.csv", csv)
    said = words(app)
    assert "my places.csv:3 " in said and "my places.csv:4 " in said and "my places.csv:2 " not in said
    assert "Write it" not in labels(app) and len(resources.places().list()) == 5


def test_a_file_of_another_kind_is_one_sentence() -> None:
    app = give_file("places.csv", b"\xff\xfe\x00nonsense")
    assert not app.exception and app.error and "Write it" not in labels(app)


def test_what_is_taken_away_changes_nothing_when_it_is_brought_in(tmp_path: Path) -> None:
    from core.dataset.place_files import write_places

    content = write_places("a.yaml", resources.places().list(include_retired=True))
    app = give_file("a.yaml", content)
    assert "Places to add: 0, to change: 0, as they are: 5" in words(app) and "Write it" not in labels(app)
