"""What people wrote about trained runs: a note, tags, a star, and whether a run is out of the way.

The runs themselves are folders (`core/weights/folder`); a row here may outlive its folder. Read and written by the page
of metrics.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db.columns import ExactText, JsonText, Name, UtcMoment, ascii_key, require_key
from core.db.engine import Database, restarted
from core.db.tables import MYSQL_OPTIONS, RUN_LENGTH, Base
from core.errors import InvalidInput

MOST_TAGS, LONGEST_TAG, LONGEST_NOTE = 10, 40, 2000


class RunNoteRow(Base):
    """A run's note; `migrations/versions/r0005_run_notes` creates the table."""

    __tablename__ = "run_notes"
    __table_args__ = MYSQL_OPTIONS

    run_id: Mapped[str] = mapped_column(ascii_key(RUN_LENGTH), primary_key=True)
    note: Mapped[str] = mapped_column(ExactText)
    tags: Mapped[list[str]] = mapped_column(JsonText)
    favourite: Mapped[bool]
    archived: Mapped[bool]
    changed_at: Mapped[datetime] = mapped_column(UtcMoment)
    changed_by: Mapped[str] = mapped_column(Name)


@dataclass(frozen=True, slots=True)
class RunNote:
    """What is known of one run beside its manifest. changed_at: None while nobody wrote anything."""

    run_id: str
    note: str = ""
    tags: tuple[str, ...] = ()
    favourite: bool = False
    archived: bool = False
    changed_at: datetime | None = None
    changed_by: str = ""


class RunNoteRepository:
    """Reads and writes notes; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> dict[str, RunNote]:
        """Return all notes by run."""
        with self._database.reading() as session:
            return {row.run_id: _note(row) for row in session.scalars(select(RunNoteRow))}

    def get(self, run_id: str) -> RunNote:
        """Return a run's note, an empty one where nobody wrote any."""
        if not run_id.isascii():
            return RunNote(run_id)
        with self._database.reading() as session:
            row = session.scalars(_of(run_id)).one_or_none()
            return RunNote(run_id) if row is None else _note(row)

    @restarted
    def save(self, note: RunNote, actor: str) -> RunNote:
        """Store a note in place of the one before, and return it as it stands.

        Raises:
            InvalidInput: code "run_note.tags" or "run_note.long"; more than is kept. Nothing is stored.
        """
        wanted = replace(note, tags=tidy_tags(note.tags), changed_at=datetime.now(UTC), changed_by=actor)
        _check(wanted)
        with self._database.session() as session:
            row = session.scalars(_of(note.run_id).with_for_update()).one_or_none() or _new(session, note.run_id)
            row.note, row.tags, row.favourite, row.archived = (
                wanted.note,
                [*wanted.tags],
                wanted.favourite,
                wanted.archived,
            )
            row.changed_at, row.changed_by = wanted.changed_at or datetime.now(UTC), actor
        return wanted


def tidy_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """Return tags without the blanks around them, each once, in order."""
    return tuple(dict.fromkeys(tag for tag in (" ".join(tag.split()) for tag in tags) if tag))


def _check(note: RunNote) -> None:
    require_key(note.run_id, "run_id", RUN_LENGTH)
    if len(note.tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in note.tags):
        raise InvalidInput("run_note.tags", count=MOST_TAGS, limit=LONGEST_TAG)
    if len(note.note) > LONGEST_NOTE:
        raise InvalidInput("run_note.long", limit=LONGEST_NOTE)


def _of(run_id: str) -> Select[Any]:
    return select(RunNoteRow).where(RunNoteRow.run_id == run_id)


def _new(session: Session, run_id: str) -> RunNoteRow:
    row = RunNoteRow(run_id=run_id)
    session.add(row)
    return row


def _note(row: RunNoteRow) -> RunNote:
    return RunNote(row.run_id, row.note, tuple(row.tags), row.favourite, row.archived, row.changed_at, row.changed_by)
