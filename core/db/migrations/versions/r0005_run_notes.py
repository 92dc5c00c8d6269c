"""What people wrote about trained runs."""

import sqlalchemy as sa

from core.db.migrations.versions.r0001_first_tables import JSON, MOMENT, TEXT, create, key, required

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    create(
        "run_notes",
        required("run_id", key(80)),
        required("note", TEXT),
        required("tags", JSON),
        required("favourite", sa.Boolean()),
        required("archived", sa.Boolean()),
        required("changed_at", MOMENT),
        required("changed_by", TEXT),
        sa.PrimaryKeyConstraint("run_id", name="pk_run_notes"),
    )
