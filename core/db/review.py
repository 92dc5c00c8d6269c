"""What curators decide about photos: each decision is one transaction, leaves a line of history, and can be undone.

Rows are locked in the order of their keys, so two who decide at once wait for each other, and the later word stands.
A decision never touches a photo's split: nothing leaves the test split by being moved or thrown out.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.db.columns import exact_text
from core.db.engine import Database, restarted
from core.db.events import Fields, event_from_row, write_events
from core.db.opinions import refile
from core.db.photo_rows import SHA256, destination, in_batches, require_photo
from core.db.places import UNKNOWN
from core.db.tables import PhotoEventRow, PhotoRow
from core.domain.library import Change, PhotoAction, PhotoEvent, RejectReason
from core.domain.photo import PhotoStatus
from core.errors import Conflict, NotFound

DECISIONS = frozenset(
    {
        PhotoAction.ACCEPTED,
        PhotoAction.REJECTED,
        PhotoAction.MOVED,
        PhotoAction.SET_ASIDE,
        PhotoAction.REOPENED,
        PhotoAction.UNDONE,
    }
)
NOTE = "note"  # in `after`: words of the curator, which stand in no column


class ReviewRepository:
    """Decides about photos and tells what was decided; thread-safe. Photos that are gone are passed over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def accept(self, sha256s: Collection[str], actor: str) -> Change:
        """Take photos into the data."""
        return self._decide(sha256s, PhotoAction.ACCEPTED, actor, _status(PhotoStatus.ACCEPTED))

    def reject(self, sha256s: Collection[str], reason: RejectReason, note: str, actor: str) -> Change:
        """Throw photos out. The reason stands in the record, the note in the history.

        Raises:
            InvalidInput: the note is too long.
        """
        after = _status(PhotoStatus.REJECTED, RejectReason(reason).value)
        return self._decide(sha256s, PhotoAction.REJECTED, actor, after, note)

    def move(self, sha256s: Collection[str], place_slug: str | None, actor: str) -> Change:
        """File photos under a place, under "unknown", or back under unsorted by None; their status and split stay.

        Raises:
            NotFound: no such place.
        """
        return self._decide(sha256s, PhotoAction.MOVED, actor, {"place_slug": place_slug})

    def set_aside(self, sha256s: Collection[str], why: str, actor: str) -> Change:
        """Leave photos for a person to look at; why stands in the record as its `reject_reason`."""
        return self._decide(sha256s, PhotoAction.SET_ASIDE, actor, _status(PhotoStatus.SET_ASIDE, why))

    def reopen(self, sha256s: Collection[str], actor: str) -> Change:
        """Put photos back among those to review."""
        return self._decide(sha256s, PhotoAction.REOPENED, actor, _status(PhotoStatus.NEW))

    @restarted
    def undo(self, batch_id: str, actor: str) -> Change:
        """Take back a decision on all of its photos; an undone one is redone by undoing the undoing.

        Raises:
            NotFound: no decision has this number, or all of its photos are gone.
            Conflict: a photo was changed after it; nothing is taken back.
        """
        with self._database.session() as session:
            made = _events_of(session, batch_id)
            standing = {sha256: fields for sha256, fields in _locked(session, made)}
            late = _changed_since(session, made, standing)
            if late:
                raise Conflict("review.changed_since", photos=len(late))
            changes = [(sha256, _columns_only(e.after), _columns_only(e.before)) for sha256, e in made.items()]
            _set(session, ((sha256, before) for sha256, _, before in changes))
            return Change(write_events(session, PhotoAction.UNDONE, actor, changes, undoes=batch_id), len(changes))

    @restarted
    def note(self, sha256: str, action: PhotoAction, actor: str, before: Fields, after: Fields) -> None:
        """Add a line to a photo's history about something that was done elsewhere.

        Raises:
            NotFound: no such photo.
        """
        with self._database.session() as session:
            require_photo(session, sha256)
            write_events(session, action, actor, [(sha256, before, after)])

    def history(self, sha256: str) -> tuple[PhotoEvent, ...]:
        """Return what happened to a photo, newest first; nothing for a photo that is not there."""
        if not SHA256.fullmatch(sha256):
            return ()
        query = select(PhotoEventRow).where(PhotoEventRow.photo_sha256 == sha256)
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(PhotoEventRow.event_id.desc()))
            return tuple(event_from_row(row) for row in rows)

    @restarted
    def _decide(
        self, sha256s: Collection[str], action: PhotoAction, actor: str, after: Fields, note: str = ""
    ) -> Change:
        """Change what differs, and tell of each photo what did; a new note on an old decision is told too."""
        note = exact_text(note)
        said = {NOTE: note} if note else {}
        with self._database.session() as session:
            _columns(session, after)  # a place that is not there is refused even when there is no photo to move
            changes = []
            for sha256, standing in _locked(session, sha256s):
                before = {name: standing[name] for name, value in after.items() if standing[name] != value}
                if before or said:
                    changes.append((sha256, before, {name: after[name] for name in before} | said))
            _set(session, ((sha256, after) for sha256, _, _ in changes))
            return Change(write_events(session, action, actor, changes), len(changes))


