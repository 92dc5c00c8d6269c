"""The first tables.

MySQL commits each statement of a migration by itself, so a step that was cut off is taken up where it stopped: what
stands already is left as it is.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None

MYSQL_OPTIONS: dict[str, Any] = {
    "mysql_engine": "InnoDB",
    "mysql_default_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_bin",
}


def key(length: int) -> sa.String:
    return sa.String(length).with_variant(mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql")


def required(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def optional(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


TEXT = sa.Text()
JSON = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")

Indexes = dict[str, list[str]]
PLACE_TEXTS = ("name", "summary", "description", "address")


def create(table: str, *parts: Any, indexes: Indexes | None = None) -> None:
    standing = sa.inspect(op.get_bind())
    if not standing.has_table(table):
        op.create_table(table, *parts, **MYSQL_OPTIONS)
    have = {index["name"] for index in sa.inspect(op.get_bind()).get_indexes(table)}
    for name, columns in (indexes or {}).items():
        if name not in have:
            op.create_index(name, table, columns)


def upgrade() -> None:
    create_catalogue()
    create_photos()
    create_jobs()
    create_releases()
    if not op.get_bind().execute(sa.text("SELECT COUNT(*) FROM service")).scalar():
        op.execute("INSERT INTO service (service_id, release_id, catalogue_sha256) VALUES (1, NULL, '')")


def create_catalogue() -> None:
    create(
        "class_numbers",
        sa.Column("class_id", sa.Integer(), autoincrement=False, nullable=False),
        required("slug", key(64)),
        sa.PrimaryKeyConstraint("class_id", name="pk_class_numbers"),
    )
    create(
        "places",
        required("slug", key(64)),
        required("class_id", sa.Integer()),
        *(required(f"{text}_{language}", TEXT) for text in PLACE_TEXTS for language in ("ko", "en")),
        required("phone", TEXT),
        optional("latitude", sa.Double()),
        optional("longitude", sa.Double()),
        required("status_state", key(16)),
        required("status_note_ko", TEXT),
        required("status_note_en", TEXT),
        optional("status_as_of", sa.Date()),
        required("status_source", TEXT),
        optional("picture_file", TEXT),
        required("picture_author", TEXT),
        required("picture_licence", TEXT),
        required("picture_source_url", TEXT),
        required("retired", sa.Boolean()),
        required("seed_sha256", key(64)),
        sa.PrimaryKeyConstraint("slug", name="pk_places"),
        sa.UniqueConstraint("class_id", name="uq_places_class_id"),
        sa.ForeignKeyConstraint(["class_id"], ["class_numbers.class_id"], name="fk_places_class_id"),
        sa.CheckConstraint("class_id >= 0", name=op.f("ck_places_class_id")),
    )
    create(
        "points_of_interest",
        sa.Column("point_id", sa.Integer(), autoincrement=True, nullable=False),
        required("kind", key(16)),
        required("name_ko", TEXT),
        required("name_en", TEXT),
        required("latitude", sa.Double()),
        required("longitude", sa.Double()),
        required("source", key(64)),
        required("source_id", key(64)),
        required("as_of", sa.Date()),
        required("seed_sha256", key(64)),
        sa.PrimaryKeyConstraint("point_id", name="pk_points_of_interest"),
        sa.UniqueConstraint("source", "source_id", name="uq_points_of_interest_source"),
        indexes={"ix_points_of_interest_position": ["latitude", "longitude"]},
    )


def create_photos() -> None:
    create(
        "photos",
        required("sha256", key(64)),
        optional("place_slug", key(64)),
        required("is_unknown", sa.Boolean()),
        required("status", key(16)),
        required("format", key(16)),
        *(required(name, sa.Integer()) for name in ("width_px", "height_px", "size_bytes")),
        required("perceptual_hash", key(16)),
        *(required(name, TEXT) for name in ("original_name", "source", "page_url", "author", "licence")),
        required("reject_reason", TEXT),
        required("group_id", key(64)),
        optional("split", key(16)),
        optional("taken_at", sa.String(40)),
        optional("latitude", sa.Double()),
        optional("longitude", sa.Double()),
        optional("consent_at", MOMENT),
        required("created_at", MOMENT),
        sa.PrimaryKeyConstraint("sha256", name="pk_photos"),
        sa.ForeignKeyConstraint(["place_slug"], ["places.slug"], name="fk_photos_place_slug"),
        sa.CheckConstraint("NOT (is_unknown AND place_slug IS NOT NULL)", name=op.f("ck_photos_destination")),
        indexes={
            "ix_photos_place_status": ["place_slug", "status", "created_at"],
            "ix_photos_unknown_status": ["is_unknown", "status", "created_at"],
            "ix_photos_status": ["status", "created_at"],
            "ix_photos_group": ["group_id"],
            "ix_photos_perceptual_hash": ["perceptual_hash"],
        },
    )


def create_jobs() -> None:
    create(
        "jobs",
        required("job_id", key(32)),
        required("kind", key(64)),
        required("arguments", JSON),
        required("state", key(16)),
        required("done", sa.Integer()),
        optional("total", sa.Integer()),
        required("message", TEXT),
        required("message_values", JSON),
        required("log_file", TEXT),
        required("attempt", sa.Integer()),
        optional("pid", sa.Integer()),
        optional("process_started_at", sa.Double()),
        required("dedupe_key", TEXT),
        optional("active_key", key(64)),
        required("created_at", MOMENT),
        *(optional(name, MOMENT) for name in ("started_at", "heartbeat_at", "ended_at")),
        sa.PrimaryKeyConstraint("job_id", name="pk_jobs"),
        sa.UniqueConstraint("active_key", name="uq_jobs_active_key"),
        indexes={"ix_jobs_state": ["state", "created_at"], "ix_jobs_created": ["created_at"]},
    )


def create_releases() -> None:
    create(
        "releases",
        sa.Column("release_id", sa.Integer(), autoincrement=True, nullable=False),
        required("members", JSON),
        required("note", TEXT),
        optional("previous_id", sa.Integer()),
        required("created_at", MOMENT),
        sa.PrimaryKeyConstraint("release_id", name="pk_releases"),
        sa.ForeignKeyConstraint(["previous_id"], ["releases.release_id"], name="fk_releases_previous_id"),
    )
    create(
        "service",
        sa.Column("service_id", sa.Integer(), autoincrement=False, nullable=False),
        optional("release_id", sa.Integer()),
        required("catalogue_sha256", key(64)),
        sa.PrimaryKeyConstraint("service_id", name="pk_service"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.release_id"], name="fk_service_release_id"),
        sa.CheckConstraint("service_id = 1", name=op.f("ck_service_single")),
    )
