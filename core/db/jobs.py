"""The rows of jobs. Every change of state is one guarded UPDATE, so that of two processes only one succeeds.

How a job runs, is watched and ends is `core/jobs`.
"""

import hashlib
import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.db.columns import require_key
from core.db.engine import Database, restarted, rows_changed
from core.db.tables import JobRow
from core.domain.job import ENDED_STATES, RESUMABLE_STATES, Job, JobState
from core.errors import Conflict, InvalidInput, NotFound, Value

JOB_ID = re.compile(r"[0-9a-f]{12}")
WORKING_STATES = frozenset({JobState.RUNNING, JobState.CANCELLING})
# What a job may still be ended from. An interrupted one, too: its process was thought gone and was not.
OPEN_STATES = frozenset(JobState) - ENDED_STATES | {JobState.INTERRUPTED}


class JobRepository:
    """Reads and writes rows of jobs; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @restarted
    def create(self, kind: str, arguments: Sequence[str], dedupe_key: str = "", job_id: str = "") -> Job:
        """Queue a job, or return the one with the same non-empty `dedupe_key` that has not ended.

        job_id: 12 hexadecimal digits that no job has, for a caller that makes a folder for it first; "" for a new one.

        Raises:
            InvalidInput: `kind` is no name of a job.
        """
        require_key(kind, "kind", 64)
        job_id = job_id or secrets.token_hex(6)
        row = JobRow(job_id=job_id, kind=kind, arguments=list(arguments), state=JobState.QUEUED.value, done=0)
        row.message, row.message_values, row.attempt = "", {}, 1
        row.log_file, row.created_at = f"{job_id}.log", _now()
        row.dedupe_key, row.active_key = dedupe_key, _active_key(dedupe_key)
        while True:
            twin = self._twin(row.active_key)
            if twin is not None:
                return twin
            try:
                with self._database.session() as session:
                    session.add(row)
                return self.get(job_id)
            except IntegrityError:
                if row.active_key is None:
                    raise

    def get(self, job_id: str) -> Job:
        """Return a job.

        Raises:
            NotFound: no such job.
        """
        with self._database.reading() as session:
            return _job(_require(session, job_id))

    def list(self, states: Iterable[JobState] | None = None, limit: int = 50) -> tuple[Job, ...]:
        """Return jobs, newest first."""
        query = select(JobRow).order_by(JobRow.created_at.desc(), JobRow.job_id).limit(limit)
        if states is not None:
            query = query.where(JobRow.state.in_([state.value for state in states]))
        with self._database.reading() as session:
            return tuple(_job(row) for row in session.scalars(query))

    def claim(self, job_id: str, pid: int, process_started_at: float) -> Job:
        """Take a queued job for the process that will run it.

        Raises:
            NotFound: no such job.
            Conflict: it is not queued.
        """
        now = _now()
        process = {"pid": pid, "process_started_at": process_started_at}
        moments = {"started_at": now, "heartbeat_at": now}
        if not self._change(job_id, {JobState.QUEUED}, {"state": JobState.RUNNING, **process, **moments}):
            raise Conflict("job.not_queued", job_id=job_id, state=self.get(job_id).state.value)
        return self.get(job_id)

    def progress(
        self,
        job_id: str,
        done: int,
        total: int | None,
        message: str = "",
        message_values: Mapping[str, Value] | None = None,
    ) -> JobState:
        """Note progress and a heartbeat, and return the state: anything but RUNNING asks the job to stop.

        Raises:
            NotFound: no such job.
        """
        said = {"message": message, "message_values": dict(message_values or {})}
        self._change(job_id, WORKING_STATES, {"done": done, "total": total, "heartbeat_at": _now(), **said})
        return self.get(job_id).state

    def request_cancel(self, job_id: str) -> Job:
        """Ask a job to stop: one that no process works on is cancelled at once. Asking twice is harmless.

        Raises:
            NotFound: no such job.
            Conflict: it has ended otherwise.
        """
        idle = {JobState.QUEUED, JobState.PAUSED}
        if not self._change(job_id, idle, {"state": JobState.CANCELLED, "ended_at": _now(), "active_key": None}):
            self._change(job_id, {JobState.RUNNING}, {"state": JobState.CANCELLING})
        job = self.get(job_id)
        if job.state.ended and job.state is not JobState.CANCELLED:
            raise Conflict("job.ended", job_id=job_id, state=job.state.value)
        return job

    def end(
        self, job_id: str, state: JobState, message: str = "", message_values: Mapping[str, Value] | None = None
    ) -> Job:
        """Write how a job ended, or that it paused; one that has ended stays as it is.

        Raises:
            NotFound: no such job.
            InvalidInput: `state` is neither an end nor a pause.
        """
        if state not in ENDED_STATES | {JobState.PAUSED}:
            raise InvalidInput("job.no_end", state=state.value)
        values: dict[str, Any] = {"state": state, "message": message, "message_values": dict(message_values or {})}
        if state.ended:
            values |= {"ended_at": _now(), "active_key": None}
        self._change(job_id, OPEN_STATES, values)
        return self.get(job_id)

    def mark_interrupted(self, job_id: str, pid: int) -> Job:
        """Write that the process `pid` is gone; nothing changes when the job has ended or another process has it.

        Raises:
            NotFound: no such job.
        """
        values = {"state": JobState.INTERRUPTED, "ended_at": _now(), "active_key": None}
        self._change(job_id, WORKING_STATES, values, pid=pid)
        return self.get(job_id)

    @restarted
    def requeue(self, job_id: str) -> Job:
        """Queue a job again for its next attempt; what was done stays noted.

        Raises:
            NotFound: no such job.
            Conflict: it is under way or succeeded, or its twin is under way.
        """
        try:
            with self._database.session() as session:
                row = _require(session, job_id, for_update=True)
                if row.state not in RESUMABLE_STATES:
                    raise Conflict("job.not_resumable", job_id=job_id, state=row.state)
                row.state, row.attempt = JobState.QUEUED.value, row.attempt + 1
                row.pid = row.process_started_at = row.started_at = row.ended_at = None
                row.heartbeat_at = _now()  # a sign of life: watchers count the wait from here, not from its creation
                row.active_key = _active_key(row.dedupe_key)
        except IntegrityError as reason:
            raise Conflict("job.twin", job_id=job_id) from reason
        return self.get(job_id)

    def _twin(self, active_key: str | None) -> Job | None:
        if active_key is None:
            return None
        with self._database.reading() as session:
            row = session.scalars(select(JobRow).where(JobRow.active_key == active_key)).one_or_none()
            return None if row is None else _job(row)

    @restarted
    def _change(
        self, job_id: str, states: Collection[JobState], values: Mapping[str, Any], pid: int | None = None
    ) -> bool:
        """Change a row that is in one of `states` (and of process `pid`), and say whether it was."""
        if not JOB_ID.fullmatch(job_id):
            return False
        guarded = update(JobRow).where(JobRow.job_id == job_id, JobRow.state.in_([state.value for state in states]))
        if pid is not None:
            guarded = guarded.where(JobRow.pid == pid)
        plain = {name: value.value if isinstance(value, JobState) else value for name, value in values.items()}
        with self._database.session() as session:
            return rows_changed(session.execute(guarded.values(**plain))) > 0


def _require(session: Session, job_id: str, for_update: bool = False) -> JobRow:
    row = session.get(JobRow, job_id, with_for_update=for_update) if JOB_ID.fullmatch(job_id) else None
    if row is None:
        raise NotFound("job.not_found", job_id=job_id[:32])
    return row


def _active_key(dedupe_key: str) -> str | None:
    """Return the key that at most one unended job has; None for a job that may have twins."""
    return hashlib.sha256(dedupe_key.encode("utf-8", "surrogatepass")).hexdigest() if dedupe_key else None


def _now() -> datetime:
    return datetime.now(UTC)


def _job(row: JobRow) -> Job:
    return Job(
        job_id=row.job_id,
        kind=row.kind,
        arguments=tuple(row.arguments),
        state=JobState(row.state),
        done=row.done,
        total=row.total,
        message=row.message,
        message_values=row.message_values,
        log_file=row.log_file,
        attempt=row.attempt,
        pid=row.pid,
        process_started_at=row.process_started_at,
        created_at=row.created_at,
        started_at=row.started_at,
        heartbeat_at=row.heartbeat_at,
        ended_at=row.ended_at,
    )
