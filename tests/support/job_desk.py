"""A job repository, a runner and a folder for tests of `core/jobs`, and waiting that fails with the last state seen."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.db.jobs import JobRepository
from core.domain.job import Job, JobState
from core.jobs.runner import ProcessRunner, log_path
from core.jobs.start import submit
from tests.support.job_child import CHILD


@dataclass(frozen=True)
class JobDesk:
    """Everything a test needs to start real job processes and look at their rows."""

    jobs: JobRepository
    url: str
    data_dir: Path

    def runner(self, environment: Mapping[str, str] | None = None) -> ProcessRunner:
        """A runner for the test commands."""
        command = (*CHILD, self.url, str(self.data_dir))
        return ProcessRunner(self.jobs, self.data_dir / "jobs", environment, command)

    def start(self, kind: str, *arguments: str, dedupe_key: str = "") -> Job:
        """Submit a test command."""
        return submit(self.jobs, self.runner(), kind, arguments, dedupe_key)

    def log(self, job_id: str) -> str:
        """What the job's processes wrote."""
        return log_path(self.data_dir / "jobs", self.jobs.get(job_id)).read_text(encoding="utf-8")

    def wait(self, job_id: str, reached: Callable[[Job], bool], within_s: float = 20) -> Job:
        """Return the row once `reached` holds for it."""
        until = time.monotonic() + within_s
        while not reached(job := self.jobs.get(job_id)):
            assert time.monotonic() < until, f"still {job} after {within_s} s; log: {self.log(job_id)}"
            time.sleep(0.02)
        return job

    def wait_end(self, job_id: str, within_s: float = 20) -> Job:
        """Return the row once it has ended."""
        return self.wait(job_id, lambda job: job.state.ended, within_s)

    def wait_running(self, job_id: str, done: int = 1) -> Job:
        """Return the row once its process has told at least `done` steps."""
        return self.wait(job_id, lambda job: job.state is JobState.RUNNING and job.done >= done)
