"""How often each source was asked today, and which hosts asked for a pause."""

import sqlalchemy as sa

from core.db.migrations.versions.r0001_first_tables import MOMENT, create, key, required

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    create(
        "source_requests",
        required("source", key(64)),
        required("day", sa.Date()),
        required("spent", sa.Integer()),
        sa.PrimaryKeyConstraint("source", "day", name="pk_source_requests"),
    )
    create(
        "host_pauses",
        required("host", key(270)),
        required("until", MOMENT),
        sa.PrimaryKeyConstraint("host", name="pk_host_pauses"),
    )
