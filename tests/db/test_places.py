from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from core.db.engine import Database
from core.db.places import PlaceRepository
from core.domain.place import LocalText, Place, PlacePicture, PlaceState, PlaceStatus, Position
from core.errors import Conflict, InvalidInput, NotFound
from tests.support.places import make_place


def full_place(class_id: int = 7, slug: str = "full-place") -> Place:
    return replace(
        make_place(class_id, slug, Position(33.1234567890123, -126.9876543210987)),
        status=PlaceStatus(PlaceState.CHECK, LocalText("확인", "check"), date(2026, 1, 10), "Newsis"),
        picture=PlacePicture("full.webp", "author", "CC0", "https://example.org/1"),
        phone="064-000-0000",
    )


def test_a_place_is_read_back_as_it_was_added(places: PlaceRepository) -> None:
    assert places.add(full_place()) == full_place()
    assert places.get("full-place") == places.get_by_class_id(7) == full_place()


def test_places_are_listed_by_class_number_and_retired_ones_only_when_asked_for(places: PlaceRepository) -> None:
    places.add(make_place(12, "a-later"))
    places.retire("cave")
    assert [place.slug for place in places.list()] == ["falls", "a-later"]
    assert [place.class_id for place in places.list(include_retired=True)] == [0, 1, 12]
    assert places.get("cave").retired


def test_zero_is_a_class_number_like_any_other(places: PlaceRepository) -> None:
    assert places.get_by_class_id(0).slug == "cave"


@pytest.mark.parametrize("slug", ["", "none-such", "CAVE", "cave ", "동굴", "' OR '1'='1", "a" * 5000])
def test_an_unknown_slug_is_not_found(places: PlaceRepository, slug: str) -> None:
    with pytest.raises(NotFound):
        places.get(slug)


@pytest.mark.parametrize("class_id", [2, -1, 10**6])
def test_an_unknown_number_is_not_found(places: PlaceRepository, class_id: int) -> None:
    with pytest.raises(NotFound):
        places.get_by_class_id(class_id)


@pytest.mark.parametrize(
    "slug", ["", "UPPER", "a b", "-a", "a--b", "동굴", "unknown", "unsorted", "a" * 65, "a\n", "a/b", "../x"]
)
def test_a_slug_that_is_none_is_refused(places: PlaceRepository, slug: str) -> None:
    with pytest.raises(InvalidInput):
        places.add(make_place(5, slug))


@pytest.mark.parametrize("class_id", [-1, 2**31])
def test_a_number_that_is_none_is_refused(places: PlaceRepository, class_id: int) -> None:
    with pytest.raises(InvalidInput):
        places.add(make_place(class_id, "x"))


@pytest.mark.parametrize(
    "position", [Position(91, 0), Position(0, -181), Position(float("nan"), 0), Position(0, float("inf"))]
)
def test_a_position_that_is_not_on_earth_is_refused(places: PlaceRepository, position: Position) -> None:
    with pytest.raises(InvalidInput):
        places.add(make_place(5, "x", position))


def test_a_place_without_any_name_is_refused(places: PlaceRepository) -> None:
    with pytest.raises(InvalidInput):
        places.add(replace(make_place(5, "x"), name=LocalText(" ", "")))


def test_a_slug_or_a_number_that_is_taken_is_a_conflict_and_changes_nothing(places: PlaceRepository) -> None:
    before = places.list(include_retired=True)
    for place in (make_place(5, "cave"), make_place(0, "other")):
        with pytest.raises(Conflict):
            places.add(place)
    assert places.list(include_retired=True) == before
    assert places.next_class_id() == 2


def test_an_update_replaces_everything_but_slug_and_number(places: PlaceRepository) -> None:
    assert places.update(full_place(0, "cave")) == full_place(0, "cave") == places.get("cave")
    with pytest.raises(Conflict):
        places.update(full_place(9, "cave"))
    with pytest.raises(NotFound):
        places.update(full_place(9, "none-such"))


def test_numbers_start_at_zero_and_are_never_given_out_again(database: Database) -> None:
    places = PlaceRepository(database)
    assert places.next_class_id() == 0
    places.add(make_place(0, "first"))
    places.add(make_place(6, "second"))
    places.retire("second")
    assert places.next_class_id() == 7
    with database.session() as session:
        session.execute(text("DELETE FROM places WHERE slug = 'second'"))
    assert places.next_class_id() == 7
    with pytest.raises(Conflict):
        places.add(make_place(6, "third"))
    assert places.add(make_place(6, "second")).slug == "second", "it may come back under its own number"
