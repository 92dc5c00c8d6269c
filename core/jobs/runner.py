"""Give a queued job a process. `ProcessRunner` starts a child of this machine; a cluster's runner has the same shape.

The child has its own session, so it outlives the page, the server and the terminal; its output goes to its log file.
"""

import logging
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.db.jobs import JobRepository
from core.domain.job import Job
from core.errors import EodiError
from core.jobs.settle import settle

logger = logging.getLogger(__name__)
REPOSITORY = Path(__file__).resolve().parents[2]
# Unbuffered, so that the log can be read along; UTF-8 whatever the terminal's locale; a crash leaves its stack.
COMMAND = (sys.executable, "-u", "-X", "utf8", "-X", "faulthandler", "-m", "core", "jobs", "run")


class Runner(Protocol):
    """Whatever can start the process of a queued job."""

    def start(self, job: Job) -> None:
        """Start it and return at once.

        Raises:
            EodiError: `job.not_started`.
        """


def log_path(jobs_dir: Path, job: Job) -> Path:
    """Return where the output of a job is written, all its attempts one after another."""
    return jobs_dir / job.log_file


@dataclass(frozen=True, slots=True)
class ProcessRunner:
    """Start jobs as child processes of this one.

    `environment` is all that the child sees, None hands on this process's own; the job's id is appended to `command`.
    """

    jobs: JobRepository
    jobs_dir: Path
    environment: Mapping[str, str] | None = None
    command: tuple[str, ...] = COMMAND

    def start(self, job: Job) -> None:
        """Start the child, and a thread that takes its exit so that no zombie is left."""
        try:
            process = self._spawn(job)
        except OSError as reason:
            logger.exception("job %s: no process could be started", job.job_id)
            raise EodiError("job.not_started") from reason
        threading.Thread(target=self._see_it_end, args=(process, job), name=f"job {job.job_id}", daemon=True).start()

    def _spawn(self, job: Job) -> subprocess.Popen[bytes]:
        self.jobs_dir.mkdir(parents=True, exist_ok=True)
        with log_path(self.jobs_dir, job).open("ab") as log:
            return subprocess.Popen(  # noqa: S603 -- our own interpreter and a job id, no shell
                [*self.command, job.job_id],
                cwd=REPOSITORY,
                env=None if self.environment is None else dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _see_it_end(self, process: subprocess.Popen[bytes], job: Job) -> None:
        code = process.wait()
        try:
            row = self.jobs.get(job.job_id)
            if row.attempt == job.attempt and row.pid in (None, process.pid) and not row.state.ended:
                logger.warning("job %s: its process ended with %s and left the row %s", row.job_id, code, row.state)
                settle(self.jobs, row)
        except EodiError as reason:
            logger.warning("job %s: its end was not written: %s", job.job_id, reason)
