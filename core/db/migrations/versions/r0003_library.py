"""The library: what is measured of a photo, its look, its history, the models' opinions, and frozen snapshots."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from core.db.migrations.versions.r0001_first_tables import JSON, MOMENT, TEXT, create, key, optional, required

revision = "0003"
down_revision = "0002"

PHOTO_INDEXES = {
    "ix_photos_created": ["created_at"],
    "ix_photos_look": ["look_id"],
    "ix_photos_sharpness": ["sharpness"],
    "ix_photos_brightness": ["brightness"],
}


def upgrade() -> None:
    add_column("photos", optional("sharpness", sa.Double()))
    add_column("photos", optional("brightness", sa.Double()))
    add_column("photos", sa.Column("look_id", key(64), nullable=False, server_default=""))
    have = {index["name"] for index in sa.inspect(op.get_bind()).get_indexes("photos")}
    for name, columns in PHOTO_INDEXES.items():
        if name not in have:
            op.create_index(name, "photos", columns)
    create_opinions()
    create_events()
    create_snapshots()


def add_column(table: str, column: sa.Column[Any]) -> None:
    if column.name not in {standing["name"] for standing in sa.inspect(op.get_bind()).get_columns(table)}:
        op.add_column(table, column)


def of_a_photo(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["photo_sha256"], ["photos.sha256"], name=f"fk_{table}_photo_sha256", ondelete="CASCADE"
    )


def create_opinions() -> None:
    create(
        "opinions",
        required("photo_sha256", key(64)),
        required("run_id", key(80)),
        optional("answer_slug", key(64)),
        required("confidence", sa.Double()),
        optional("own_probability", sa.Double()),
        required("doubt", sa.Double()),
        required("scores", JSON),
        required("created_at", MOMENT),
        sa.PrimaryKeyConstraint("photo_sha256", "run_id", name="pk_opinions"),
        of_a_photo("opinions"),
        indexes={"ix_opinions_doubt": ["run_id", "doubt"]},
    )


def create_events() -> None:
    create(
        "photo_events",
        sa.Column("event_id", sa.Integer(), autoincrement=True, nullable=False),
        required("photo_sha256", key(64)),
        required("at", MOMENT),
        required("actor", TEXT),
        required("action", key(16)),
        required("batch_id", key(32)),
        required("undoes", key(32)),
        required("before", JSON),
        required("after", JSON),
        sa.PrimaryKeyConstraint("event_id", name="pk_photo_events"),
        of_a_photo("photo_events"),
        indexes={"ix_photo_events_photo": ["photo_sha256", "event_id"], "ix_photo_events_batch": ["batch_id"]},
    )


def create_snapshots() -> None:
    create(
        "snapshots",
        required("snapshot_id", key(64)),
        required("created_at", MOMENT),
        required("fingerprint", key(64)),
        *(required(name, sa.Integer()) for name in ("photo_count", "group_count", "box_count")),
        required("counts", JSON),
        required("note", TEXT),
        sa.PrimaryKeyConstraint("snapshot_id", name="pk_snapshots"),
        sa.UniqueConstraint("fingerprint", name="uq_snapshots_fingerprint"),
    )
    create(
        "snapshot_photos",
        required("snapshot_id", key(64)),
        required("sha256", key(64)),
        required("format", key(16)),
        optional("place_slug", key(64)),
        required("group_id", key(64)),
        optional("split", key(16)),
        required("boxes", JSON),
        sa.PrimaryKeyConstraint("snapshot_id", "sha256", name="pk_snapshot_photos"),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshots.snapshot_id"], name="fk_snapshot_photos_snapshot_id", ondelete="CASCADE"
        ),
    )
