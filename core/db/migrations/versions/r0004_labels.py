"""Labels, boxes, what was decided about each photo, and who is at work on it."""

from typing import Any

import sqlalchemy as sa

from core.db.migrations.versions.r0001_first_tables import MOMENT, TEXT, create, key, optional, required

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    create_labels()
    create_photo_labels()
    create_boxes()
    create_leases()


def of_a_photo(table: str) -> Any:
    name = f"fk_{table}_photo_sha256"
    return sa.ForeignKeyConstraint(["photo_sha256"], ["photos.sha256"], name=name, ondelete="CASCADE")


def create_labels() -> None:
    create(
        "labels",
        sa.Column("label_id", sa.Integer(), autoincrement=True, nullable=False),
        required("place_slug", key(64)),
        required("slug", key(64)),
        required("name_ko", TEXT),
        required("name_en", TEXT),
        required("colour", key(7)),
        required("position", sa.Integer()),
        required("retired", sa.Boolean()),
        required("seed_slug", key(64)),
        required("seed_sha256", key(64)),
        sa.PrimaryKeyConstraint("label_id", name="pk_labels"),
        sa.ForeignKeyConstraint(["place_slug"], ["places.slug"], name="fk_labels_place_slug"),
        sa.UniqueConstraint("slug", name="uq_labels_slug"),
        indexes={"ix_labels_place": ["place_slug", "position"]},
    )


def create_photo_labels() -> None:
    create(
        "photo_labels",
        required("photo_sha256", key(64)),
        required("revision", sa.Integer()),
        required("decision", key(16)),
        optional("reason", key(16)),
        required("actor", TEXT),
        required("changed_at", MOMENT),
        sa.PrimaryKeyConstraint("photo_sha256", name="pk_photo_labels"),
        of_a_photo("photo_labels"),
        indexes={"ix_photo_labels_decision": ["decision"], "ix_photo_labels_changed": ["changed_at"]},
    )


def create_boxes() -> None:
    create(
        "boxes",
        required("photo_sha256", key(64)),
        required("box_id", key(32)),
        required("label_id", sa.Integer()),
        required("position", sa.Integer()),
        *(required(edge, sa.Double()) for edge in ("x0", "y0", "x1", "y1")),
        required("origin", key(16)),
        required("drawn_at", MOMENT),
        required("drawn_by", TEXT),
        sa.PrimaryKeyConstraint("photo_sha256", "box_id", name="pk_boxes"),
        sa.ForeignKeyConstraint(["label_id"], ["labels.label_id"], name="fk_boxes_label_id"),
        of_a_photo("boxes"),
        indexes={"ix_boxes_label": ["label_id"], "ix_boxes_drawn": ["drawn_at"]},
    )


def create_leases() -> None:
    create(
        "label_leases",
        required("photo_sha256", key(64)),
        required("holder", key(64)),
        required("held_until", MOMENT),
        sa.PrimaryKeyConstraint("photo_sha256", name="pk_label_leases"),
        of_a_photo("label_leases"),
        indexes={"ix_label_leases_holder": ["holder"]},
    )
