"""Photos handed over by a page: answered by a job of their own, and gone when it is over."""

import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from core.db.engine import Database, open_database
from core.db.jobs import JobRepository
from core.db.ready import upgrade
from core.db.tables import JobRow
from core.domain.job import JobState
from core.errors import EodiError, InvalidInput, StorageUnavailable
from core.identify import spool
from core.identify.spool import KEEP_ANSWERS, Upload, answers_path, hand_over, remove, spooled_photos, sweep
from tests.support.batch_photos import Started, colour_png

UPLOADS = [
    Upload("../../etc/passwd", colour_png(0)),
    Upload("=1+1.png", colour_png(1)),
    Upload("사진\n\udcff.png", b""),
]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'eodi.sqlite3'}")
    upgrade(opened)
    yield opened
    opened.dispose()


@pytest.fixture
def jobs(database: Database) -> JobRepository:
    return JobRepository(database)


@pytest.fixture
def jobs_dir(tmp_path: Path) -> Path:
    return tmp_path / "오디 data" / "jobs"


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_photos_lie_under_made_up_names_and_are_listed_under_the_visitors(jobs: JobRepository, jobs_dir: Path) -> None:
    runner = Started()
    job = hand_over(UPLOADS, jobs, runner, jobs_dir, "ko")
    inside = f"{job.job_id}/in"
    assert files_in(jobs_dir) == [f"{inside}/{name}" for name in ("000001", "000002", "000003", "names.json")]
    assert [job.job_id for job in runner.jobs] == [job.job_id]
    assert (job.kind, job.arguments, job.state) == ("identify", ("--spooled", "ko"), JobState.QUEUED)
    photos = spooled_photos(jobs_dir, job.job_id)
    assert [photo.name for photo in photos] == [upload.name for upload in UPLOADS]
    assert [photo.path.read_bytes() for photo in photos] == [upload.content for upload in UPLOADS]


def test_only_the_owner_may_look_into_the_folder(jobs: JobRepository, jobs_dir: Path) -> None:
    job = hand_over(UPLOADS, jobs, Started(), jobs_dir, "en")
    assert (jobs_dir / job.job_id / "in").stat().st_mode & 0o077 == 0


def test_two_uploads_of_one_name_and_size_are_told_apart(jobs: JobRepository, jobs_dir: Path) -> None:
    from core.identify.batch import photo_key

    job = hand_over([Upload("image.jpg", colour_png(0))] * 40, jobs, Started(), jobs_dir, "en")
    assert len({photo_key(photo) for photo in spooled_photos(jobs_dir, job.job_id)}) == 40


def test_a_job_that_gets_no_process_leaves_nothing(jobs: JobRepository, jobs_dir: Path) -> None:
    with pytest.raises(EodiError, match=r"job\.not_started"):
        hand_over(UPLOADS, jobs, Started(fails=True), jobs_dir, "en")
    assert files_in(jobs_dir) == []
    assert [job.state for job in jobs.list()] == [JobState.FAILED]


def test_a_page_that_fails_while_it_writes_leaves_nothing_and_no_job(jobs: JobRepository, jobs_dir: Path) -> None:
    def broken() -> Iterator[Upload]:
        yield UPLOADS[0]
        raise RuntimeError("the browser went away")

    with pytest.raises(RuntimeError):
        hand_over(broken(), jobs, Started(), jobs_dir, "en")
    assert list(jobs_dir.iterdir()) == []
    assert jobs.list() == ()


def test_a_folder_that_cannot_be_written_is_said(jobs: JobRepository, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable):
        hand_over(UPLOADS, jobs, Started(), tmp_path / "file" / "jobs", "en")
    assert jobs.list() == ()


