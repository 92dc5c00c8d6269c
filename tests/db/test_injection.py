"""Whatever is typed is stored as typed, found as typed, and does nothing else."""

import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from core.db.engine import Database
from core.db.jobs import JobRepository
from core.db.opinions import OpinionRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import check
from core.db.releases import ReleaseRepository
from core.db.review import ReviewRepository
from core.db.snapshots import SnapshotRepository
from core.domain.job import JobState
from core.domain.library import Change, Concern, PhotoAction, PhotoFilter, PhotoOrder, RejectReason, Snapshot
from core.domain.photo import PhotoStatus, Split
from core.domain.place import LocalText, PlacePicture, PlaceState, PlaceStatus
from core.errors import InvalidInput, NotFound
from tests.db.conftest import MakeRecord

STRINGS = [
    "x' OR '1'='1",
    "'; DROP TABLE places; --",
    '"; DROP TABLE photos; --',
    "1; DELETE FROM jobs",
    "' UNION SELECT * FROM service --",
    "') OR ('a'='a",
    "admin'--",
    "' OR SLEEP(5)#",
    "1' AND BENCHMARK(9999999,MD5(1))-- -",
    "'",
    "''",
    "\\",
    "\\'",
    "\\' OR 1=1 -- ",
    "%",
    "_",
    "%s %(name)s {0} {name}",
    ":name :1 ?1 $1 @x",
    ";--",
    "/* comment */",
    "/*!50000 DROP TABLE places */",
    "a\0b",
    "🗼🎡👨‍👩‍👧‍👦",
    "가" * 10_000,
    unicodedata.normalize("NFD", "만장굴"),
    "None",
    "NaN",
    "NULL",
    "trailing space ",
    "\t\r\n\x1a\x08 control \u202e\u200b",
    "",
]


@pytest.fixture
def counts(database: Database, places: PlaceRepository) -> dict[str, int]:
    return check(database)


def test_there_are_enough_strings() -> None:
    assert len(set(STRINGS)) >= 30


