"""The tables of hand-labelling: labels, what was decided about each photo, its boxes, and who is at work on it.

Only `labels`, `boxes` and the queries beside them use these; `migrations/versions/r0004_labels` creates them.
"""

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db.columns import Name, UtcMoment, ascii_key
from core.db.tables import HASH_LENGTH, MYSQL_OPTIONS, SLUG_LENGTH, Base

BOX_ID_LENGTH = 32


class LabelRow(Base):
    """A label; never deleted, so that its number is never given again. seed_slug, seed_sha256: what seeding wrote."""

    __tablename__ = "labels"
    __table_args__ = (Index("ix_labels_place", "place_slug", "position"), MYSQL_OPTIONS)

    label_id: Mapped[int] = mapped_column(primary_key=True)
    place_slug: Mapped[str] = mapped_column(ascii_key(SLUG_LENGTH), ForeignKey("places.slug"))
    slug: Mapped[str] = mapped_column(ascii_key(SLUG_LENGTH), unique=True)
    name_ko: Mapped[str] = mapped_column(Name)
    name_en: Mapped[str] = mapped_column(Name)
    colour: Mapped[str] = mapped_column(ascii_key(7))
    position: Mapped[int]
    retired: Mapped[bool]
    seed_slug: Mapped[str] = mapped_column(ascii_key(SLUG_LENGTH))
    seed_sha256: Mapped[str] = mapped_column(ascii_key(HASH_LENGTH))


class PhotoLabelsRow(Base):
    """What was decided about a photo, and how often its boxes were saved; no row while nobody touched it."""

    __tablename__ = "photo_labels"
    __table_args__ = (
        Index("ix_photo_labels_decision", "decision"),
        Index("ix_photo_labels_changed", "changed_at"),
        MYSQL_OPTIONS,
    )

    photo_sha256: Mapped[str] = mapped_column(
        ascii_key(HASH_LENGTH), ForeignKey("photos.sha256", ondelete="CASCADE"), primary_key=True
    )
    revision: Mapped[int]
    decision: Mapped[str] = mapped_column(ascii_key(16))
    reason: Mapped[str | None] = mapped_column(ascii_key(16))
    actor: Mapped[str] = mapped_column(Name)
    changed_at: Mapped[datetime] = mapped_column(UtcMoment)


class BoxRow(Base):
    """A box. position: its order on the photo. drawn_at, drawn_by: of its first save; later changes keep them."""

    __tablename__ = "boxes"
    __table_args__ = (
        Index("ix_boxes_label", "label_id"),
        Index("ix_boxes_drawn", "drawn_at"),
        MYSQL_OPTIONS,
    )

    photo_sha256: Mapped[str] = mapped_column(
        ascii_key(HASH_LENGTH), ForeignKey("photos.sha256", ondelete="CASCADE"), primary_key=True
    )
    box_id: Mapped[str] = mapped_column(ascii_key(BOX_ID_LENGTH), primary_key=True)
    label_id: Mapped[int] = mapped_column(ForeignKey("labels.label_id"))
    position: Mapped[int]
    left: Mapped[float] = mapped_column("x0", Double)
    top: Mapped[float] = mapped_column("y0", Double)
    right: Mapped[float] = mapped_column("x1", Double)
    bottom: Mapped[float] = mapped_column("y1", Double)
    origin: Mapped[str] = mapped_column(ascii_key(16))
    drawn_at: Mapped[datetime] = mapped_column(UtcMoment)
    drawn_by: Mapped[str] = mapped_column(Name)


class LeaseRow(Base):
    """Who is labelling a photo, and until when nobody else gets it."""

    __tablename__ = "label_leases"
    __table_args__ = (Index("ix_label_leases_holder", "holder"), MYSQL_OPTIONS)

    photo_sha256: Mapped[str] = mapped_column(
        ascii_key(HASH_LENGTH), ForeignKey("photos.sha256", ondelete="CASCADE"), primary_key=True
    )
    holder: Mapped[str] = mapped_column(ascii_key(64))
    held_until: Mapped[datetime] = mapped_column(UtcMoment)
