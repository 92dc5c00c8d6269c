import random
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from core.db.engine import Database
from core.db.places import PlaceRepository
from core.db.tables import PointRow
from core.domain.place import NearbyKind, Position
from tests.support.places import make_place

CENTRE = Position(33.4, 126.5)


def add_point(database: Database, number: int, kind: str, position: Position, name: str = "") -> None:
    with database.session() as session:
        row = PointRow(source="test", source_id=str(number), kind=kind, as_of=date(2022, 8, 1), seed_sha256="")
        row.name_ko = row.name_en = name or f"point {number}"
        row.latitude, row.longitude = position.latitude, position.longitude
        session.add(row)


def north(metres: float, of: Position = CENTRE) -> Position:
    return Position(of.latitude + metres / 111_195.08, of.longitude)  # 2 π 6,371,008.8 m / 360


def test_the_nearest_of_each_kind_are_given_by_kind_then_distance(database: Database) -> None:
    for number, (kind, metres) in enumerate(
        [
            ("food", 900),
            ("sight", 5000),
            ("food", 200),
            ("sight", 400),
            ("food", 300),
            ("lodging", 9_990),
            ("food", 100),
        ]
    ):
        add_point(database, number, kind, north(metres))
    found = PlaceRepository(database).nearby(CENTRE)
    assert [(near.point.kind, round(near.distance_m)) for near in found] == [
        (NearbyKind.SIGHT, 400),
        (NearbyKind.SIGHT, 5000),
        (NearbyKind.FOOD, 100),
        (NearbyKind.FOOD, 200),
        (NearbyKind.FOOD, 300),
        (NearbyKind.LODGING, 9990),
    ]


def test_the_radius_is_a_circle_and_its_limit_is_kept(database: Database) -> None:
    add_point(database, 1, "sight", north(9_999))
    add_point(database, 2, "sight", north(10_001))
    add_point(database, 3, "sight", Position(33.4 + 0.07, 126.5 + 0.09))  # in the box's corner, 11.4 km away
    assert [near.point.source_id for near in PlaceRepository(database).nearby(CENTRE, per_kind=9)] == ["1"]


@pytest.mark.parametrize(
    "centre", [CENTRE, Position(-33, 179.99), Position(0, -180), Position(89.99, 10), Position(-90, 0)]
)
def test_the_box_loses_no_point_anywhere_on_earth(database: Database, centre: Position) -> None:
    randomness = random.Random(1)
    positions = []
    for number in range(60):
        latitude = max(-90.0, min(90.0, centre.latitude + randomness.uniform(-0.4, 0.4)))
        longitude = (centre.longitude + randomness.uniform(-0.4, 0.4) + 540) % 360 - 180
        positions.append(Position(latitude, longitude))
        add_point(database, number, "food", positions[-1])
    expected = sorted(d for d in (centre.distance_m(position) for position in positions) if 5 < d <= 30_000)
    found = PlaceRepository(database).nearby(centre, radius_m=30_000, per_kind=100)
    assert [near.distance_m for near in found] == expected


def test_a_place_is_a_sight_for_others_and_never_its_own_neighbour(database: Database) -> None:
    places = PlaceRepository(database)
    here = places.add(make_place(0, "here", CENTRE))
    there = places.add(make_place(1, "there", north(700)))
    places.add(make_place(2, "retired", north(100), retired=True))
    places.add(make_place(3, "nowhere"))
    add_point(database, 1, "sight", north(650), name=here.name.ko)  # another source's idea of where `here` is
    assert [(near.point.source_id, round(near.distance_m)) for near in places.nearby(CENTRE)] == [("there", 700)]
    places.update(replace(there, retired=True))
    assert places.nearby(CENTRE) == ()


def test_nothing_is_asked_for_nothing_is_given(database: Database) -> None:
    add_point(database, 1, "food", north(100))
    assert PlaceRepository(database).nearby(CENTRE, per_kind=0) == ()


def test_the_position_is_looked_up_by_an_index(database: Database) -> None:
    on_sqlite = text("EXPLAIN QUERY PLAN SELECT * FROM points_of_interest WHERE latitude BETWEEN 1 AND 2")
    on_mysql = text("EXPLAIN SELECT * FROM points_of_interest WHERE latitude BETWEEN 1 AND 2")
    with database.reading() as session:
        plan = session.execute(on_sqlite if database.is_embedded else on_mysql).all()
    assert "ix_points_of_interest_position" in str(plan)