@pytest.mark.parametrize("typed", STRINGS, ids=range(len(STRINGS)))
class TestTyped:
    def test_into_every_text_of_a_place(
        self, database: Database, places: PlaceRepository, counts: dict[str, int], typed: str
    ) -> None:
        both = LocalText(typed, typed)
        place = replace(
            places.get("cave"),
            name=LocalText(typed, "x" + typed),
            summary=both,
            description=both,
            address=both,
            phone=typed,
            status=PlaceStatus(PlaceState.OPEN, both, date(2026, 1, 1), typed),
            picture=PlacePicture(typed, typed, typed, typed),
        )
        composed = LocalText(unicodedata.normalize("NFC", typed), unicodedata.normalize("NFC", "x" + typed))
        assert places.update(place) == replace(place, name=composed)
        assert places.list()[0] == replace(place, name=composed)
        assert check(database) == counts

    def test_into_every_text_of_a_photo(
        self, database: Database, counts: dict[str, int], make_record: MakeRecord, typed: str
    ) -> None:
        photos = PhotoRepository(database)
        texts = ("original_name", "source", "page_url", "author", "licence", "reject_reason")
        record = make_record(1, place_slug="cave", **dict.fromkeys(texts, typed))
        photos.add(record)
        assert replace(photos.get(record.sha256), created_at=None) == record
        assert photos.set_status(record.sha256, PhotoStatus.REJECTED, typed).reject_reason == typed
        assert check(database) == counts | {"photos": 1}

    def test_into_every_text_of_a_job_and_a_release(
        self, database: Database, counts: dict[str, int], typed: str
    ) -> None:
        jobs, releases = JobRepository(database), ReleaseRepository(database)
        job = jobs.create("k", (typed, "--", typed), dedupe_key=typed)
        jobs.claim(job.job_id, 1, 1.0)
        jobs.progress(job.job_id, 1, 2, typed, {typed: typed})
        assert jobs.get(job.job_id).arguments == (typed, "--", typed)
        assert jobs.get(job.job_id).message_values == {typed: typed}
        ended = jobs.end(job.job_id, JobState.FAILED, typed, {"reason": typed})
        assert (ended.message, ended.message_values) == (typed, {"reason": typed})
        run_id = typed or "x"
        release = releases.promote({"classifier": {"run_id": run_id, "sha256": "0" * 64}}, typed)
        assert releases.in_service() == release
        assert (release.note, release.members["classifier"]["run_id"]) == (typed, run_id)
        assert check(database) == counts | {"jobs": 1, "releases": 1}

    def test_into_every_text_of_a_review_and_a_snapshot(
        self, database: Database, places: PlaceRepository, counts: dict[str, int], make_record: MakeRecord, typed: str
    ) -> None:
        photos, review, snapshots = PhotoRepository(database), ReviewRepository(database), SnapshotRepository(database)
        keys = [make_record(number).sha256 for number in (1, 2)]
        for number in (1, 2):
            photos.add(make_record(number, place_slug="cave"))
        rejected = review.reject(keys, RejectReason.OTHER, typed, typed)
        review.undo(rejected.batch_id, typed)
        review.set_aside(keys[:1], typed, typed)
        review.note(keys[1], PhotoAction.SPLIT, typed, {typed: typed}, {"split": typed})
        assert photos.get(keys[0]).reject_reason == typed
        aside, undone, thrown_out = review.history(keys[0])
        assert {event.actor for event in (aside, undone, thrown_out)} == {typed}
        assert thrown_out.after.get("note", "") == typed
        assert (review.history(keys[1])[0].before, review.history(keys[1])[0].after) == (
            {typed: typed},
            {"split": typed},
        )
        snapshots.add(Snapshot("s", datetime(2026, 1, 1, tzinfo=UTC), "f", 0, 0, 0, {typed: {typed: 1}}, typed), ())
        assert (snapshots.get("s").note, snapshots.get("s").counts) == (typed, {typed: {typed: 1}})
        assert check(database) == counts | {"photos": 2, "photo_events": 6, "snapshots": 1}

    def test_into_every_filter_finds_exactly_that(
        self, database: Database, places: PlaceRepository, counts: dict[str, int], make_record: MakeRecord, typed: str
    ) -> None:
        photos = PhotoRepository(database)
        photos.add(make_record(1, source=typed, licence=typed))
        photos.add(make_record(2, source=f"{typed} ", licence=f"{typed}x"))
        photos.add(make_record(3, source="commons", licence="CC0"))
        exact = [make_record(1).sha256]
        assert list(photos.hashes_of_source(typed)) == exact
        if typed:  # "" wants any
            for wanted in (PhotoFilter(source=typed), PhotoFilter(licence=typed)):
                assert [record.sha256 for record in photos.find(wanted)] == exact
                assert photos.count_matching(wanted) == 1
            assert photos.find(PhotoFilter(place_slug=typed)) == ()
        assert photos.count_matching(PhotoFilter(concern=Concern.DISAGREES, run_id=typed)) == 0
        assert len(photos.find(PhotoFilter(run_id=typed), PhotoOrder.DOUBTFUL)) == 3
        assert check(database) == counts | {"photos": 3}

    def test_as_a_key_finds_nothing_and_changes_nothing(
        self, database: Database, places: PlaceRepository, counts: dict[str, int], make_record: MakeRecord, typed: str
    ) -> None:
        photos, jobs = PhotoRepository(database), JobRepository(database)
        photos.add(make_record(1, place_slug="cave"))
        for look in (
            lambda: places.get(typed),
            lambda: places.retire(typed),
            lambda: places.restore(typed),
            lambda: places.remove(typed),
            lambda: places.uses(typed),
            lambda: photos.look_alikes(typed),
            lambda: ReviewRepository(database).undo(typed, typed),
            lambda: ReviewRepository(database).note(typed, PhotoAction.SPLIT, typed, {}, {}),
            lambda: SnapshotRepository(database).get(typed),
            lambda: photos.get(typed),
            lambda: photos.move(make_record(1).sha256, typed),
            lambda: photos.set_status(typed, PhotoStatus.ACCEPTED),
            lambda: jobs.get(typed),
            lambda: jobs.requeue(typed),
        ):
            with pytest.raises(NotFound):
                look()
        assert (photos.list(typed), photos.count(typed)) == ((), 0)
        assert not photos.delete(typed)
        assert photos.set_groups({typed: "g"}) == 0
        assert photos.set_looks({typed: "a"}) == photos.set_splits({typed: Split.TEST}) == 0
        assert ReviewRepository(database).accept([typed], typed) == Change("", 0)
        assert ReviewRepository(database).history(typed) == photos.get_many([typed]) == ()
        assert OpinionRepository(database).get(typed, typed) is SnapshotRepository(database).find_by_fingerprint(typed)
        for refuse in (
            lambda: places.add(replace(places.get("cave"), slug=typed, class_id=9)),
            lambda: photos.add(make_record(2, sha256=typed)),
        ):
            with pytest.raises(InvalidInput):
                refuse()
        assert check(database) == counts | {"photos": 1}
