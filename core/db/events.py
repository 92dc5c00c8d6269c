"""Lines of photos' history, written within the transaction of what they tell. Called by `photos` and `review`."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert
from sqlalchemy.orm import Session

from core.db.tables import PhotoEventRow
from core.domain.library import PhotoAction, PhotoEvent

Fields = dict[str, Any]


def write_events(
    session: Session, action: PhotoAction, actor: str, changes: Iterable[tuple[str, Fields, Fields]], undoes: str = ""
) -> str:
    """Write one line for each (sha256, before, after), and return their batch; "" when there were none.

    undoes: the batch that this one takes back.
    """
    batch_id = uuid4().hex
    same = {"at": datetime.now(UTC), "actor": actor, "action": PhotoAction(action).value}
    same |= {"batch_id": batch_id, "undoes": undoes}
    lines = [{"photo_sha256": sha256, "before": before, "after": after, **same} for sha256, before, after in changes]
    if not lines:
        return ""
    session.execute(insert(PhotoEventRow), lines)
    return batch_id


def event_from_row(row: PhotoEventRow) -> PhotoEvent:
    """Make the domain's event of a row."""
    return PhotoEvent(
        photo_sha256=row.photo_sha256,
        at=row.at,
        actor=row.actor,
        action=PhotoAction(row.action),
        batch_id=row.batch_id,
        before=dict(row.before),
        after=dict(row.after),
    )
