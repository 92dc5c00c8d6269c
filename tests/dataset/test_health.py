"""How a place stands: counts by hand."""

from dataclasses import replace
from datetime import datetime

import pytest

from core.dataset.groups import regroup
from core.dataset.health import ENOUGH_PHOTOS, Finding, PlaceHealth, health_of, library_leaks, place_health
from core.dataset.splits import assign_splits
from core.db.engine import Database
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.review import ReviewRepository
from core.domain.photo import PhotoRecord, PhotoStatus, Split
from core.domain.place import Position
from tests.support.records import look_hash, photo_record

MAY, DECEMBER = datetime(2026, 5, 1, 14, 30), datetime(2025, 12, 31, 7)


def health(*records: PhotoRecord, slug: str = "cave") -> PlaceHealth:
    return next(found for found in health_of(records) if found.slug == slug)


def keys(found: PlaceHealth) -> list[str]:
    return [finding.key for finding in found.findings]


def test_photos_are_counted_by_status_source_licence_size_season_and_hour() -> None:
    found = health(
        photo_record(1, source="commons", licence="CC BY 4.0", taken_at=MAY, width_px=400, height_px=300),
        photo_record(2, source="commons", licence="CC BY 4.0", taken_at=DECEMBER, width_px=1599, height_px=1200),
        photo_record(3, licence="", width_px=1200, height_px=1600, taken_at=MAY),
        photo_record(4, status=PhotoStatus.NEW, source="other", taken_at=MAY),
        photo_record(5, status=PhotoStatus.REJECTED),
        photo_record(6, place_slug="falls"),
    )
    assert found.statuses == {"accepted": 3, "new": 1, "rejected": 1}
    assert found.accepted == 3
    assert list(found.sources.items()) == [("commons", 2), ("", 1)]
    assert found.licences == {"CC BY 4.0": 2, "": 1}
    assert found.sizes == {"small": 1, "medium": 1, "large": 1}
    assert (found.seasons, found.hours, found.undated) == ({"spring": 2, "winter": 1}, {7: 1, 14: 2}, 0)
    assert (found.groups, found.splits) == (3, {"folds": 3})


@pytest.mark.parametrize(
    ("month", "latitude", "season"),
    [
        (2, 33, "winter"),
        (3, 33, "spring"),
        (8, None, "summer"),
        (9, 33, "autumn"),
        (12, 33, "winter"),
        (1, -33, "summer"),
    ],
)
def test_a_season_follows_the_month_and_the_half_of_the_earth(month: int, latitude: float | None, season: str) -> None:
    position = None if latitude is None else Position(latitude, 126)
    found = health(photo_record(1, taken_at=datetime(2026, month, 9), position=position))
    assert found.seasons == {season: 1}


def test_what_is_missing_is_said_with_its_numbers() -> None:
    photos = [photo_record(number, source="commons", licence="CC0") for number in range(38)]
    assert health(*photos).findings == (
        Finding("health.more_accepted", {"count": 12, "aim": ENOUGH_PHOTOS}),
        Finding("health.one_source", {"source": "commons"}),
    )
    enough = [replace(photo, source=str(number % 2)) for number, photo in enumerate(photos * 2)]
    assert health(*enough).findings == ()


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"status": PhotoStatus.NEW}, "health.to_review"),
        ({"status": PhotoStatus.SET_ASIDE}, "health.set_aside"),
        ({"page_url": "one page", "group_id": "g"}, "health.few_groups"),
        ({"source": ""}, "health.source_unknown"),
        ({"taken_at": MAY}, "health.only_spring"),
        ({"taken_at": DECEMBER}, "health.only_winter"),
        ({"licence": "CC BY-NC 4.0"}, "health.not_free"),
    ],
)
def test_each_oddity_has_its_finding(changes: dict[str, object], key: str) -> None:
    plain = [photo_record(number, source=str(number % 2), licence="CC0") for number in range(60)]
    assert keys(health(*plain)) == []
    assert key in keys(health(*(replace(photo, **changes) for photo in plain)))  # type: ignore[arg-type]


def test_the_same_photo_under_two_places_is_counted_at_both() -> None:
    records = [
        photo_record(1, look_id="a"),
        photo_record(2, look_id="a"),
        photo_record(3, look_id="a", place_slug="falls"),
        photo_record(4, look_id="a", place_slug="unknown", status=PhotoStatus.REJECTED),
        photo_record(5, look_id="b"),
        photo_record(6, look_id="b", place_slug=None),
    ]
    assert health(*records).alike == {"falls": 1}
    assert health(*records, slug="falls").alike == {"cave": 2}
    assert health(*records, slug="unknown").alike == {}


def test_a_library_is_looked_at_place_by_place_and_leaks_are_a_number(
    database: Database, places: PlaceRepository
) -> None:
    photos, review = PhotoRepository(database), ReviewRepository(database)
    for number in range(40):
        photos.add(photo_record(number, place_slug=("cave", "unknown", None)[number % 3]))
    assert [(found.slug, found.accepted) for found in place_health(photos)] == [("cave", 14), ("unknown", 13)]
    photos.add(photo_record(50, perceptual_hash=look_hash(0, 1)))
    assert library_leaks(photos) == 0, "what was never grouped is in no data set"
    regroup(photos, review)
    assign_splits(photos)
    assert library_leaks(photos) == 0
    photos.set_splits({photo_record(50).sha256: Split.TEST})
    assert library_leaks(photos) == 1
