"""Places from and to files: exactly as written, all or nothing, every bad line named, numbers kept."""

from dataclasses import replace
from datetime import date

import pytest

from core.dataset.csv_cells import read_csv, write_csv
from core.dataset.place_files import PlacePlan, apply_places, plan_places, write_places
from core.db.engine import Database
from core.db.places import PlaceRepository
from core.domain.place import LocalText, Place, PlacePicture, PlaceState, PlaceStatus, Position
from core.errors import Conflict, InvalidInput
from tests.dataset.test_csv_cells import CELLS
from tests.db.test_injection import STRINGS
from tests.support.places import make_place

FORMS = pytest.mark.parametrize("name", ["places.csv", "places.yaml"])


def full_place(class_id: int, slug: str, text: str) -> Place:
    """A place that says `text` wherever it can."""
    both = LocalText(text, text)
    return Place(
        class_id=class_id,
        slug=slug,
        name=LocalText("이름", "name"),
        summary=both,
        description=both,
        address=both,
        position=Position(-33.25, 126.125),
        status=PlaceStatus(PlaceState.CLOSED, both, date(2026, 11, 23), text),
        picture=PlacePicture("a.webp", text, text, text),
        phone=text,
        retired=True,
    )


def csv_of(*rows: dict[str, str]) -> bytes:
    titles = tuple(dict.fromkeys(title for row in rows for title in row))
    return write_csv(titles, [[row.get(title, "") for title in titles] for row in rows])


def said(plan: PlacePlan) -> list[tuple[int, str]]:
    return [(fault.line, fault.error.code) for fault in plan.faults]


def standing(places: PlaceRepository) -> tuple[Place, ...]:
    return places.list(include_retired=True)


@FORMS
def test_whatever_a_place_says_comes_back_the_same_on_another_machine(
    name: str,
    database: Database,
    places: PlaceRepository,
) -> None:
    texts = (*STRINGS, *CELLS)
    given = [full_place(10 + number, f"place-{number}", text) for number, text in enumerate(texts)]
    content = write_places(name, given)
    plan = plan_places(name, content, places)
    assert said(plan) == []
    apply_places(plan, places)
    assert standing(places)[2:] == tuple(given)
    assert plan_places(name, content, places) == PlacePlan(name, (), (), tuple(given), ())
    assert write_places(name, standing(places)[2:]) == content


def test_no_cell_begins_like_a_formula() -> None:
    content = write_places("a.csv", [full_place(0, "a", text) for text in CELLS])
    raw = content.decode("utf-8-sig")
    assert not [part for part in raw.split('","') if part.startswith(("=", "@", "+", "\t"))]
    assert read_csv(content)[1][0][0] == "0"


@FORMS
def test_places_of_the_catalogue_are_unchanged_by_their_own_export(name: str, places: PlaceRepository) -> None:
    plan = plan_places(name, write_places(name, standing(places)), places)
    assert (plan.added, plan.changed, plan.faults, len(plan.unchanged)) == ((), (), (), 2)


def test_what_a_file_leaves_out_stays(places: PlaceRepository) -> None:
    before = places.get("cave")
    plan = plan_places("a.csv", csv_of({"slug": "cave", "name_en": " Cave "}), places)
    apply_places(plan, places)
    assert places.get("cave") == replace(before, name=LocalText(before.name.ko, " Cave "))
    apply_places(plan_places("a.yaml", b"- slug: cave\n  position: null\n  summary: {ko: ~}\n", places), places)
    assert places.get("cave").position is None
    assert places.get("cave").summary == LocalText("", before.summary.en)