def _status(status: PhotoStatus, reason: str = "") -> Fields:
    return {"status": status.value, "reject_reason": reason}


def _locked(session: Session, sha256s: Collection[str]) -> Iterator[tuple[str, Fields]]:
    """Lock the photos' rows and yield (sha256, the fields that decisions change)."""
    columns = (PhotoRow.sha256, PhotoRow.place_slug, PhotoRow.is_unknown, PhotoRow.status, PhotoRow.reject_reason)
    for keys in in_batches(sha256s):
        query = select(*columns).where(PhotoRow.sha256.in_(keys)).order_by(PhotoRow.sha256).with_for_update()
        for sha256, slug, is_unknown, status, reason in session.execute(query).all():
            place_slug = UNKNOWN if is_unknown else slug
            yield sha256, {"place_slug": place_slug, "status": status, "reject_reason": reason}


def _set(session: Session, wanted: Iterable[tuple[str, Fields]]) -> None:
    """Set fields of photos; those that get the same are set together."""
    together: dict[tuple[tuple[str, Any], ...], list[str]] = {}
    for sha256, fields in wanted:
        together.setdefault(tuple(fields.items()), []).append(sha256)
    for same, sha256s in together.items():
        values = _columns(session, dict(same))
        for keys in in_batches(sha256s) if values else ():
            session.execute(update(PhotoRow).where(PhotoRow.sha256.in_(keys)).values(values))
        if "place_slug" in values:
            refile(session, sha256s, dict(same)["place_slug"])


def _columns(session: Session, fields: Fields) -> Fields:
    """Return the columns' values of fields; a place becomes two columns."""
    values = {name: value for name, value in fields.items() if name != "place_slug"}
    return values | (destination(session, fields["place_slug"]) if "place_slug" in fields else {})


def _columns_only(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if name != NOTE}


def _events_of(session: Session, batch_id: str) -> dict[str, PhotoEventRow]:
    """Return the lines of a decision by photo."""
    query = select(PhotoEventRow).where(PhotoEventRow.batch_id == batch_id)
    rows = session.scalars(query).all() if batch_id.isascii() else ()
    made = {row.photo_sha256: row for row in rows if row.action in DECISIONS}
    if not made:
        raise NotFound("review.nothing_to_undo")
    return made


def _changed_since(session: Session, made: dict[str, PhotoEventRow], standing: dict[str, Fields]) -> set[str]:
    """Return the photos that were decided about later, or that do not stand as the decision left them."""
    changed = set()
    for sha256, fields in standing.items():
        if any(fields[name] != value for name, value in _columns_only(made[sha256].after).items()):
            changed.add(sha256)
    for keys in in_batches(made):
        query = select(PhotoEventRow).where(PhotoEventRow.photo_sha256.in_(keys))
        later: dict[str, list[PhotoEventRow]] = {}
        for row in session.scalars(query.order_by(PhotoEventRow.event_id.desc())):
            if row.event_id > made[row.photo_sha256].event_id and row.action in DECISIONS:
                later.setdefault(row.photo_sha256, []).append(row)
        changed.update(sha256 for sha256, rows in later.items() if _any_stands(rows, made[sha256].batch_id))
    return changed


def _any_stands(newest_first: Sequence[PhotoEventRow], batch_id: str) -> bool:
    """Whether one of the later decisions about a photo still counts: was not undone itself, or undid this one."""
    undone: set[str] = set()
    for row in newest_first:
        if row.batch_id in undone:
            continue
        if row.undoes in {"", batch_id}:
            return True
        undone.add(row.undoes)
    return False
