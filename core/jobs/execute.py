"""The body of a job's own process, `python -m core jobs run <job_id>`: claim the row, run the work, write the end."""

import logging
from collections.abc import Callable, Mapping

from core.db.jobs import JobRepository
from core.domain.job import JobState
from core.errors import NotFound
from core.jobs.process import own_identity
from core.jobs.report import Reporter
from core.jobs.reporter import RUNNING, JobReporter
from core.jobs.signals import catch_stop_signals
from core.logs import start_logging

logger = logging.getLogger(__name__)
Command = Callable[[tuple[str, ...], Reporter], None]


def run_job(job_id: str, jobs: JobRepository, commands: Mapping[str, Command]) -> JobState:
    """Run a queued job to its end and return how it ended; what the work raises is in the row and in the log.

    Signals are caught before the row is claimed, so that a cancellation never meets an unprepared process.

    Raises:
        NotFound: no such job.
        Conflict: it is not queued: another process has it, or it was cancelled in time.
    """
    start_logging()
    with catch_stop_signals() as stop:
        job = jobs.claim(job_id, *own_identity())
        logger.info("job %s: %s %s, attempt %s", job.job_id, job.kind, " ".join(job.arguments), job.attempt)
        reporter = JobReporter(jobs, job, stop)
        with reporter:
            command = commands.get(job.kind)
            if command is None:
                raise NotFound("job.unknown_kind", kind=job.kind)
            reporter(job.done, job.total, RUNNING)
            command(job.arguments, reporter)
        logger.info("job %s: %s", job.job_id, reporter.outcome)
    return reporter.outcome
