import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text

from core.db.engine import Database
from core.db.photos import PAGE, PhotoRepository
from core.db.places import PlaceRepository
from core.db.review import ReviewRepository
from core.db.tables import PhotoRow
from core.domain.library import PhotoAction
from core.domain.photo import PhotoStatus, Split
from core.domain.place import Position
from core.errors import Conflict, InvalidInput, NotFound
from tests.db.conftest import MakeRecord

START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def photos(database: Database, places: PlaceRepository) -> PhotoRepository:
    return PhotoRepository(database)


def test_a_record_is_read_back_as_it_was_added(photos: PhotoRepository, make_record: MakeRecord) -> None:
    record = make_record(
        1,
        place_slug="cave",
        status=PhotoStatus.REJECTED,
        original_name="만장굴 (1).JPG",
        source="commons",
        page_url="https://example.org/?a=1&b=%20",
        author="누군가",
        licence="CC BY-SA 4.0",
        reject_reason="people",
        group_id="g1",
        split=Split.TEST,
        taken_at=datetime(2020, 5, 6, 7, 8, 9),
        position=Position(33.1234567890123, 126.1234567890123),
        consent_at=START,
        created_at=START,
        sharpness=1 / 3,
        brightness=0.0,
        look_id="look-1",
    )
    assert photos.add(record)
    assert photos.get(record.sha256) == record


def test_the_moment_of_arrival_is_noted(photos: PhotoRepository, make_record: MakeRecord) -> None:
    photos.add(make_record(1))
    created_at = photos.get(make_record(1).sha256).created_at
    assert created_at is not None
    assert abs(datetime.now(UTC) - created_at) < timedelta(minutes=1)


def test_bytes_that_are_known_are_not_added_again_and_nothing_changes(
    photos: PhotoRepository, make_record: MakeRecord
) -> None:
    first = make_record(1, place_slug="cave", created_at=START)
    assert photos.add(first)
    assert not photos.add(replace(first, place_slug="falls", author="other"))
    assert photos.get(first.sha256) == first
    assert photos.count() == 1


def test_unknown_is_a_destination_and_unsorted_is_another(photos: PhotoRepository, make_record: MakeRecord) -> None:
    for number, slug in enumerate(("unknown", None, "cave", "unknown")):
        photos.add(make_record(number, place_slug=slug))
    assert [record.place_slug for record in photos.list("unknown")] == ["unknown", "unknown"]
    assert (photos.count("unknown"), photos.count("cave"), photos.count("falls"), photos.count()) == (2, 1, 0, 4)
    assert photos.get(make_record(1).sha256).place_slug is None


def test_a_photo_of_a_place_that_is_not_there_is_refused(photos: PhotoRepository, make_record: MakeRecord) -> None:
    with pytest.raises(NotFound):
        photos.add(make_record(1, place_slug="none-such"))
    assert photos.count() == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": "A" * 64},
        {"sha256": "../../etc/passwd"},
        {"sha256": "a" * 64 + "\n"},
        {"perceptual_hash": "xyz"},
        {"group_id": "묶음"},
        {"look_id": "x" * 65},
        {"format": "x" * 17},
        {"position": Position(99, 0)},
    ],
)
def test_a_record_that_makes_no_sense_is_refused(
    photos: PhotoRepository, make_record: MakeRecord, changes: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput):
        photos.add(make_record(1, **changes))
    assert photos.count() == 0


