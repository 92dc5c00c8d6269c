"""Look after rows from outside: find dead processes, stop jobs, take them up again. Called by pages and commands.

Anyone may call `refresh` before showing jobs; it writes only what is certain on this machine, and twice is harmless.
"""

from datetime import UTC, datetime

from core.db.jobs import JobRepository
from core.domain.job import Job, JobState
from core.jobs.process import ask_to_stop, find_process, kill
from core.jobs.runner import Runner
from core.jobs.settle import settle
from core.jobs.start import UNENDED_STATES, launch

# A heartbeat comes every 5 s (writer.py): six missed in a row, and no process on this machine, is gone. The age
# matters because the process may live on another machine that shares the database.
STALE_S = 30.0
# A child claims its row within seconds; two minutes allow for a machine that is short of memory.
UNCLAIMED_S = 120.0
# A job that was asked to stop ends itself within 60 s (writer.py) unless it is stuck inside a library without a
# heartbeat; then whoever looks next kills it.
STUCK_S = 60.0


def refresh(jobs: JobRepository, stale_s: float = STALE_S) -> None:
    """End the rows whose process is gone, and kill those that were asked to stop and hang."""
    now = datetime.now(UTC)
    for job in jobs.list(states=UNENDED_STATES, limit=1000):
        silent_s = (now - _last_sign(job)).total_seconds()
        process = find_process(job.pid, job.process_started_at)
        if job.state is JobState.QUEUED:
            gone = silent_s > UNCLAIMED_S
        elif process is None:
            gone = silent_s > stale_s
        else:
            gone = job.state is JobState.CANCELLING and silent_s > STUCK_S
            if gone:
                kill(process)
        if gone:
            settle(jobs, job)


def _last_sign(job: Job) -> datetime:
    """Return when a job was last heard of."""
    sign = max(moment for moment in (job.created_at, job.started_at, job.heartbeat_at) if moment is not None)
    return sign if sign.tzinfo else sign.replace(tzinfo=UTC)


def cancel(jobs: JobRepository, job_id: str) -> Job:
    """Ask a job to stop: a queued one is cancelled at once, a running one within two seconds of its next report.

    The signal only hurries a job of this machine; one elsewhere reads its row every second.

    Raises:
        NotFound: no such job.
        Conflict: it has ended.
    """
    job = jobs.request_cancel(job_id)
    process = find_process(job.pid, job.process_started_at)
    if job.state is JobState.CANCELLING and process is not None:
        ask_to_stop(process)
    return job


def resume(jobs: JobRepository, runner: Runner, job_id: str) -> Job:
    """Take a job up again at the step where it stopped.

    Raises:
        NotFound: no such job.
        Conflict: it is under way, or succeeded.
        EodiError: `job.not_started`.
    """
    job = jobs.requeue(job_id)
    launch(jobs, runner, job)
    return job
