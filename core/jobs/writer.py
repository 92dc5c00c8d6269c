"""The thread inside a job that writes its row: progress twice a second at most, a heartbeat when nothing moves.

Only this thread touches the database while work runs, so a slow or absent database never holds the work up. It also
reads whether the job should stop, and ends the process if the work does not within a minute.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from core.db.jobs import JobRepository
from core.domain.job import Job, JobState
from core.errors import DatabaseUnavailable, EodiError, Value
from core.jobs.process import find_process, kill
from core.jobs.signals import StopRequest

logger = logging.getLogger(__name__)
TICK_S = 0.5
READ_EVERY_S = 1.0
HEARTBEAT_EVERY_S = 5.0
KILL_AFTER_S = 60.0
INSIST_S = 30.0
KILLED = "job.killed"
# Interrupted too: someone thought this process gone; it stops, and its end is the truth.
OWN_STATES = frozenset({JobState.RUNNING, JobState.CANCELLING, JobState.INTERRUPTED})


@dataclass(frozen=True, slots=True)
class Progress:
    """What a report said last."""

    done: int
    total: int | None
    message: str = ""
    values: dict[str, Value] = field(default_factory=dict)


class RowWriter:
    """Writes the progress of one claimed job; `stop_requested` and `owned` are read from any thread."""

    def __init__(self, jobs: JobRepository, job: Job, stop: StopRequest) -> None:
        self.jobs, self.job, self.stop = jobs, job, stop
        self.latest = Progress(job.done, job.total, job.message, dict(job.message_values))
        self.state = job.state
        self.owned = True
        self._written = self.latest
        self._written_at = self._read_at = time.monotonic()
        self._asked_at: float | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="job row", daemon=True)

    @property
    def stop_requested(self) -> bool:
        """Whether the work should stop: by signal, by the row, or because the row is no longer this process's."""
        return self.stop.requested or self.state is not JobState.RUNNING or not self.owned

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def close(self) -> None:
        """Stop the thread and write what was told last."""
        self._closing.set()
        self._thread.join()
        insist(self._close_once)

    def end(self, state: JobState, message: str, values: dict[str, Value]) -> None:
        """Write the end of the job, unless the row was taken away; call after `close`."""
        if self.owned:
            insist(lambda: self.jobs.end(self.job.job_id, state, message, values))

    def _close_once(self) -> None:
        self._read()
        if self.owned:
            self._write()

    def _run(self) -> None:
        while not self._closing.wait(TICK_S):
            try:
                self._tick()
            except EodiError as reason:
                logger.warning("the row could not be written, trying again: %s", reason)
            except Exception:
                logger.exception("the row could not be written, trying again")  # a dead thread could stop nothing
            self._end_if_hung()

    def _tick(self) -> None:
        now = time.monotonic()
        if now - self._read_at >= READ_EVERY_S:
            self._read()
            self._read_at = now
        moved = self.latest is not self._written
        if self.owned and (moved or now - self._written_at >= HEARTBEAT_EVERY_S):
            self._write()
            self._written_at = now

    def _read(self) -> None:
        row = self.jobs.get(self.job.job_id)
        self.state = row.state
        mine = (row.pid, row.attempt) == (self.job.pid, self.job.attempt)
        self.owned = mine and row.state in OWN_STATES

    def _write(self) -> None:
        told = self.latest
        self.state = self.jobs.progress(self.job.job_id, told.done, told.total, told.message, told.values)
        self._written = told

    def _end_if_hung(self) -> None:
        """Kill this process when it was asked to stop and the work has not come to a safe point for a minute."""
        if not self.stop_requested:
            return
        now = time.monotonic()
        self._asked_at = self._asked_at or now
        if now - self._asked_at < KILL_AFTER_S:
            return
        logger.error("the work did not stop within %.0f s; this process is killed", KILL_AFTER_S)
        self._end_killed()
        own = find_process(self.job.pid, self.job.process_started_at)
        if own is not None and own.pid == os.getpid():
            kill(own)

    def _end_killed(self) -> None:
        try:
            if self.owned:
                self.jobs.end(self.job.job_id, JobState.CANCELLED, KILLED, {})
        except EodiError as reason:
            logger.warning("the end could not be written: %s", reason)


def insist(action: Callable[[], object], for_s: float = INSIST_S) -> None:
    """Do it, again while the database is away.

    Raises:
        DatabaseUnavailable: still away after `for_s`; the row is then found interrupted.
    """
    until = time.monotonic() + for_s
    while True:
        try:
            action()
        except DatabaseUnavailable:
            if time.monotonic() > until:
                raise
            time.sleep(TICK_S)
        else:
            return
