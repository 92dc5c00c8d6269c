"""Photos that a page hands over to the job "identify": they lie beside the job's log while it runs, and no longer.

`hand_over` is the page's call. The job's own process removes its photos however it ends; `sweep` removes those of jobs
whose process never came to it. Photos lie under made-up names; the visitors' names are data in `names.json`.
"""

import json
import os
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from core.db.jobs import JobRepository
from core.domain.job import Job, JobState
from core.domain.place import Language
from core.errors import InvalidInput, NotFound, StorageUnavailable
from core.identify.batch import PhotoFile
from core.jobs.runner import Runner
from core.jobs.settle import NOT_STARTED
from core.jobs.start import launch

KIND = "identify"
SPOOLED = "--spooled"  # the job's first argument: its photos lie in its own folder; the second is the language
PHOTOS, NAMES, ANSWERS = "in", "names.json", "answers.csv"
STAGING = ".spool-"
# An interrupted job can be resumed, so its photos wait for someone to do so; a staging folder is written in seconds.
KEEP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Upload:
    """A photo as the page has it; `name` is the visitor's and may hold anything."""

    name: str
    content: bytes


def answers_path(jobs_dir: Path, job_id: str) -> Path:
    """Return where a job that was handed photos writes its answers."""
    return jobs_dir / job_id / ANSWERS


def hand_over(
    uploads: Iterable[Upload], jobs: JobRepository, runner: Runner, jobs_dir: Path, language: Language
) -> Job:
    """Start a job that answers these photos in the visitor's language, and return it.

    Raises:
        StorageUnavailable: the photos could not be written; nothing is left of them.
        EodiError: `job.not_started`; the row says so, and nothing is left of the photos.
    """
    sweep(jobs, jobs_dir)
    staging = jobs_dir / f"{STAGING}{uuid4().hex}"
    try:
        _write(uploads, staging)
        job = jobs.create(KIND, (SPOOLED, language))
        try:
            photos = jobs_dir / job.job_id / PHOTOS
            photos.parent.mkdir()
            staging.replace(photos)
            launch(jobs, runner, job)
        except BaseException:
            jobs.end(job.job_id, JobState.FAILED, NOT_STARTED)
            remove(jobs_dir, job.job_id)
            raise
    except OSError as reason:
        raise StorageUnavailable("storage.unavailable", folder=str(jobs_dir)) from reason
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return job


def spooled_photos(jobs_dir: Path, job_id: str) -> tuple[PhotoFile, ...]:
    """Return a job's photos under their visitors' names, in the order of the upload.

    Raises:
        InvalidInput: code "identify.spool_gone"; the job has ended before, and they were removed.
    """
    folder = jobs_dir / job_id / PHOTOS
    try:
        names: dict[str, str] = json.loads((folder / NAMES).read_text(encoding="utf-8"))
    except FileNotFoundError as reason:
        raise InvalidInput("identify.spool_gone") from reason
    return tuple(PhotoFile(folder / file, name) for file, name in names.items())


def remove(jobs_dir: Path, job_id: str) -> None:
    """Remove a job's photos; its answers stay."""
    shutil.rmtree(jobs_dir / job_id / PHOTOS, ignore_errors=True)


def sweep(jobs: JobRepository, jobs_dir: Path) -> int:
    """Remove the photos of jobs that have ended, and half-written uploads of pages that died; return how many folders.

    Those of an interrupted job are kept for a day, so that it can be resumed.
    """
    old = [path for path in jobs_dir.glob(f"{STAGING}*") if time.time() - _changed_at(path) > KEEP.total_seconds()]
    over = [path for path in jobs_dir.glob(f"*/{PHOTOS}") if _is_over(path.parent.name, jobs)]
    for path in (*old, *over):
        shutil.rmtree(path, ignore_errors=True)
    return len(old) + len(over)


def _write(uploads: Iterable[Upload], folder: Path) -> None:
    """Write photos as 000001, 000002, …, each a microsecond later, so that two of one name and size are told apart."""
    folder.mkdir(parents=True, mode=0o700)
    now_ns, names = time.time_ns(), {}
    for number, upload in enumerate(uploads, 1):
        path = folder / f"{number:06d}"
        path.write_bytes(upload.content)
        os.utime(path, ns=(now_ns + number * 1000, now_ns + number * 1000))
        names[path.name] = upload.name
    (folder / NAMES).write_text(json.dumps(names), encoding="utf-8")


def _is_over(job_id: str, jobs: JobRepository) -> bool:
    try:
        job = jobs.get(job_id)
    except NotFound:
        return True
    if job.state is JobState.INTERRUPTED and job.ended_at is not None:
        return datetime.now(UTC) - job.ended_at > KEEP
    return job.state.ended


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()
