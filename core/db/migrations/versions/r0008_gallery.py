"""The gallery: an embedding of each photo for each run that made one."""

import sqlalchemy as sa

from core.db.migrations.versions.r0001_first_tables import MOMENT, create, key, required

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    photo = "photo_sha256"
    create(
        "embeddings",
        sa.Column("embedding_id", sa.Integer(), autoincrement=True, nullable=False),
        required("run_id", key(80)),
        required(photo, key(64)),
        required("codes", sa.LargeBinary()),
        required("written_at", MOMENT),
        sa.PrimaryKeyConstraint("embedding_id", name="pk_embeddings"),
        sa.UniqueConstraint("run_id", photo, name="uq_embeddings_run_id"),
        sa.ForeignKeyConstraint([photo], ["photos.sha256"], name="fk_embeddings_photo_sha256", ondelete="CASCADE"),
        indexes={"ix_embeddings_photo": [photo]},
    )
