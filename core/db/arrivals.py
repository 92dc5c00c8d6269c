"""New photos into their table, each with the first line of its history. Called by `photos`."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.db.engine import Database, restarted
from core.db.events import write_events
from core.db.photo_rows import check_record, in_batches, new_row
from core.db.tables import PhotoRow
from core.domain.library import PhotoAction
from core.domain.photo import PhotoRecord

ATTEMPTS = 5  # each one meets photos that another process wrote in the very instant between looking and writing


@restarted
def add_photos(
    database: Database, records: Sequence[PhotoRecord], action: PhotoAction | None, actor: str
) -> frozenset[str]:
    """Add those photos whose bytes are not known, all or none, and return their hashes.

    action: how they came; None writes no history.

    Raises:
        InvalidInput: a hash, group, look or position that is none.
        NotFound: no such place.
    """
    for record in records:
        check_record(record)
    # By hash, so that two who bring the same photos do not wait for each other in a circle.
    ordered = [record for _, record in sorted({record.sha256: record for record in reversed(records)}.items())]
    for attempt in range(ATTEMPTS):
        try:
            with database.session() as session:
                return _insert_unknown(session, ordered, action, actor)
        except IntegrityError:
            if attempt + 1 == ATTEMPTS:
                raise
    raise AssertionError("the last attempt returns or raises")


def _insert_unknown(
    session: Session, records: Sequence[PhotoRecord], action: PhotoAction | None, actor: str
) -> frozenset[str]:
    known: set[str] = set()
    for keys in in_batches(record.sha256 for record in records):
        known.update(session.scalars(select(PhotoRow.sha256).where(PhotoRow.sha256.in_(keys))))
    new = [record for record in records if record.sha256 not in known]
    session.add_all([new_row(session, record) for record in new])
    session.flush()
    if action is not None:
        came = {r.sha256: {"place_slug": r.place_slug, "status": r.status.value} for r in new}
        write_events(session, action, actor, [(sha256, {}, fields) for sha256, fields in came.items()])
    return frozenset(record.sha256 for record in new)
