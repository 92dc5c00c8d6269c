"""The map without tiles: the sketch of Jeju, the rings elsewhere, the marks."""

from datetime import date
from itertools import pairwise

import pytest

from core.domain.place import LocalText, Nearby, NearbyKind, PointOfInterest, Position
from core.messages import translator
from pages.ui import place_map as module
from pages.ui.place_map import is_on_jeju, map_points, place_map

HALLASAN = Position(33.3617, 126.5292)
SEOUL = Position(37.5665, 126.9780)
INSIDE = [HALLASAN, Position(33.3064, 126.2905), Position(33.5283, 126.7714), Position(33.2469, 126.5545)]
AT_SEA = [Position(33.58, 126.3), Position(33.2, 126.8), Position(33.1, 126.5)]


def contains(ring: list[list[float]], position: Position) -> bool:
    """Count how often a ray to the east crosses the ring."""
    inside = False
    for (x_0, y_0), (x_1, y_1) in pairwise(ring):
        crosses = (y_0 > position.latitude) != (y_1 > position.latitude)
        if crosses and position.longitude < x_0 + (position.latitude - y_0) * (x_1 - x_0) / (y_1 - y_0):
            inside = not inside
    return inside


def test_the_sketch_has_the_island_inside_and_the_sea_outside() -> None:
    main = module._outline()["geometry"]["coordinates"][0][0]
    assert [contains(main, position) for position in INSIDE] == [True] * len(INSIDE)
    assert [contains(main, position) for position in AT_SEA] == [False] * len(AT_SEA)


def test_the_sketch_is_closed_clockwise_and_as_large_as_the_island() -> None:
    for (ring,) in module._outline()["geometry"]["coordinates"]:
        assert ring[0] == ring[-1]
        doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
        assert doubled < 0
    ring = module._outline()["geometry"]["coordinates"][0][0]
    doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
    km2 = -doubled / 2 * 111.2 * 111.2 * 0.835
    assert km2 == pytest.approx(1_833, rel=0.05)  # Source: Jeju Special Self-Governing Province, main island


def test_jeju_gets_its_coast_and_elsewhere_gets_rings() -> None:
    t = translator("en")
    assert is_on_jeju(HALLASAN) and not is_on_jeju(SEOUL)
    on_jeju = place_map(t, "x", HALLASAN, ()).to_dict()
    elsewhere = place_map(t, "x", SEOUL, ()).to_dict()
    assert on_jeju["layer"][0]["data"]["values"][0]["geometry"]["type"] == "MultiPolygon"
    rings = elsewhere["layer"][0]["data"]["values"]
    assert [ring["geometry"]["type"] for ring in rings] == ["LineString"] * 3


@pytest.mark.parametrize("km", [1, 5, 10])
def test_every_point_of_a_ring_is_that_far_away(km: int) -> None:
    points = module._ring(SEOUL, km)["coordinates"]
    distances = [SEOUL.distance_m(Position(latitude, longitude)) for longitude, latitude in points]
    assert distances == pytest.approx([km * 1000] * len(points), rel=2e-3)


def test_the_first_point_of_a_ring_is_in_the_north() -> None:
    longitude, latitude = module._ring(SEOUL, 5)["coordinates"][0]
    assert longitude == pytest.approx(SEOUL.longitude) and latitude > SEOUL.latitude


def test_marks_are_named_by_kind_and_the_place_lies_on_top() -> None:
    point = PointOfInterest(NearbyKind.FOOD, LocalText("곰막", "Gommak"), HALLASAN, "s", "1", date(2022, 8, 1))
    rows = map_points(translator("ko"), "만장굴", HALLASAN, [Nearby(point, 2_345.0)])
    assert list(rows["kind"]) == ["음식점", "만장굴"]
    assert rows.iloc[0]["distance"] == "2.3 km"
