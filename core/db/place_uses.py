"""What hangs on a place, and so decides whether it can go. Called by `places`."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.db.label_tables import BoxRow, LabelRow
from core.db.tables import PhotoRow
from core.domain.place import PlaceUses


def count_uses(session: Session, slug: str) -> PlaceUses:
    """Count the photos, labels and boxes of a place; retired labels too, as their numbers stay given."""
    theirs = LabelRow.place_slug == slug
    return PlaceUses(
        photos=session.scalars(select(func.count()).select_from(PhotoRow).where(PhotoRow.place_slug == slug)).one(),
        labels=session.scalars(select(func.count()).select_from(LabelRow).where(theirs)).one(),
        boxes=session.scalars(select(func.count()).select_from(BoxRow).join(LabelRow).where(theirs)).one(),
    )