def test_what_was_removed_is_said_to_be_gone_and_the_answers_stay(jobs: JobRepository, jobs_dir: Path) -> None:
    job = hand_over(UPLOADS, jobs, Started(), jobs_dir, "en")
    answers_path(jobs_dir, job.job_id).write_text("answers")
    remove(jobs_dir, job.job_id)
    assert files_in(jobs_dir) == [f"{job.job_id}/answers.csv"]
    with pytest.raises(InvalidInput, match=r"identify\.spool_gone"):
        spooled_photos(jobs_dir, job.job_id)


@pytest.mark.parametrize("state", [JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED])
def test_photos_of_jobs_that_are_over_are_swept(state: JobState, jobs: JobRepository, jobs_dir: Path) -> None:
    over = hand_over(UPLOADS, jobs, Started(), jobs_dir, "en")
    under_way = hand_over(UPLOADS, jobs, Started(), jobs_dir, "en")
    jobs.claim(under_way.job_id, 1, 1.0)
    jobs.end(over.job_id, state)
    assert sweep(jobs, jobs_dir) == 1
    assert {name.split("/")[0] for name in files_in(jobs_dir)} == {under_way.job_id}
    assert sweep(jobs, jobs_dir) == 0


def test_a_job_cancelled_before_it_began_is_swept_by_the_next_hand_over(jobs: JobRepository, jobs_dir: Path) -> None:
    cancelled = hand_over(UPLOADS, jobs, Started(), jobs_dir, "en")
    jobs.request_cancel(cancelled.job_id)
    hand_over(UPLOADS[:1], jobs, Started(), jobs_dir, "en")
    assert not (jobs_dir / cancelled.job_id / "in").exists()


def test_photos_of_an_interrupted_job_wait_a_day_to_be_taken_up(
    jobs: JobRepository, database: Database, jobs_dir: Path
) -> None:
    job = hand_over(UPLOADS, jobs, Started(), jobs_dir, "en")
    jobs.claim(job.job_id, 77, 1.0)
    jobs.mark_interrupted(job.job_id, 77)
    assert sweep(jobs, jobs_dir) == 0
    with database.session() as session:
        long_ago = datetime.now(UTC) - spool.KEEP - timedelta(minutes=1)
        session.execute(update(JobRow).values(ended_at=long_ago))
    assert sweep(jobs, jobs_dir) == 1


def test_what_a_killed_page_left_half_written_is_swept_after_a_day(jobs: JobRepository, jobs_dir: Path) -> None:
    left = jobs_dir / f"{spool.STAGING}0"
    left.mkdir(parents=True)
    (left / "000001").write_bytes(b"photo")
    assert sweep(jobs, jobs_dir) == 0
    old = time.time() - spool.KEEP.total_seconds() - 60
    os.utime(left, (old, old))
    assert sweep(jobs, jobs_dir) == 1
    assert list(jobs_dir.iterdir()) == []


def test_answers_stay_for_a_month_after_the_last_of_them(jobs: JobRepository, jobs_dir: Path) -> None:
    job = hand_over(UPLOADS, jobs, Started(), jobs_dir, "en")
    jobs.claim(job.job_id, 1, 1.0)
    answers = answers_path(jobs_dir, job.job_id)
    answers.write_text("answers")
    limit = time.time() - KEEP_ANSWERS.total_seconds()
    os.utime(answers, (limit + 60, limit + 60))
    assert sweep(jobs, jobs_dir) == 0 and answers.exists()
    os.utime(answers, (limit - 60, limit - 60))
    assert sweep(jobs, jobs_dir) == 1 and not answers.exists()
    assert len(spooled_photos(jobs_dir, job.job_id)) == len(UPLOADS)


def test_photos_without_a_job_are_swept(jobs: JobRepository, jobs_dir: Path) -> None:
    (jobs_dir / "0123456789ab" / "in").mkdir(parents=True)
    assert sweep(jobs, jobs_dir) == 1


def test_a_folder_of_jobs_that_does_not_exist_yet_is_swept_at_no_cost(jobs: JobRepository, jobs_dir: Path) -> None:
    assert sweep(jobs, jobs_dir) == 0
