"""Whatever is typed is stored as typed, found as typed, and does nothing else."""

import unicodedata
from dataclasses import replace
from datetime import date

import pytest

from core.db.engine import Database
from core.db.jobs import JobRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import check
from core.db.releases import ReleaseRepository
from core.domain.job import JobState
from core.domain.photo import PhotoStatus
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

    def test_as_a_key_finds_nothing_and_changes_nothing(
        self, database: Database, places: PlaceRepository, counts: dict[str, int], make_record: MakeRecord, typed: str
    ) -> None:
        photos, jobs = PhotoRepository(database), JobRepository(database)
        photos.add(make_record(1, place_slug="cave"))
        for look in (
            lambda: places.get(typed),
            lambda: places.retire(typed),
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
        assert photos.set_group([typed], "g") == 0
        for refuse in (
            lambda: places.add(replace(places.get("cave"), slug=typed, class_id=9)),
            lambda: photos.add(make_record(2, sha256=typed)),
        ):
            with pytest.raises(InvalidInput):
                refuse()
        assert check(database) == counts | {"photos": 1}
