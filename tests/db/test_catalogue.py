import unicodedata
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest

from core.db.catalogue import place_from_plain, place_to_plain, read_places, read_points
from core.db.engine import Database
from core.db.places import PlaceRepository
from core.db.seed import seed_catalogue
from core.domain.place import NearbyKind, Place, PlaceState, Position
from core.errors import InvalidInput
from tests.db.conftest import CATALOGUE
from tests.support.places import make_place

PLACES = read_places(CATALOGUE)
POINTS = read_points(CATALOGUE)
NUMBERS = {"osulloc": 0, "manjanggul": 1, "monsant-aewol": 2, "jusangjeolli": 3, "cheonjiyeon": 4}


def positions() -> list[tuple[str, Position]]:
    own = [(place.slug, place.position) for place in PLACES if place.position]
    return own + [(point.source_id, point.position) for point in POINTS]


def test_the_five_places_have_their_fixed_numbers() -> None:
    assert {place.slug: place.class_id for place in PLACES} == NUMBERS


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.slug)
def test_each_place_is_told_in_both_languages(place: Place) -> None:
    for texts in (place.name, place.summary, place.description, place.address, place.status.note):
        assert texts.ko
        assert texts.en
        assert not any("가" <= letter <= "힣" for letter in texts.en)
        assert any("가" <= letter <= "힣" for letter in texts.ko)
    assert place.summary.ko.count(".") <= 2
    assert 3 <= place.description.en.count(". ") + 1 <= 6
    assert place.picture is not None
    assert place.picture.file == f"{place.slug}.webp"
    assert place.picture.licence == "AGPL-3.0"


def test_what_may_be_closed_is_to_be_checked_first_and_every_status_has_a_date_and_a_source() -> None:
    states = {place.slug: place.status.state for place in PLACES}
    assert states.pop("manjanggul") is PlaceState.CHECK
    assert set(states.values()) == {PlaceState.OPEN}
    for place in PLACES:
        assert place.status.as_of is not None
        assert date(2022, 8, 1) <= place.status.as_of <= date(2026, 11, 1)
        assert place.status.source


def test_manjanggul_is_at_the_cave_and_not_where_one_wrong_record_puts_it() -> None:
    position = next(place.position for place in PLACES if place.slug == "manjanggul")
    assert position is not None
    assert position.distance_m(Position(33.5283, 126.7714)) < 100
    assert position.distance_m(Position(33.5548185, 126.7969015)) > 3_700


def test_every_point_lies_on_jeju() -> None:
    for name, position in positions():
        assert 33.10 <= position.latitude <= 33.60, name
        assert 126.14 <= position.longitude <= 126.98, name


def test_no_two_different_places_share_a_point() -> None:
    for (first, here), (second, there) in combinations(positions(), 2):
        assert here.distance_m(there) > 5, (first, second)


def test_names_and_numbers_are_unique_and_composed() -> None:
    names = [place.name.ko for place in PLACES] + [point.name.ko for point in POINTS]
    assert len(set(names)) == len(names)
    assert len({(point.source, point.source_id) for point in POINTS}) == len(POINTS)
    assert all(unicodedata.is_normalized("NFC", name) for name in names)
    for point in POINTS:
        assert point.name.en
        assert not any("가" <= letter <= "힣" for letter in point.name.en)


@pytest.mark.parametrize(
    ("slug", "korean", "metres"),
    [
        ("manjanggul", "김녕미로공원", 910),
        ("manjanggul", "소풍(월정리)", 3_360),
        ("cheonjiyeon", "새연교", 730),
        ("cheonjiyeon", "서귀포푸른바다", 370),
        ("jusangjeolli", "부영호텔", 350),
        ("jusangjeolli", "바다다", 1_060),
        ("osulloc", "랜딩관 신화월드", 2_850),
        ("monsant-aewol", "애월한담해안산책로", 490),
    ],
)
def test_distances_agree_with_those_worked_out_elsewhere(
    database: Database, slug: str, korean: str, metres: float
) -> None:
    seed_catalogue(database, CATALOGUE)
    places = PlaceRepository(database)
    position = places.get(slug).position
    assert position is not None
    found = {near.point.name.ko: near.distance_m for near in places.nearby(position, per_kind=99)}
    assert found[korean] == pytest.approx(metres, abs=10)


def test_every_place_has_something_of_each_kind_nearby(database: Database) -> None:
    seed_catalogue(database, CATALOGUE)
    places = PlaceRepository(database)
    for place in places.list():
        assert place.position is not None
        found = places.nearby(place.position)
        assert {near.point.kind for near in found} == set(NearbyKind)
        assert place.slug not in {near.point.source_id for near in found}


@pytest.mark.parametrize("place", [*PLACES, replace(make_place(9, "bare"), retired=True)], ids=lambda place: place.slug)
def test_the_plain_form_of_a_place_makes_the_same_place_again(place: Place) -> None:
    assert place_from_plain(place_to_plain(place)) == place


@pytest.mark.parametrize(
    "content",
    [
        "- just text",
        "- {slug: a}",
        "- [1, 2]",
        "{",
        "5",
        "text",
        "- class_id: x",
        "!!python/object/apply:os.system ['touch marker']",
        "- null",
    ],
)
def test_a_file_that_is_not_understood_is_named(tmp_path: Path, content: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "places.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInput) as refused:
        read_places(tmp_path)
    assert refused.value.code == "catalogue.broken"
    assert refused.value.values["file"] == "places.yaml"
    assert not (tmp_path / "marker").exists()


def test_a_missing_catalogue_is_named_and_missing_points_are_none(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_places(tmp_path)
    assert refused.value.code == "catalogue.missing"
    assert read_points(tmp_path) == ()
