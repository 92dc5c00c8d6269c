"""Inside a job: tell the row how far the work is, notice when it should stop, and write how it ended."""

import logging
from types import TracebackType

from core.db.jobs import JobRepository
from core.domain.job import Job, JobState
from core.errors import EodiError, JobStopped, Value
from core.jobs.settle import CANCELLED
from core.jobs.signals import StopRequest
from core.jobs.writer import Progress, RowWriter

logger = logging.getLogger(__name__)
RUNNING = "job.running"
SUCCEEDED = "job.succeeded"
TERMINATED = "job.terminated"
STOPPED = (JobStopped, KeyboardInterrupt)


class JobReporter:
    """A `Reporter` for a claimed job. As a context manager it ends the row and keeps the exception to itself.

    The work's return ends it as succeeded, `JobStopped` as cancelled, another `EodiError` as failed with its sentence,
    anything else as failed with "unexpected"; tracebacks go to the log only.
    """

    def __init__(self, jobs: JobRepository, job: Job, stop: StopRequest) -> None:
        self._writer = RowWriter(jobs, job, stop)
        self.outcome = job.state

    @property
    def done(self) -> int:
        """Steps behind; at first those of the attempts before."""
        return self._writer.latest.done

    @property
    def total(self) -> int | None:
        """Steps in all, as told last."""
        return self._writer.latest.total

    def __call__(self, done: int, total: int | None, message_key: str = "", **values: Value) -> None:
        """Tell how far the work is; costs no database access, so it may be called for every photo.

        Raises:
            JobStopped: the job was asked to stop.
        """
        last = self._writer.latest
        words = (message_key, values) if message_key else (last.message, last.values)
        self._writer.latest = Progress(done, total, *words)
        if self._writer.stop_requested:
            raise JobStopped

    def __enter__(self) -> "JobReporter":
        """Begin the heartbeat."""
        self._writer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        """Write the last progress and the end."""
        if error is not None and not isinstance(error, STOPPED):
            logger.error("the job failed", exc_info=error)
        self._writer.close()
        self.outcome, message, values = self._judge(error)
        self._writer.end(self.outcome, message, values)
        return True

    def _judge(self, error: BaseException | None) -> tuple[JobState, str, dict[str, Value]]:
        last = self._writer.latest
        if error is None:
            # The work's last word stays; a message of the job itself ("waiting", "running") is over.
            own = not last.message or last.message.startswith("job.")
            return JobState.SUCCEEDED, SUCCEEDED if own else last.message, {} if own else last.values
        if isinstance(error, STOPPED):
            asked = self._writer.state is JobState.CANCELLING
            return JobState.CANCELLED, CANCELLED if asked else TERMINATED, {}
        if isinstance(error, EodiError):
            return JobState.FAILED, f"error.{error.code}", dict(error.values)
        return JobState.FAILED, "error.unexpected", {}
