"""A job: long work as one command line and one row; see `core/jobs` for how it runs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobState(StrEnum):
    """The states of a job; none is inferred but INTERRUPTED, which is written when its process is found gone."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def ended(self) -> bool:
        """Whether no process works on it any more."""
        return self in ENDED_STATES


ENDED_STATES = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED})
RESUMABLE_STATES = frozenset({JobState.FAILED, JobState.CANCELLED, JobState.INTERRUPTED, JobState.PAUSED})


@dataclass(frozen=True, slots=True)
class Job:
    """One row. `arguments` follow `python -m core`; `message` is a message key with its values."""

    job_id: str
    kind: str
    arguments: tuple[str, ...]
    state: JobState
    done: int
    total: int | None
    message: str
    message_values: dict[str, str | float | int]
    log_file: str
    attempt: int
    pid: int | None
    process_started_at: float | None
    created_at: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    ended_at: datetime | None
