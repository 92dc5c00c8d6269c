"""Files that a page hands over to a job: they lie in a folder of that job while it needs them, and no longer.

A page first stages files (`stage`), may look at them for as long as it likes, and then starts the job with them
(`start_with`) or lets them go (`discard`). `sweep` removes what jobs and pages left behind.
"""

import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from core.db.jobs import JobRepository
from core.domain.job import RESUMABLE_STATES, Job, JobState
from core.errors import NotFound, StorageUnavailable
from core.jobs.runner import Runner
from core.jobs.settle import NOT_STARTED
from core.jobs.start import launch

FILES, OUT = "in", "out"
STAGING = ".spool-"
# What waits to be resumed waits a day for someone to do so; a staged folder waits as long for its page.
KEEP = timedelta(days=1)
# Visitors are promised that their photos go when the job ends; only one that was cut off may want them again.
RESUMED_FROM = {"identify": frozenset({JobState.INTERRUPTED})}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as the page has it; `name` is the visitor's and may hold anything."""

    name: str
    content: bytes


def job_folder(jobs_dir: Path, job_id: str) -> Path:
    """Return the folder of a job: files that were handed over, and what it leaves for the page."""
    return jobs_dir / job_id


def stage(write: Callable[[Path], None], jobs_dir: Path) -> Path:
    """Have files written into a new folder that only this user may look into, and return it; all of them or none.

    Raises:
        StorageUnavailable: they could not be written.
    """
    staged = jobs_dir / f"{STAGING}{uuid4().hex}"
    try:
        staged.mkdir(parents=True, mode=0o700)
        write(staged)
    except OSError as reason:
        discard(staged)
        raise StorageUnavailable("storage.unavailable", folder=str(jobs_dir)) from reason
    except BaseException:
        discard(staged)
        raise
    return staged


def discard(staged: Path) -> None:
    """Remove what was staged and is not wanted."""
    shutil.rmtree(staged, ignore_errors=True)


def start_with(
    staged: Path | None,
    kind: str,
    arguments: Callable[[Path], Sequence[str]],
    jobs: JobRepository,
    runner: Runner,
    jobs_dir: Path,
) -> Job:
    """Start a job with its own folder, into which staged files are moved, and return it.

    arguments: of the job, made from its folder; the files lie in `FILES` below it. staged: None where there are none.

    Raises:
        StorageUnavailable: the folder could not be made.
        EodiError: `job.not_started`; the row says so. In both cases nothing is left of the files.
    """
    job_id = secrets.token_hex(6)
    folder = job_folder(jobs_dir, job_id)
    try:
        job = jobs.create(kind, tuple(arguments(folder)), job_id=job_id)
        try:
            folder.mkdir(parents=True)
            if staged is not None:
                staged.replace(folder / FILES)
            launch(jobs, runner, job)
        except BaseException:
            jobs.end(job.job_id, JobState.FAILED, NOT_STARTED)
            remove(jobs_dir, job.job_id)
            raise
    except OSError as reason:
        raise StorageUnavailable("storage.unavailable", folder=str(jobs_dir)) from reason
    finally:
        if staged is not None:
            discard(staged)
    return job


def remove(jobs_dir: Path, job_id: str) -> None:
    """Remove the files that a job was handed; what it left for the page stays."""
    shutil.rmtree(job_folder(jobs_dir, job_id) / FILES, ignore_errors=True)


def sweep(jobs: JobRepository, jobs_dir: Path) -> int:
    """Remove the files of jobs that need them no more, and what pages staged and forgot; return how many folders.

    Those of a job that can be resumed are kept for a day, and so is what a job made for the page to take away.
    """
    old = [path for path in jobs_dir.glob(f"{STAGING}*") if time.time() - changed_at(path) > KEEP.total_seconds()]
    over = [path for path in jobs_dir.glob(f"*/{FILES}") if _is_over(path.parent.name, jobs)]
    stale = [path for path in jobs_dir.glob(f"*/{OUT}") if _ended_long_ago(path.parent.name, jobs)]
    for path in (*old, *over, *stale):
        shutil.rmtree(path, ignore_errors=True)
    return len(old) + len(over) + len(stale)


def _is_over(job_id: str, jobs: JobRepository) -> bool:
    try:
        job = jobs.get(job_id)
    except NotFound:
        return True
    if job.state in RESUMED_FROM.get(job.kind, RESUMABLE_STATES):
        return _is_long_over(job)
    return job.state.ended


def _ended_long_ago(job_id: str, jobs: JobRepository) -> bool:
    try:
        return _is_long_over(jobs.get(job_id))
    except NotFound:
        return True


def _is_long_over(job: Job) -> bool:
    return job.ended_at is not None and datetime.now(UTC) - job.ended_at > KEEP


def changed_at(path: Path) -> float:
    """Return when a file was written last, in seconds since 1970; now for one that is gone meanwhile."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()
