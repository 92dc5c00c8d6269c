"""Put a job in its row and give it a process; called by pages and by the command line."""

from collections.abc import Sequence

from core.db.jobs import JobRepository
from core.domain.job import ENDED_STATES, Job, JobState
from core.errors import EodiError
from core.jobs.runner import Runner
from core.jobs.settle import NOT_STARTED

UNENDED_STATES = tuple(state for state in JobState if state not in ENDED_STATES)


def submit(jobs: JobRepository, runner: Runner, kind: str, arguments: Sequence[str], dedupe_key: str = "") -> Job:
    """Start a job, or return the one that is under way with the same non-empty `dedupe_key` (a double click).

    Two callers in the same instant may both start a process; only one of these can claim the row, the other leaves.

    Raises:
        EodiError: `job.not_started`; the row says so too.
    """
    known = {job.job_id for job in jobs.list(states=UNENDED_STATES, limit=1000)} if dedupe_key else set()
    job = jobs.create(kind, tuple(arguments), dedupe_key=dedupe_key)
    if job.job_id not in known:
        launch(jobs, runner, job)
    return job


def launch(jobs: JobRepository, runner: Runner, job: Job) -> None:
    """Give a queued row its process; a row that gets none is failed, not left waiting for ever.

    Raises:
        EodiError: `job.not_started`.
    """
    try:
        runner.start(job)
    except EodiError:
        jobs.end(job.job_id, JobState.FAILED, NOT_STARTED, {})
        raise