def test_new_places_get_numbers_and_those_that_stand_keep_theirs(places: PlaceRepository) -> None:
    rows = ({"slug": "b", "name_en": "B"}, {"slug": "falls"}, {"slug": "c", "name_en": "C", "class_id": "2"})
    plan = plan_places("a.csv", csv_of(*rows), places)
    assert said(plan) == []
    apply_places(plan, places)
    assert {place.slug: place.class_id for place in standing(places)} == {"cave": 0, "falls": 1, "c": 2, "b": 3}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"slug": "falls", "class_id": "7"}, "place.number_fixed"),
        ({"slug": "new", "class_id": "1", "name_en": "N"}, "place.number_taken"),
        ({"slug": "new", "class_id": "-1", "name_en": "N"}, "place_file.value"),
        ({"slug": "new", "class_id": "٣", "name_en": "N"}, "place_file.value"),
        ({"slug": "new", "class_id": "99999999999", "name_en": "N"}, "place_file.value"),
        ({"slug": "new", "class_id": "4000000000", "name_en": "N"}, "place.number"),
        ({"slug": "New place", "name_en": "N"}, "place.slug"),
        ({"slug": "unknown", "name_en": "N"}, "place.slug"),
        ({"slug": "", "name_en": "N"}, "place.slug"),
        ({"slug": "new"}, "place.name"),
        ({"slug": "falls", "latitude": "1", "longitude": ""}, "place.half_position"),
        ({"slug": "falls", "latitude": "north", "longitude": "1"}, "place_file.value"),
        ({"slug": "falls", "latitude": "nan", "longitude": "1"}, "place.position"),
        ({"slug": "falls", "latitude": "91", "longitude": "1"}, "place.position"),
        ({"slug": "falls", "status_state": "maybe"}, "place_file.value"),
        ({"slug": "falls", "status_as_of": "23.11.2026"}, "place_file.value"),
        ({"slug": "falls", "retired": "perhaps"}, "place_file.value"),
        ({"slug": "falls", "phone": "가" * 22_000}, "text.too_long"),
        ({"slug": "cave"}, "place_file.twice"),
    ],
)
def test_a_bad_line_is_named_and_nothing_of_the_file_is_written(
    row: dict[str, str],
    code: str,
    places: PlaceRepository,
) -> None:
    before = standing(places)
    content = csv_of({"slug": "cave", "summary_ko": "two\nlines"}, row, {"slug": "good", "name_en": "G"})
    plan = plan_places("a.csv", content, places)
    assert said(plan) == [(4, code)]
    with pytest.raises(InvalidInput, match=r"place_file\.faults"):
        apply_places(plan, places)
    assert standing(places) == before


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b"", [(1, "csv.broken")]),
        (b"\xff\xfe", [(1, "csv.broken")]),
        (b"name_en\nA\n", [(1, "place_file.no_slug")]),
        (b"slug,colour,slug\na,b,c\n", [(1, "place_file.field"), (1, "place_file.field")]),
        (b"slug,name_en\na,A,more\n\n\nb\n,\n", [(2, "place_file.cells"), (5, "place_file.cells"), (6, "place.slug")]),
    ],
)
def test_a_csv_file_of_another_form_is_named_by_line(
    content: bytes,
    faults: list[tuple[int, str]],
    places: PlaceRepository,
) -> None:
    assert said(plan_places("a.CSV", content, places)) == faults


@pytest.mark.parametrize(
    ("content", "faults"),
    [
        (b"", []),
        (b"{", [(1, "place_file.yaml")]),
        (b"- slug: a\n  name: {en: A}\n- [", [(3, "place_file.yaml")]),
        (b"\xff", [(1, "place_file.yaml")]),
        (b"a: 1\n", [(1, "place_file.no_list")]),
        (b"- text\n- [1]\n- null\n", [(1, "place_file.field"), (2, "place_file.field"), (3, "place_file.field")]),
        (b"- slug: [falls]\n", [(1, "place_file.field")]),
        (b"- slug: falls\n\n- {slug: cave, name: text}\n", [(3, "place_file.field")]),
        (b"- slug: falls\n  colour: red\n", [(1, "place_file.field")]),
        (b"- slug: falls\n  ? [a]\n  : b\n", [(1, "place_file.field")]),
        (b'- slug: falls\n  phone: "\\uD800"\n', [(1, "place_file.character")]),
        (b"- slug: !!python/object/apply:os.system ['touch marker']\n", [(1, "place_file.field")]),
        (b"[" * 5_000, [(1, "place_file.yaml")]),
        (b"- &a [x, x]\n- &b [*a, *a]\n", [(1, "place_file.field"), (2, "place_file.field")]),
    ],
)
def test_a_yaml_file_of_another_form_is_named_by_line(
    content: bytes,
    faults: list[tuple[int, str]],
    places: PlaceRepository,
) -> None:
    assert said(plan_places("a.yml", content, places)) == faults


def test_text_that_looks_like_nothing_stays_text_when_it_is_quoted(places: PlaceRepository) -> None:
    plan = plan_places("a.yaml", b"- {slug: falls, phone: 'null', name: {ko: no, en: 0.10}}\n", places)
    assert (plan.changed[0].phone, plan.changed[0].name) == ("null", LocalText("no", "0.10"))


def test_other_endings_and_files_beyond_the_limit_are_refused(places: PlaceRepository) -> None:
    with pytest.raises(InvalidInput, match=r"place_file\.format"):
        plan_places("places.xlsx", b"", places)
    with pytest.raises(InvalidInput, match=r"place_file\.format"):
        write_places("places", [])
    with pytest.raises(InvalidInput, match=r"place_file\.too_large"):
        plan_places("a.csv", b" " * (9 << 20), places)


def test_a_number_that_was_given_away_since_the_plan_stops_all_of_it(places: PlaceRepository) -> None:
    rows = ({"slug": "a", "name_en": "A"}, {"slug": "falls", "phone": "1"}, {"slug": "b", "name_en": "B"})
    plan = plan_places("a.csv", csv_of(*rows), places)
    places.add(make_place(3, "faster"))
    before = standing(places)
    with pytest.raises(Conflict, match=r"place\.number_taken"):
        apply_places(plan, places)
    assert standing(places) == before
