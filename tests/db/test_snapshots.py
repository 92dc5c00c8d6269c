from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.db.engine import Database
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import check
from core.db.snapshots import SnapshotRepository
from core.domain.library import Snapshot, SnapshotBox, SnapshotPhoto
from core.domain.photo import Split
from core.errors import Conflict, InvalidInput, NotFound
from tests.db.conftest import MakeRecord

START = datetime(2026, 11, 23, 14, 15, 0, 123456, tzinfo=UTC)
BOXES = (SnapshotBox(3, "cave-entrance", (0.1, 0.2, 1 / 3, 0.9999999999999999)), SnapshotBox(0, "steps", (0, 0, 1, 1)))
PHOTOS = (
    SnapshotPhoto("0" * 64, "jpeg", "cave", "g1", Split.TEST, BOXES),
    SnapshotPhoto("1" * 64, "png", None, "", None, ()),
    SnapshotPhoto("2" * 64, "webp", "gone-place", "g2", Split.TRAIN, None),
)
SNAPSHOT = Snapshot(
    "snapshot-20261123-141500-ab12cd",
    START,
    "f" * 64,
    photos=3,
    groups=2,
    boxes=2,
    counts={"cave": {"test": 1}, "unknown": {"folds": 1}, "gone-place": {"train": 1}},
    note="첫 번째 '스냅숏'",
)


@pytest.fixture
def snapshots(database: Database) -> SnapshotRepository:
    return SnapshotRepository(database)


def test_a_snapshot_is_read_back_as_it_was_frozen(snapshots: SnapshotRepository) -> None:
    snapshots.add(SNAPSHOT, PHOTOS[::-1])
    assert snapshots.get(SNAPSHOT.snapshot_id) == SNAPSHOT
    assert snapshots.photos(SNAPSHOT.snapshot_id) == PHOTOS
    assert snapshots.find_by_fingerprint(SNAPSHOT.fingerprint) == SNAPSHOT
    assert snapshots.find_by_fingerprint("e" * 64) is snapshots.find_by_fingerprint("지문") is None


def test_snapshots_are_listed_newest_first(snapshots: SnapshotRepository) -> None:
    for number in (1, 0, 2):
        moment = START + timedelta(hours=number)
        snapshots.add(
            replace(SNAPSHOT, snapshot_id=f"s{number}", fingerprint=f"{number}", created_at=moment, photos=0), ()
        )
    assert [snapshot.snapshot_id for snapshot in snapshots.list()] == ["s2", "s1", "s0"]


@pytest.mark.parametrize("snapshot_id", ["", "none-such", "스냅숏", "' OR '1'='1"])
def test_a_snapshot_that_is_not_there_is_said_to_be(snapshots: SnapshotRepository, snapshot_id: str) -> None:
    for ask in (snapshots.get, snapshots.photos):
        with pytest.raises(NotFound):
            ask(snapshot_id)


@pytest.mark.parametrize("changes", [{"fingerprint": "e" * 64}, {"snapshot_id": "other"}])
def test_a_name_or_a_fingerprint_stands_for_one_snapshot(
    snapshots: SnapshotRepository, changes: dict[str, str]
) -> None:
    snapshots.add(SNAPSHOT, PHOTOS)
    with pytest.raises(Conflict):
        snapshots.add(replace(SNAPSHOT, note="second", **changes), PHOTOS)  # type: ignore[arg-type]
    assert snapshots.list() == (SNAPSHOT,)


@pytest.mark.parametrize(
    ("changes", "photos"),
    [
        ({"photos": 4}, PHOTOS),
        ({}, (*PHOTOS[:2], PHOTOS[0])),
        ({"snapshot_id": "스냅숏"}, PHOTOS),
        ({"fingerprint": "x" * 65}, PHOTOS),
        ({}, (*PHOTOS[:2], replace(PHOTOS[2], sha256="no hash"))),
        ({}, (*PHOTOS[:2], replace(PHOTOS[2], group_id="묶음"))),
    ],
)
def test_a_snapshot_that_makes_no_sense_is_refused_and_nothing_of_it_stays(
    snapshots: SnapshotRepository, database: Database, changes: dict[str, object], photos: tuple[SnapshotPhoto, ...]
) -> None:
    before = check(database)
    with pytest.raises((InvalidInput, Conflict)):
        snapshots.add(replace(SNAPSHOT, **changes), photos)  # type: ignore[arg-type]
    assert check(database) == before


def test_a_snapshot_keeps_a_photo_that_is_deleted(
    snapshots: SnapshotRepository, database: Database, places: PlaceRepository, make_record: MakeRecord
) -> None:
    photos = PhotoRepository(database)
    record = make_record(0, place_slug="cave")
    photos.add(record)
    snapshots.add(replace(SNAPSHOT, photos=1), (replace(PHOTOS[0], sha256=record.sha256),))
    assert photos.delete(record.sha256)
    assert [photo.sha256 for photo in snapshots.photos(SNAPSHOT.snapshot_id)] == [record.sha256]


@pytest.mark.soak
def test_more_photos_than_one_statement_takes_are_frozen_in_one_go(
    snapshots: SnapshotRepository, soak_rounds: Any
) -> None:
    count = soak_rounds(2_500, 20_000)
    many = [SnapshotPhoto(f"{number:064x}", "jpeg", "cave", f"g{number}", None, BOXES[:1]) for number in range(count)]
    snapshots.add(replace(SNAPSHOT, photos=len(many)), many)
    assert snapshots.photos(SNAPSHOT.snapshot_id) == tuple(many)
