"""Files that pages hand over to jobs: staged whole or not, kept while a job may need them, swept afterwards."""

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
from core.errors import EodiError, StorageUnavailable
from core.jobs.spool import FILES, KEEP, OUT, discard, job_folder, stage, start_with, sweep
from tests.support.batch_photos import Started


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
    return tmp_path / "jobs"


def write_one(folder: Path) -> None:
    (folder / "photos.zip").write_bytes(b"a zip")


def started(jobs: JobRepository, jobs_dir: Path, kind: str = "import") -> str:
    staged = stage(write_one, jobs_dir)
    return start_with(staged, kind, lambda folder: (str(folder / FILES),), jobs, Started(), jobs_dir).job_id


def test_a_job_names_the_folder_that_its_files_were_moved_to(jobs: JobRepository, jobs_dir: Path) -> None:
    job = jobs.get(started(jobs, jobs_dir))
    assert Path(job.arguments[0]) == job_folder(jobs_dir, job.job_id) / FILES
    assert (Path(job.arguments[0]) / "photos.zip").read_bytes() == b"a zip"
    assert list(jobs_dir.glob(".spool-*")) == []


def test_only_the_owner_may_look_into_what_is_staged(jobs_dir: Path) -> None:
    assert stage(write_one, jobs_dir).stat().st_mode & 0o077 == 0


def test_a_page_that_fails_while_it_writes_leaves_nothing(jobs_dir: Path) -> None:
    def broken(folder: Path) -> None:
        write_one(folder)
        raise RuntimeError("the browser went away")

    with pytest.raises(RuntimeError):
        stage(broken, jobs_dir)
    assert list(jobs_dir.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable):
        stage(write_one, tmp_path / "file" / "jobs")


def test_a_job_that_gets_no_process_leaves_nothing(jobs: JobRepository, jobs_dir: Path) -> None:
    with pytest.raises(EodiError, match=r"job\.not_started"):
        start_with(stage(write_one, jobs_dir), "import", lambda _: (), jobs, Started(fails=True), jobs_dir)
    assert [path for path in jobs_dir.rglob("*") if path.is_file()] == []
    assert [job.state for job in jobs.list()] == [JobState.FAILED]


def test_what_is_not_wanted_is_discarded(jobs_dir: Path) -> None:
    discard(stage(write_one, jobs_dir))
    assert list(jobs_dir.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "state", "kept"),
    [
        ("import", JobState.SUCCEEDED, False),
        ("import", JobState.CANCELLED, True),
        ("import", JobState.FAILED, True),
        ("identify", JobState.CANCELLED, False),
        ("identify", JobState.FAILED, False),
    ],
)
def test_files_wait_for_a_job_that_can_be_taken_up_but_visitors_photos_go_at_its_end(
    kind: str, state: JobState, kept: bool, jobs: JobRepository, jobs_dir: Path
) -> None:
    job_id = started(jobs, jobs_dir, kind)
    jobs.end(job_id, state)
    sweep(jobs, jobs_dir)
    assert (job_folder(jobs_dir, job_id) / FILES).exists() is kept


def test_after_a_day_nothing_waits_any_more(jobs: JobRepository, database: Database, jobs_dir: Path) -> None:
    job_id = started(jobs, jobs_dir)
    (job_folder(jobs_dir, job_id) / OUT).mkdir()
    jobs.end(job_id, JobState.CANCELLED)
    assert sweep(jobs, jobs_dir) == 0
    with database.session() as session:
        session.execute(update(JobRow).values(ended_at=datetime.now(UTC) - KEEP - timedelta(minutes=1)))
    assert sweep(jobs, jobs_dir) == 2 and list(job_folder(jobs_dir, job_id).iterdir()) == []
