"""A frozen data set: the same data is the same snapshot, and one that leaks is not frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import core.dataset.groups
from core.dataset.duplicates import merge_groups
from core.dataset.snapshots import boxes_from, fingerprint_of, freeze_snapshot, materialise
from core.dataset.store import PhotoStore
from core.db.boxes import BoxRepository
from core.db.engine import Database
from core.db.labels import LabelRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.review import ReviewRepository
from core.db.snapshots import SnapshotRepository
from core.domain.label import Box, LabelDecision, NothingReason
from core.domain.library import Snapshot, SnapshotBox, SnapshotPhoto
from core.domain.photo import PhotoStatus, Split
from core.domain.place import LocalText
from core.errors import Conflict, InvalidInput, NotFound
from tests.support.records import look_hash, photo_record
from tests.support.scenes import scene_bytes


class Desk:
    """The repositories of one database, and freezing in one word."""

    def __init__(self, database: Database) -> None:
        self.photos, self.review = PhotoRepository(database), ReviewRepository(database)
        self.snapshots, self.database = SnapshotRepository(database), database

    def add(self, *numbers: int, **changes: object) -> None:
        for number in numbers:
            self.photos.add(photo_record(number, **changes))

    def freeze(self, **options: object) -> Snapshot:
        return freeze_snapshot(self.photos, self.snapshots, review=self.review, **options)  # type: ignore[arg-type]


@pytest.fixture
def desk(database: Database, places: PlaceRepository) -> Desk:
    return Desk(database)


def test_a_snapshot_holds_accepted_photos_with_place_group_and_split(desk: Desk) -> None:
    desk.add(*range(20))
    desk.add(30, 31, place_slug="unknown", page_url="p")
    desk.add(40, status=PhotoStatus.NEW)
    desk.add(41, place_slug=None)
    made = desk.freeze(note="first")
    assert made.snapshot_id.startswith("snapshot-20")
    assert made.snapshot_id.endswith(made.fingerprint[:6])
    assert (made.photos, made.groups, made.boxes, made.note) == (22, 21, 0, "first")
    assert made.counts == {"cave": {"test": 3, "train": 14, "validation": 3}, "unknown": {"folds": 2}}
    frozen = desk.snapshots.photos(made.snapshot_id)
    assert {photo.place_slug for photo in frozen} == {"cave", None}
    strangers = [photo for photo in frozen if photo.place_slug is None]
    assert [photo.split for photo in strangers] == [None, None]
    assert len({photo.group_id for photo in strangers}) == 1
    assert all(photo.boxes is None for photo in frozen)


def test_the_same_data_is_the_same_snapshot_and_other_data_another(desk: Desk) -> None:
    desk.add(*range(20))
    first = desk.freeze(note="first")
    desk.add(50, status=PhotoStatus.NEW)
    assert desk.freeze(note="second") == first
    desk.review.accept([photo_record(50).sha256], "me")
    second = desk.freeze()
    assert (second.photos, second.fingerprint == first.fingerprint) == (21, False)
    desk.review.reject([photo_record(50).sha256], "other", "", "me")  # type: ignore[arg-type]  # as a form gives it
    assert desk.freeze() == first
    assert [snapshot.snapshot_id for snapshot in desk.snapshots.list()] == [second.snapshot_id, first.snapshot_id]


def test_a_fingerprint_follows_place_group_split_and_boxes_and_not_the_order() -> None:
    box = SnapshotBox(1, "arch", (0.1, 0.2, 0.3, 0.4))
    one = SnapshotPhoto("a" * 64, "JPEG", "cave", "g", Split.TRAIN, (box, replace(box, label="gate")))
    two = SnapshotPhoto("b" * 64, "JPEG", None, "h", None)
    known = fingerprint_of([one, two])
    assert fingerprint_of([two, replace(one, boxes=one.boxes[::-1] if one.boxes else None)]) == known
    changes: list[dict[str, object]] = [
        {"place_slug": "falls"},
        {"place_slug": None},
        {"group_id": "h"},
        {"split": Split.TEST},
        {"boxes": None},
        {"boxes": ()},
        {"boxes": (box,)},
        {"boxes": (box, replace(box, label="gate", xyxyn=(0.1, 0.2, 0.3, 0.41)))},
    ]
    others = {fingerprint_of([replace(one, **change), two]) for change in changes}  # type: ignore[arg-type]
    assert len(others | {known}) == len(changes) + 1


def test_nothing_accepted_is_nothing_to_freeze(desk: Desk) -> None:
    desk.add(1, status=PhotoStatus.NEW)
    with pytest.raises(InvalidInput, match=r"snapshot\.empty"):
        desk.freeze()


def test_a_photo_between_two_splits_is_set_aside_and_the_rest_is_frozen(desk: Desk) -> None:
    desk.add(*range(20))
    desk.freeze()
    rows = desk.photos.records()
    trained, tested = (next(row for row in rows if row.split is split) for split in (Split.TRAIN, Split.TEST))
    desk.photos.add(photo_record(90, perceptual_hash=trained.perceptual_hash))
    desk.photos.add(photo_record(91, perceptual_hash=tested.perceptual_hash))
    for number in (90, 91):
        desk.photos.delete(photo_record(number).sha256)
        desk.photos.add(
            photo_record(number, perceptual_hash=(trained, tested)[number - 90].perceptual_hash, page_url="p")
        )
    made = desk.freeze()
    assert made.photos == 21
    assert desk.photos.get(photo_record(91).sha256).status is PhotoStatus.SET_ASIDE
    assert desk.photos.get(photo_record(90).sha256).split is Split.TRAIN


def test_where_grouping_is_broken_the_leak_is_found_and_nothing_is_frozen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.dataset.groups, "merge_groups", lambda *keys: merge_groups(range(len(keys[0]))))
    desk.add(*range(20))
    desk.add(50, perceptual_hash=look_hash(3, 1))
    with pytest.raises(Conflict) as refused:
        desk.freeze()
    assert (refused.value.code, refused.value.values) == ("snapshot.leaks", {"pairs": 1})
    assert desk.snapshots.list() == ()


def test_boxes_are_frozen_with_what_was_decided(desk: Desk) -> None:
    desk.add(1, 2, 3)
    labels, boxes = LabelRepository(desk.database), BoxRepository(desk.database)
    arch = labels.add("cave", "arch", LocalText("아치", "Arch"), "#112233")
    drawn = Box("0" * 32, arch.label_id, (0.1, 0.2, 0.3, 0.4))
    hashes = [photo_record(number).sha256 for number in (1, 2, 3)]
    for sha256 in (hashes[0], hashes[2]):
        boxes.save(sha256, [drawn if sha256 == hashes[0] else replace(drawn, box_id="1" * 32)], 0, "me")
    boxes.decide(hashes[0], LabelDecision.DONE, None, 1, "me")
    boxes.decide(hashes[1], LabelDecision.NOTHING_HERE, NothingReason.PEOPLE, 0, "me")
    made = desk.freeze(boxes_of=boxes_from(boxes, labels))
    frozen = {photo.sha256: photo.boxes for photo in desk.snapshots.photos(made.snapshot_id)}
    assert frozen == {
        hashes[0]: (SnapshotBox(arch.label_id, "arch", (0.1, 0.2, 0.3, 0.4)),),
        hashes[1]: (),
        hashes[2]: None,
    }
    assert made.boxes == 1
    labels.retire(arch.label_id)
    assert desk.freeze(boxes_of=boxes_from(boxes, labels)) == made


def test_two_who_freeze_the_same_at_once_get_the_same(desk: Desk) -> None:
    desk.add(*range(5))
    overtaken: list[Snapshot] = []

    def meanwhile(sha256s: Sequence[str]) -> Mapping[str, None]:
        overtaken.append(desk.freeze())
        return {}

    assert desk.freeze(boxes_of=meanwhile) == overtaken[0]


@pytest.mark.parametrize("kind", ["folder", "elsewhere"])
def test_a_snapshots_photos_are_handed_over_with_group_and_split_and_missing_ones_by_name(
    desk: Desk, tmp_path: Path, kind: str
) -> None:
    import hashlib

    store = PhotoStore(str(tmp_path / "library") if kind == "folder" else f"memory://{tmp_path.name}")
    contents = [scene_bytes("falls", 1), scene_bytes("wall", 2), scene_bytes("cave", 3)]
    hashes = [hashlib.sha256(content).hexdigest() for content in contents]
    for content, sha256, slug in zip(contents, hashes, ("falls", "unknown", "cave"), strict=True):
        store.put(content, sha256, "jpg")
        desk.photos.add(photo_record(1, sha256=sha256, place_slug=slug, perceptual_hash=look_hash(slug)))
    made = desk.freeze()
    store.delete(hashes[2], "jpg")
    given = {photo.path.stem: photo for photo in materialise(made.snapshot_id, desk.snapshots, store, tmp_path / "out")}
    assert [given[sha256].slug for sha256 in hashes] == ["falls", None, "cave"]
    assert [given[sha256].series for sha256 in hashes] == hashes
    assert [given[sha256].split for sha256 in hashes] == [None] * 3
    assert [given[sha256].path.read_bytes() for sha256 in hashes[:2]] == contents[:2]
    assert not given[hashes[2]].path.exists()
    assert (tmp_path / "out").exists() is (kind == "elsewhere")
    with pytest.raises(NotFound):
        materialise("snapshot-none", desk.snapshots, store, tmp_path)
