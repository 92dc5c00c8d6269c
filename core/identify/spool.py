"""Photos that a page hands over to the job "identify": they lie beside the job's log while it runs, and no longer.

`hand_over` is the page's call. The job's own process removes its photos however it ends. Photos lie under made-up
names; the visitors' names are data in `names.json`. The table of answers, which has those names too, stays for a
month. How files are handed over is `core/jobs/spool`.
"""

import json
import os
import time
from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path

from core.db.jobs import JobRepository
from core.domain.job import Job
from core.domain.place import Language
from core.errors import InvalidInput
from core.identify.batch import PhotoFile
from core.jobs import spool
from core.jobs.runner import Runner
from core.jobs.spool import FILES, KEEP, STAGING, Upload, job_folder, remove, stage, start_with

__all__ = [
    "KEEP",
    "KIND",
    "SPOOLED",
    "STAGING",
    "Upload",
    "answers_path",
    "hand_over",
    "remove",
    "spooled_photos",
    "sweep",
]

KIND = "identify"
SPOOLED = "--spooled"  # the job's first argument: its photos lie in its own folder; the second is the language
NAMES, ANSWERS = "names.json", "answers.csv"
KEEP_ANSWERS = timedelta(days=30)  # since the last of them was written


def answers_path(jobs_dir: Path, job_id: str) -> Path:
    """Return where a job that was handed photos writes its answers."""
    return job_folder(jobs_dir, job_id) / ANSWERS


def hand_over(
    uploads: Iterable[Upload], jobs: JobRepository, runner: Runner, jobs_dir: Path, language: Language
) -> Job:
    """Start a job that answers these photos in the visitor's language, and return it.

    Raises:
        StorageUnavailable: the photos could not be written; nothing is left of them.
        EodiError: `job.not_started`; the row says so, and nothing is left of the photos.
    """
    sweep(jobs, jobs_dir)
    staged = stage(partial(_write, uploads), jobs_dir)
    return start_with(staged, KIND, lambda _: (SPOOLED, language), jobs, runner, jobs_dir)


def spooled_photos(jobs_dir: Path, job_id: str) -> tuple[PhotoFile, ...]:
    """Return a job's photos under their visitors' names, in the order of the upload.

    Raises:
        InvalidInput: code "identify.spool_gone"; the job has ended before, and they were removed.
    """
    folder = job_folder(jobs_dir, job_id) / FILES
    try:
        names: dict[str, str] = json.loads((folder / NAMES).read_text(encoding="utf-8"))
    except FileNotFoundError as reason:
        raise InvalidInput("identify.spool_gone") from reason
    return tuple(PhotoFile(folder / file, name) for file, name in names.items())


def sweep(jobs: JobRepository, jobs_dir: Path) -> int:
    """Remove the files of jobs that need them no more, and answers of a month ago; return how many there were."""
    oldest = time.time() - KEEP_ANSWERS.total_seconds()
    old = [path for path in jobs_dir.glob(f"*/{ANSWERS}") if spool.changed_at(path) < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old) + spool.sweep(jobs, jobs_dir)


def _write(uploads: Iterable[Upload], folder: Path) -> None:
    """Write photos as 000001, 000002, …, each a microsecond later, so that two of one name and size are told apart."""
    now_ns, names = time.time_ns(), {}
    for number, upload in enumerate(uploads, 1):
        path = folder / f"{number:06d}"
        path.write_bytes(upload.content)
        os.utime(path, ns=(now_ns + number * 1000, now_ns + number * 1000))
        names[path.name] = upload.name
    (folder / NAMES).write_text(json.dumps(names), encoding="utf-8")
