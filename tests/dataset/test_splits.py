"""Splits are dealt by group, once and for all, and what was planted on the wrong side is found."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset.groups import group_photos, regroup
from core.dataset.leaks import count_leaks
from core.dataset.splits import FIXED_FROM_GROUPS, assign_splits, count_splits, deal_splits, is_data
from core.db.engine import Database
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.review import ReviewRepository
from core.domain.photo import PhotoRecord, PhotoStatus, Split
from tests.support.records import look_hash, photo_record

NOON = datetime(2026, 5, 1, 12)


def step(records: Sequence[PhotoRecord]) -> list[PhotoRecord]:
    """Return the records as regrouping and dealing leave them."""
    found = group_photos(records)
    aside = {refusal.sha256 for refusal in found.refusals}
    grouped = [
        replace(
            record,
            group_id=found.groups[record.sha256],
            status=PhotoStatus.SET_ASIDE if record.sha256 in aside else record.status,
        )
        for record in records
    ]
    dealt = deal_splits(grouped)
    return [replace(record, split=dealt.get(record.sha256, record.split)) for record in grouped]


def counts(records: Sequence[PhotoRecord]) -> dict[str, dict[str, int]]:
    return count_splits((record.place_slug or "", record.split) for record in records if is_data(record))


def test_a_place_with_fewer_than_fifteen_groups_has_no_fixed_split() -> None:
    records = [photo_record(number, page_url=f"page {number // 5}") for number in range(5 * (FIXED_FROM_GROUPS - 1))]
    assert counts(step(records)) == {"cave": {"folds": 70}}


def test_from_fifteen_groups_on_the_parts_are_70_15_15_by_photos() -> None:
    assert counts(step([photo_record(number) for number in range(15)])) == {
        "cave": {"test": 2, "train": 11, "validation": 2}
    }
    assert counts(step([photo_record(number) for number in range(200)])) == {
        "cave": {"test": 30, "train": 140, "validation": 30}
    }


def test_groups_stay_whole_and_the_parts_are_counted_in_photos() -> None:
    records = step([photo_record(number, page_url=f"page {number % 20}") for number in range(100)])
    assert counts(records) == {"cave": {"test": 15, "train": 70, "validation": 15}}
    split_of = {record.page_url: record.split for record in records}
    assert all(record.split is split_of[record.page_url] for record in records)


def test_strangers_are_a_class_of_their_own_and_unsorted_photos_are_no_data() -> None:
    records = [photo_record(number, place_slug="unknown" if number % 2 else None) for number in range(60)]
    assert counts(step(records)) == {"unknown": {"test": 5, "train": 21, "validation": 4}}


def test_photos_that_are_not_accepted_get_no_split() -> None:
    records = [photo_record(number) for number in range(20)]
    records += [photo_record(20 + number, status=status) for number, status in enumerate(PhotoStatus)]
    assert [record.split for record in step(records)][-len(PhotoStatus) :].count(None) == len(PhotoStatus) - 1


def test_a_new_group_goes_where_its_place_lacks_most() -> None:
    records = step([photo_record(number) for number in range(20)])
    assert counts(records) == {"cave": {"test": 3, "train": 14, "validation": 3}}
    rejected = [
        replace(record, status=PhotoStatus.REJECTED) if record.split is Split.VALIDATION else record
        for record in records
    ]
    grown = step([*rejected, *(photo_record(number) for number in (100, 101))])
    assert [record.split for record in grown[-2:]] == [Split.VALIDATION, Split.VALIDATION]


def test_a_photo_that_joins_a_group_gets_its_split_and_the_others_keep_theirs() -> None:
    records = step([photo_record(number, page_url=f"page {number}") for number in range(20)])
    grown = step([*records, *(photo_record(100 + number, page_url=f"page {number}") for number in range(20))])
    assert [record.split for record in grown[:20]] == [record.split for record in records]
    assert [record.split for record in grown[20:]] == [record.split for record in records]


def test_where_one_group_holds_two_splits_all_the_same_a_newcomer_is_kept_for_the_test() -> None:
    for splits in ((Split.TEST, Split.TRAIN), (Split.TRAIN, Split.TEST)):
        records = [photo_record(number, group_id="g", split=split) for number, split in enumerate(splits)]
        assert deal_splits([*records, photo_record(9, group_id="g")]) == {photo_record(9).sha256: Split.TEST}


def test_a_group_of_two_places_is_dealt_once_both_have_fixed_splits() -> None:
    big = [photo_record(number) for number in range(20)]
    mixed = [photo_record(50, page_url="both"), photo_record(51, page_url="both", place_slug="falls")]
    records = step([*big, *mixed])
    assert [record.split for record in records[20:]] == [None, None]
    grown = step([*records, *(photo_record(100 + number, place_slug="falls") for number in range(14))])
    assert grown[20].split is grown[21].split is not None


def test_the_order_of_the_photos_changes_nothing() -> None:
    records = [photo_record(number, page_url=f"page {number * 7 % 31}") for number in range(120)]
    first = {record.sha256: record.split for record in step(records)}
    random.Random(3).shuffle(records)
    assert {record.sha256: record.split for record in step(records)} == first


def grouped(*records: PhotoRecord) -> list[PhotoRecord]:
    return [replace(record, group_id=record.group_id or record.sha256) for record in records]


@pytest.mark.parametrize(
    "twin",
    [
        {"perceptual_hash": look_hash("a", *range(10))},
        {"page_url": "p"},
        {"taken_at": NOON + timedelta(seconds=3)},
    ],
)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"split": Split.TRAIN}, {"split": Split.TEST}),
        ({"split": Split.VALIDATION}, {"split": Split.TRAIN}),
        ({"split": None}, {"split": Split.TEST}),
        ({"split": None, "group_id": "g"}, {"split": None, "group_id": "h"}),
    ],
)
def test_a_planted_leak_is_counted(twin: dict[str, object], one: dict[str, object], other: dict[str, object]) -> None:
    planted = photo_record(1, perceptual_hash=look_hash("a"), page_url="p", taken_at=NOON, **one)
    others = [photo_record(number, split=Split.TRAIN) for number in range(10, 20)]
    assert count_leaks(grouped(planted, *others, photo_record(2, **{**other, **twin}))) == 1
    assert count_leaks(grouped(planted, *others, photo_record(2, **other))) == 0


def test_photos_that_belong_together_on_one_side_are_no_leak() -> None:
    alike = {"perceptual_hash": look_hash("a"), "page_url": "p"}
    tested = [photo_record(number, split=Split.TEST, **alike) for number in range(3)]
    assert count_leaks(grouped(*tested)) == 0, "test photos are in no fold"
    learned = [photo_record(number, group_id="g", **alike) for number in range(3)]
    assert count_leaks(learned) == 0
    assert count_leaks([]) == count_leaks(learned[:1]) == 0


def test_photos_without_a_hash_look_like_no_other() -> None:
    unseen = [photo_record(number, perceptual_hash="", split=list(Split)[number]) for number in range(3)]
    assert count_leaks(grouped(*unseen)) == 0
    assert len(set(group_photos(unseen).groups.values())) == 3
    assert set(group_photos([*unseen, photo_record(4, page_url="p", status=PhotoStatus.REJECTED)]).looks.values()) == {
        ""
    }


def test_a_split_dealt_photo_by_photo_leaks() -> None:
    records = [photo_record(number, page_url=f"page {number % 40}") for number in range(80)]
    torn = [replace(record, split=list(Split)[number % 3]) for number, record in enumerate(step(records))]
    assert count_leaks(step(records)) == 0
    assert count_leaks(torn) == 40


def arrived(number: int, dice: random.Random) -> PhotoRecord:
    """Return a photo that may look like others, stand on their page, or belong to their burst."""
    return photo_record(
        number,
        perceptual_hash=look_hash(dice.randrange(120), *dice.sample(range(64), dice.randrange(8))),
        page_url=dice.choice(["", "", "", f"page {dice.randrange(25)}"]),
        taken_at=dice.choice([None, NOON + timedelta(seconds=dice.randrange(600))]),
        place_slug=dice.choice(["cave", "cave", "falls", "unknown"]),
    )


def decided(record: PhotoRecord, dice: random.Random) -> PhotoRecord:
    """Return the photo after somebody moved it, threw it out or took it back."""
    return replace(record, status=dice.choice(list(PhotoStatus)), place_slug=dice.choice(["cave", "falls", "unknown"]))


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 2**32), st.lists(st.integers(1, 60), min_size=2, max_size=6))
def test_whatever_arrives_and_is_decided_no_group_straddles_and_nothing_leaves_the_test(
    seed: int, arrivals: list[int]
) -> None:
    dice = random.Random(seed)
    records = step([photo_record(10_000 + number) for number in range(30)])
    tested = {record.sha256 for record in records if record.split is Split.TEST}
    assert tested
    for count in arrivals:
        records += [arrived(len(records) + number, dice) for number in range(count)]
        for index in dice.sample(range(len(records)), 6):
            records[index] = decided(records[index], dice)
        records = step(records)
        data = [record for record in records if is_data(record)]
        split_of: dict[str, Split | None] = {}
        assert all(split_of.setdefault(record.group_id, record.split) is record.split for record in data)
        assert count_leaks(data) == 0
        now = {record.sha256 for record in records if record.split is Split.TEST}
        assert tested <= now
        tested = now
        assert step(records) == records, "once more changes nothing"


@pytest.fixture
def photos(database: Database, places: PlaceRepository) -> PhotoRepository:
    return PhotoRepository(database)


def test_rows_keep_their_splits_while_photos_arrive(photos: PhotoRepository, database: Database) -> None:
    review = ReviewRepository(database)
    for number in range(20):
        photos.add(photo_record(number))
    regroup(photos, review)
    first = assign_splits(photos)
    assert (first.assigned, first.counts) == (20, {"cave": {"test": 3, "train": 14, "validation": 3}})
    before = {record.sha256: record.split for record in photos.records()}
    for number in range(20, 40):
        photos.add(photo_record(number, perceptual_hash=look_hash(number - 20, 1)))
    regroup(photos, review)
    assert assign_splits(photos).assigned == 20
    now = {record.sha256: record.split for record in photos.records()}
    assert {sha256: now[sha256] for sha256 in before} == before
    assert assign_splits(photos).assigned == 0
    assert count_leaks(photos.records()) == 0
