"""What belongs together shares a group, and no group ever holds two splits."""

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from core.dataset.groups import STRADDLES, Grouping, group_photos, regroup
from core.db.engine import Database
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.review import ReviewRepository
from core.domain.photo import PhotoRecord, PhotoStatus, Split
from tests.support.records import look_hash, photo_record

NOON = datetime(2026, 5, 1, 12)


def together(found: Grouping) -> list[list[int]]:
    """Return the groups as numbers of photos."""
    members: dict[str, list[int]] = {}
    for sha256, name in sorted(found.groups.items()):
        if name:
            members.setdefault(name, []).append(int(sha256, 16))
    return list(members.values())


def after(records: Sequence[PhotoRecord]) -> list[PhotoRecord]:
    """Return the records as `regroup` leaves them."""
    found = group_photos(records)
    aside = {refusal.sha256 for refusal in found.refusals}
    return [
        replace(
            record,
            look_id=found.looks[record.sha256],
            group_id=found.groups[record.sha256],
            status=PhotoStatus.SET_ASIDE if record.sha256 in aside else record.status,
        )
        for record in records
    ]


def test_near_duplicates_share_a_look_and_a_group_named_by_the_smallest_hash() -> None:
    first = photo_record(3, perceptual_hash=look_hash("a"))
    second = photo_record(5, perceptual_hash=look_hash("a", *range(10)), place_slug="falls")
    found = group_photos([second, photo_record(4), first])
    assert together(found) == [[3, 5], [4]]
    assert found.looks == {first.sha256: first.sha256, second.sha256: first.sha256, photo_record(4).sha256: ""}
    assert group_photos([first, replace(second, perceptual_hash=look_hash("a", *range(11)))]).looks[first.sha256] == ""


def test_photos_of_one_page_share_a_group_and_no_look_and_no_page_joins_nothing() -> None:
    pages = ["https://a.example/1", "", "https://a.example/1", ""]
    found = group_photos([photo_record(number, page_url=page) for number, page in enumerate(pages)])
    assert together(found) == [[0, 2], [1], [3]]
    assert set(found.looks.values()) == {""}


@pytest.mark.parametrize(
    ("changes", "joined"),
    [
        ({"taken_at": NOON + timedelta(seconds=3)}, True),
        ({"taken_at": (NOON + timedelta(seconds=2)).replace(tzinfo=timezone(timedelta(hours=9)))}, True),
        ({"taken_at": NOON + timedelta(seconds=3.1)}, False),
        ({"taken_at": NOON, "source": "other"}, False),
        ({"taken_at": NOON, "place_slug": "falls"}, False),
        ({"taken_at": None}, False),
    ],
)
def test_a_burst_is_one_source_at_one_place_without_a_pause(changes: dict[str, object], joined: bool) -> None:
    found = group_photos([photo_record(1, taken_at=NOON), photo_record(2, **changes)])
    assert together(found) == ([[1, 2]] if joined else [[1], [2]])


def test_a_long_burst_is_one_group() -> None:
    records = [photo_record(n, taken_at=NOON + timedelta(seconds=2 * n)) for n in range(8)]
    assert together(group_photos(records)) == [list(range(8))]


def test_what_joins_changes_only_the_group_that_it_joins() -> None:
    records = [photo_record(number, page_url=f"page {number // 3}") for number in range(10, 40)]
    before = group_photos(records).groups
    now = group_photos([*records, photo_record(1, page_url="page 5")]).groups
    assert {sha256 for sha256 in before if now[sha256] != before[sha256]} == {
        record.sha256 for record in records if record.page_url == "page 5"
    }


def test_a_rejected_photo_has_a_look_and_joins_nothing() -> None:
    bridge = photo_record(2, perceptual_hash=look_hash("a", *range(8)), status=PhotoStatus.REJECTED)
    sides = [
        photo_record(1, perceptual_hash=look_hash("a")),
        photo_record(3, perceptual_hash=look_hash("a", *range(16))),
    ]
    found = group_photos([*sides, bridge])
    assert together(found) == [[1], [3]]
    assert set(found.looks.values()) == {sides[0].sha256}
    assert together(group_photos([*sides, replace(bridge, status=PhotoStatus.NEW)])) == [[1, 2, 3]]


def test_a_rejected_test_photo_still_speaks_for_its_group() -> None:
    tested = photo_record(1, page_url="p", split=Split.TEST, status=PhotoStatus.REJECTED)
    assert together(group_photos([tested, photo_record(2, page_url="p")])) == [[1, 2]]


