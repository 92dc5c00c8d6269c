"""Visitors' feedback on answers."""

import sqlalchemy as sa

from core.db.migrations.versions.r0001_first_tables import JSON, MOMENT, TEXT, create, key, optional, required

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    create(
        "feedback",
        sa.Column("feedback_id", sa.Integer(), autoincrement=True, nullable=False),
        required("created_at", MOMENT),
        required("release", TEXT),
        optional("answered_slug", key(64)),
        required("confidence", sa.Double()),
        required("verdict", key(16)),
        optional("correct_slug", key(64)),
        optional("photo_sha256", key(64)),
        required("scores", JSON),
        sa.PrimaryKeyConstraint("feedback_id", name="pk_feedback"),
        sa.ForeignKeyConstraint(
            ["photo_sha256"], ["photos.sha256"], name="fk_feedback_photo_sha256", ondelete="SET NULL"
        ),
        indexes={"ix_feedback_verdict": ["verdict"], "ix_feedback_photo": ["photo_sha256"]},
    )
