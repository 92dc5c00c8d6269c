"""Embeddings go with their photo; what a gallery shows follows every decision about it. On both databases."""

from itertools import pairwise

import pytest

from core.dataset.snapshots import freeze_snapshot
from core.db.engine import Database
from core.db.gallery import EmbeddingRepository, KnownPhoto
from core.db.photos import PhotoRepository
from core.db.places import UNKNOWN, PlaceRepository
from core.db.review import ReviewRepository
from core.db.snapshots import SnapshotRepository
from core.domain.library import RejectReason
from core.domain.photo import PhotoStatus, Split
from core.errors import InvalidInput
from tests.db.conftest import MakeRecord

RUN, CODES = "run-a", bytes(range(128)) + bytes(range(255, 127, -1))


@pytest.fixture
def embeddings(database: Database, places: PlaceRepository) -> EmbeddingRepository:
    return EmbeddingRepository(database)


@pytest.fixture
def shas(database: Database, embeddings: EmbeddingRepository, make_record: MakeRecord) -> list[str]:
    """Give accepted photos: two of the cave, one of no known place, and one that nobody sorted."""
    wanted = ["cave", "cave", UNKNOWN, None]
    records = [
        make_record(number, place_slug=slug, status=PhotoStatus.ACCEPTED, group_id=f"g{number}")
        for number, slug in enumerate(wanted, 1)
    ]
    for record in records:
        PhotoRepository(database).add(record)
    return [record.sha256 for record in records]


def read(embeddings: EmbeddingRepository, run_id: str = RUN) -> dict[str, KnownPhoto]:
    return {photo.sha256: photo for page in embeddings.read(run_id) for photo in page}


def test_codes_are_read_back_byte_by_byte_with_place_and_group(
    embeddings: EmbeddingRepository, shas: list[str]
) -> None:
    assert embeddings.put(RUN, {shas[0]: CODES, shas[2]: b"\x00\xff"}) == 2
    assert read(embeddings) == {
        shas[0]: KnownPhoto(shas[0], 0, "g1", True, CODES),
        shas[2]: KnownPhoto(shas[2], None, "g3", True, b"\x00\xff"),
    }


def test_a_run_never_sees_the_embeddings_of_another(embeddings: EmbeddingRepository, shas: list[str]) -> None:
    embeddings.put(RUN, {shas[0]: b"a"})
    embeddings.put("run-b", {shas[0]: b"b", shas[1]: b"b"})
    assert [photo.codes for photo in read(embeddings).values()] == [b"a"]
    assert embeddings.count_missing(RUN) == 2 and embeddings.count_missing("run-b") == 1


def test_writing_again_replaces_and_what_is_gone_is_passed_over(
    embeddings: EmbeddingRepository, shas: list[str]
) -> None:
    embeddings.put(RUN, {shas[0]: b"a"})
    assert embeddings.put(RUN, {shas[0]: b"b", "f" * 64: b"c", "no hash": b"d"}) == 1
    assert read(embeddings)[shas[0]].codes == b"b" and embeddings.put(RUN, {}) == 0


def test_missing_are_accepted_photos_of_a_place_or_of_none_by_hash(
    embeddings: EmbeddingRepository, shas: list[str]
) -> None:
    assert [record.sha256 for record in embeddings.missing(RUN)] == shas[:3]
    assert [record.sha256 for record in embeddings.missing(RUN, limit=1, after=shas[0])] == [shas[1]]
    embeddings.put(RUN, {shas[1]: b"a"})
    assert embeddings.count_missing(RUN) == 2


def test_a_photo_follows_what_is_decided_about_it(
    database: Database, embeddings: EmbeddingRepository, shas: list[str]
) -> None:
    review = ReviewRepository(database)
    embeddings.put(RUN, dict.fromkeys(shas[:2], b"a"))
    review.move([shas[0]], "falls", "kim")
    assert read(embeddings)[shas[0]].class_id == 1
    rejected = review.reject([shas[0]], RejectReason.OTHER, "", "kim")
    assert set(read(embeddings)) == {shas[1]}
    review.undo(rejected.batch_id, "kim")
    assert set(read(embeddings)) == set(shas[:2])
    PhotoRepository(database).delete(shas[0])
    assert set(read(embeddings)) == {shas[1]}


def test_photos_of_the_test_split_are_embedded_and_never_shown(
    database: Database, embeddings: EmbeddingRepository, make_record: MakeRecord
) -> None:
    record = make_record(9, place_slug="cave", status=PhotoStatus.ACCEPTED, split=Split.TEST)
    PhotoRepository(database).add(record)
    assert embeddings.count_missing(RUN) == 1
    embeddings.put(RUN, {record.sha256: b"a"})
    assert read(embeddings) == {} and not embeddings.standings([record.sha256])[record.sha256].counts


def test_the_stamp_changes_with_whatever_changes_the_gallery_and_with_nothing_else(
    database: Database, embeddings: EmbeddingRepository, shas: list[str]
) -> None:
    review, stamps = ReviewRepository(database), [embeddings.stamp(RUN)]
    assert embeddings.stamp(RUN) == stamps[0]
    steps = [
        lambda: embeddings.put(RUN, {shas[0]: b"a"}),
        lambda: embeddings.put(RUN, {shas[0]: b"b"}),
        lambda: review.move([shas[0]], "falls", "kim"),
        lambda: review.reject([shas[0]], RejectReason.OTHER, "", "kim"),
        lambda: freeze_snapshot(PhotoRepository(database), SnapshotRepository(database), review=review),
        lambda: PhotoRepository(database).delete(shas[0]),
    ]
    for step in steps:
        step()
        stamps.append(embeddings.stamp(RUN))
    assert all(before != after for before, after in pairwise(stamps))


def test_where_photos_stand_is_told_of_those_that_are_there(embeddings: EmbeddingRepository, shas: list[str]) -> None:
    assert embeddings.standings([*shas, "f" * 64, "no hash"]) == {
        shas[0]: KnownPhoto(shas[0], 0, "g1"),
        shas[1]: KnownPhoto(shas[1], 0, "g2"),
        shas[2]: KnownPhoto(shas[2], None, "g3"),
        shas[3]: KnownPhoto(shas[3], None, "g4", counts=False),
    }


def test_a_run_that_is_no_key_is_refused(embeddings: EmbeddingRepository, shas: list[str]) -> None:
    with pytest.raises(InvalidInput):
        embeddings.put("실행", {shas[0]: b"a"})
    assert embeddings.count_missing(RUN) == 3