def test_a_photo_that_would_join_groups_of_different_splits_is_the_only_one_refused() -> None:
    trained = photo_record(1, perceptual_hash=look_hash("a"), split=Split.TRAIN)
    tested = photo_record(2, page_url="p", split=Split.TEST)
    bridge = photo_record(3, perceptual_hash=look_hash("a", 1), page_url="p")
    found = group_photos([trained, tested, bridge])
    assert [(refusal.sha256, refusal.splits) for refusal in found.refusals] == [
        (bridge.sha256, (Split.TRAIN, Split.TEST))
    ]
    assert together(found) == [[1], [2]]


@pytest.mark.parametrize("other", [Split.TRAIN, Split.VALIDATION])
def test_where_groups_with_splits_become_one_the_test_photo_never_gives_way(other: Split) -> None:
    older = photo_record(1, page_url="p", split=other)
    tested = photo_record(2, page_url="p", split=Split.TEST)
    found = group_photos([older, tested])
    assert [refusal.sha256 for refusal in found.refusals] == [older.sha256]


def test_of_photos_that_bridge_together_the_one_that_came_last_is_refused() -> None:
    trained = photo_record(1, perceptual_hash=look_hash("a"), split=Split.TRAIN)
    tested = photo_record(2, perceptual_hash=look_hash("b"), split=Split.TEST)
    first = photo_record(9, perceptual_hash=look_hash("a", 1), page_url="p", created_at=trained.created_at)
    last = photo_record(4, perceptual_hash=look_hash("b", 1), page_url="p", created_at=tested.created_at)
    found = group_photos([last, trained, tested, first])
    assert [refusal.sha256 for refusal in found.refusals] == [last.sha256]
    assert together(found) == [[1, 9], [2]]


def test_the_order_of_the_photos_changes_nothing() -> None:
    dice = random.Random(4)
    records = [
        photo_record(
            number,
            perceptual_hash=look_hash(dice.randrange(30), dice.randrange(64)),
            page_url=dice.choice(["", "p", "q", "r"]),
            split=dice.choice([None, None, None, *Split]),
            status=dice.choice(list(PhotoStatus)),
        )
        for number in range(120)
    ]
    first = group_photos(records)
    assert first.refusals
    for _ in range(5):
        dice.shuffle(records)
        assert group_photos(records) == first


def test_once_set_aside_a_photo_is_not_refused_again() -> None:
    records = [
        photo_record(1, page_url="p", split=Split.TRAIN),
        photo_record(2, page_url="p", split=Split.TEST),
        photo_record(3, page_url="p"),
    ]
    settled = after(records)
    assert [record.status for record in settled] == [PhotoStatus.SET_ASIDE, PhotoStatus.ACCEPTED, PhotoStatus.ACCEPTED]
    assert group_photos(settled).refusals == ()
    assert after(settled) == settled


def test_twenty_thousand_photos_are_grouped_in_a_few_seconds() -> None:
    records = [photo_record(number, page_url=f"page {number // 2}") for number in range(20_000)]
    begun = time.process_time()
    groups = len(set(group_photos(records).groups.values()))
    assert time.process_time() - begun < 4
    assert 9_990 <= groups <= 10_000, "of 200 million strangers two pairs or so look alike by chance"


@pytest.fixture
def photos(database: Database, places: PlaceRepository) -> PhotoRepository:
    return PhotoRepository(database)


def test_rows_get_their_names_and_a_photo_in_between_is_set_aside_with_its_reason(
    photos: PhotoRepository, database: Database
) -> None:
    review = ReviewRepository(database)
    for record in (
        photo_record(1, page_url="p", split=Split.TEST),
        photo_record(2, perceptual_hash=look_hash("a"), split=Split.TRAIN),
        photo_record(3, perceptual_hash=look_hash("a", 5), page_url="p"),
        photo_record(4, perceptual_hash=look_hash("a", 7)),
    ):
        photos.add(record)
    report = regroup(photos, review)
    assert (report.looks, report.groups, [found.sha256[-1] for found in report.conflicts]) == (1, 2, ["3"])
    rows = {number: photos.get(photo_record(number).sha256) for number in (1, 2, 3, 4)}
    assert [rows[number].group_id[-1:] for number in rows] == ["1", "2", "", "2"]
    assert [rows[number].look_id[-1:] for number in rows] == ["", "2", "2", "2"]
    assert (rows[3].status, rows[3].reject_reason) == (PhotoStatus.SET_ASIDE, STRADDLES)
    assert [row.status for number, row in rows.items() if number != 3] == [PhotoStatus.ACCEPTED] * 3
    assert review.history(rows[3].sha256)[0].actor == "groups"
    assert regroup(photos, review).conflicts == ()