def test_lists_are_pages_in_the_order_of_arrival(photos: PhotoRepository, make_record: MakeRecord) -> None:
    for number in range(7):
        status = PhotoStatus.ACCEPTED if number % 2 else PhotoStatus.NEW
        moment = START - timedelta(minutes=number // 2)
        photos.add(make_record(number, place_slug="cave", status=status, created_at=moment))
    everything = [record.sha256 for record in photos.list("cave", limit=100)]
    assert everything == [make_record(number).sha256 for number in (6, 4, 5, 2, 3, 0, 1)]
    pages = [photos.list("cave", limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert [record.sha256 for page in pages for record in page] == everything
    assert photos.count("cave", PhotoStatus.ACCEPTED) == len(photos.list("cave", PhotoStatus.ACCEPTED)) == 3
    assert photos.count(status=PhotoStatus.REJECTED) == 0


def test_a_status_is_changed_with_its_reason(photos: PhotoRepository, make_record: MakeRecord) -> None:
    sha256 = make_record(1).sha256
    photos.add(make_record(1))
    assert photos.set_status(sha256, PhotoStatus.REJECTED, "blurred").reject_reason == "blurred"
    changed = photos.set_status(sha256, PhotoStatus.ACCEPTED)
    assert (changed.status, changed.reject_reason) == (PhotoStatus.ACCEPTED, "")
    assert photos.get(sha256) == changed
    with pytest.raises(NotFound):
        photos.set_status(make_record(2).sha256, PhotoStatus.ACCEPTED)


def test_a_photo_moves_between_places_unknown_and_unsorted(photos: PhotoRepository, make_record: MakeRecord) -> None:
    sha256 = make_record(1).sha256
    photos.add(make_record(1, place_slug="cave"))
    for slug in ("falls", "unknown", None, "cave"):
        assert photos.move(sha256, slug).place_slug == photos.get(sha256).place_slug == slug
    with pytest.raises(NotFound):
        photos.move(sha256, "none-such")
    assert photos.get(sha256).place_slug == "cave"


def test_groups_and_splits_are_set_for_many_at_once(photos: PhotoRepository, make_record: MakeRecord) -> None:
    keys = [make_record(number).sha256 for number in range(4)]
    for number in range(3):
        photos.add(make_record(number))
    assert photos.set_groups(dict.fromkeys(keys[1:], "g7")) == 2
    assert photos.set_groups(dict.fromkeys(keys[1:], "g7")) == 2, "rows that have it already count too"
    assert photos.set_splits({keys[0]: Split.TRAIN}) == 1
    assert [group for _, _, group in photos.hashes()] == ["", "g7", "g7"]
    assert photos.get(keys[0]).split is Split.TRAIN
    assert photos.set_splits({keys[0]: None}) == 1
    assert photos.get(keys[0]).split is None
    assert photos.set_groups({}) == 0


def test_looks_groups_and_splits_are_set_photo_by_photo(photos: PhotoRepository, make_record: MakeRecord) -> None:
    keys = [make_record(number).sha256 for number in range(700)]
    for number in (0, 1, 2, 699):
        photos.add(make_record(number, look_id="old", group_id="old"))
    assert photos.set_looks({key: f"look-{number}" for number, key in enumerate(keys)}) == 4
    assert photos.set_groups({keys[0]: "g0", keys[699]: "", "no hash": "g", keys[5]: "g"}) == 2
    assert photos.set_splits({keys[0]: Split.TEST, keys[1]: None, keys[2]: Split.TRAIN, keys[5]: Split.TRAIN}) == 3
    standing = [(record.look_id, record.group_id, record.split) for record in photos.records()]
    assert standing == [
        ("look-0", "g0", Split.TEST),
        ("look-1", "old", None),
        ("look-2", "old", Split.TRAIN),
        ("look-699", "", None),
    ]
    for change in (photos.set_looks, photos.set_groups):
        with pytest.raises(InvalidInput):
            change({keys[0]: "fine", keys[1]: "묶음"})
    assert [(record.look_id, record.group_id, record.split) for record in photos.records()] == standing
    assert photos.set_looks({}) == photos.set_groups({}) == photos.set_splits({}) == 0


def test_nothing_ever_leaves_the_test_split(photos: PhotoRepository, make_record: MakeRecord) -> None:
    keys = [make_record(number).sha256 for number in range(3)]
    for number in range(3):
        photos.add(make_record(number))
    photos.set_splits({keys[1]: Split.TEST, keys[2]: Split.TRAIN})
    for split in (Split.TRAIN, Split.VALIDATION, None):
        with pytest.raises(Conflict, match=r"split\.test_fixed"):
            photos.set_splits({keys[0]: Split.TRAIN, keys[1]: split, keys[2]: Split.VALIDATION})
    with pytest.raises(Conflict):
        photos.set_splits(dict.fromkeys(keys))
    assert [record.split for record in photos.records()] == [None, Split.TEST, Split.TRAIN]
    assert photos.set_splits({keys[1]: Split.TEST}) == 1


def test_how_a_photo_came_stands_or_falls_with_it(
    photos: PhotoRepository, database: Database, make_record: MakeRecord
) -> None:
    review = ReviewRepository(database)
    record = make_record(1, place_slug="cave", status=PhotoStatus.ACCEPTED)
    assert photos.add(record, PhotoAction.CONTRIBUTED, "visitor")
    assert not photos.add(record, PhotoAction.IMPORTED, "importer")
    assert [(event.action, event.actor, event.before, event.after) for event in review.history(record.sha256)] == [
        (PhotoAction.CONTRIBUTED, "visitor", {}, {"place_slug": "cave", "status": "accepted"})
    ]
    with pytest.raises(InvalidInput):
        photos.add(make_record(2), PhotoAction.IMPORTED, "가" * 30_000)
    assert photos.count() == 1


def test_a_deleted_photo_is_gone(photos: PhotoRepository, make_record: MakeRecord) -> None:
    photos.add(make_record(1))
    assert photos.delete(make_record(1).sha256)
    assert not photos.delete(make_record(1).sha256)
    with pytest.raises(NotFound):
        photos.get(make_record(1).sha256)


def test_twenty_thousand_photos_are_filtered_by_index_and_their_hashes_read(
    photos: PhotoRepository, database: Database
) -> None:
    blank = {name: "" for name in ("original_name", "source", "page_url", "author", "licence", "reject_reason")}
    rows = [
        {
            **blank,
            **{"sha256": f"{number:064x}", "perceptual_hash": f"{number:016x}", "group_id": f"g{number // 4}"},
            **{"place_slug": ("cave", "falls", None)[number % 3], "is_unknown": number % 3 == 2},
            **{"status": ("new", "accepted", "rejected", "set_aside")[number % 4], "format": "jpeg"},
            **{"width_px": 1, "height_px": 1, "size_bytes": 1, "created_at": START + timedelta(seconds=number)},
        }
        for number in range(20_000)
    ]
    with database.session() as session:
        session.execute(insert(PhotoRow), rows)
    begun = time.process_time()
    assert photos.count("cave", PhotoStatus.NEW) == 1667
    assert len(photos.list("unknown", PhotoStatus.ACCEPTED, limit=50, offset=1500)) == 50
    assert time.process_time() - begun < 0.5
    hashes = list(photos.hashes())
    assert len(hashes) == 20_000 > 2 * PAGE
    assert hashes[12_345] == (f"{12_345:064x}", f"{12_345:016x}", "g3086")
    if database.is_embedded:
        plans = {
            "ix_photos_place_status": "EXPLAIN QUERY PLAN SELECT * FROM photos WHERE place_slug = 'cave' "
            "AND status = 'new' ORDER BY created_at LIMIT 50",
            "ix_photos_unknown_status": "EXPLAIN QUERY PLAN SELECT * FROM photos WHERE is_unknown IS 1 "
            "AND status = 'new' ORDER BY created_at LIMIT 50",
            "ix_photos_status": "EXPLAIN QUERY PLAN SELECT * FROM photos WHERE status = 'new' "
            "ORDER BY created_at LIMIT 50",
            "ix_photos_group": "EXPLAIN QUERY PLAN SELECT * FROM photos WHERE group_id = 'g1'",
            "ix_photos_perceptual_hash": "EXPLAIN QUERY PLAN SELECT * FROM photos WHERE perceptual_hash = '0'",
        }
        with database.reading() as session:
            for index, query in plans.items():
                assert index in str(session.execute(text(query)).all())
