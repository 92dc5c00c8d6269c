"""Write the end of a job whose process is known to be gone: by the runner that saw it go, or by whoever looks later."""

from core.db.jobs import JobRepository
from core.domain.job import Job, JobState

NOT_STARTED = "error.job.not_started"
CANCELLED = "job.cancelled"


def settle(jobs: JobRepository, job: Job) -> None:
    """End the row: never claimed is failed, asked to stop is cancelled, everything else was interrupted."""
    if job.state is JobState.QUEUED:
        jobs.end(job.job_id, JobState.FAILED, NOT_STARTED, {})
    elif job.state is JobState.CANCELLING:
        jobs.end(job.job_id, JobState.CANCELLED, CANCELLED, {})
    elif job.state is JobState.RUNNING and job.pid is not None:
        jobs.mark_interrupted(job.job_id, job.pid)
