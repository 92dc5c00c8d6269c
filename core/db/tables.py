"""The tables; one schema for SQLite and MySQL. Only the repositories beside this file use them.

`migrations/versions` creates them: a change here needs a migration there, and a test compares the two. Indexes serve
the review page with 20,000 photos; `tests/benchmarks/review.py` times every filter and order of it.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, Double, ForeignKey, Index, MetaData, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.db.columns import CameraMoment, ExactText, JsonText, Name, UtcMoment, ascii_key

SLUG_LENGTH = 64
HASH_LENGTH = 64
RUN_LENGTH = 80
MYSQL_OPTIONS = {"mysql_engine": "InnoDB", "mysql_default_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin"}
NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Base(DeclarativeBase):
    """What all tables share."""

    metadata = MetaData(naming_convention=NAMES)


class ClassNumberRow(Base):
    """Every class number ever given out, and to which slug. Rows are never deleted: a number is never reused."""

    __tablename__ = "class_numbers"
    __table_args__ = MYSQL_OPTIONS

    class_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    slug: Mapped[str] = mapped_column(ascii_key(SLUG_LENGTH))


class PlaceRow(Base):
    """A place. seed_sha256: fingerprint of what seeding wrote last; "" for a place that a person added."""

    __tablename__ = "places"
    __table_args__ = (CheckConstraint("class_id >= 0", name="class_id"), MYSQL_OPTIONS)

    slug: Mapped[str] = mapped_column(ascii_key(SLUG_LENGTH), primary_key=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("class_numbers.class_id"), unique=True)
    name_ko: Mapped[str] = mapped_column(Name)
    name_en: Mapped[str] = mapped_column(Name)
    summary_ko: Mapped[str] = mapped_column(ExactText)
    summary_en: Mapped[str] = mapped_column(ExactText)
    description_ko: Mapped[str] = mapped_column(ExactText)
    description_en: Mapped[str] = mapped_column(ExactText)
    address_ko: Mapped[str] = mapped_column(ExactText)
    address_en: Mapped[str] = mapped_column(ExactText)
    phone: Mapped[str] = mapped_column(ExactText)
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)
    status_state: Mapped[str] = mapped_column(ascii_key(16))
    status_note_ko: Mapped[str] = mapped_column(ExactText)
    status_note_en: Mapped[str] = mapped_column(ExactText)
    status_as_of: Mapped[date | None] = mapped_column(Date)
    status_source: Mapped[str] = mapped_column(ExactText)
    picture_file: Mapped[str | None] = mapped_column(ExactText)
    picture_author: Mapped[str] = mapped_column(ExactText)
    picture_licence: Mapped[str] = mapped_column(ExactText)
    picture_source_url: Mapped[str] = mapped_column(ExactText)
    retired: Mapped[bool]
    seed_sha256: Mapped[str] = mapped_column(ascii_key(HASH_LENGTH))


class PointRow(Base):
    """A sight, restaurant or lodging; `source_id` is its number at `source`."""

    __tablename__ = "points_of_interest"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        Index("ix_points_of_interest_position", "latitude", "longitude"),
        MYSQL_OPTIONS,
    )

    point_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(ascii_key(16))
    name_ko: Mapped[str] = mapped_column(Name)
    name_en: Mapped[str] = mapped_column(Name)
    latitude: Mapped[float] = mapped_column(Double)
    longitude: Mapped[float] = mapped_column(Double)
    source: Mapped[str] = mapped_column(ascii_key(64))
    source_id: Mapped[str] = mapped_column(ascii_key(64))
    as_of: Mapped[date] = mapped_column(Date)
    seed_sha256: Mapped[str] = mapped_column(ascii_key(HASH_LENGTH))


class PhotoRow(Base):
    """A photo of the library. A photo of no known place has no `place_slug` and is `unknown`."""

    __tablename__ = "photos"
    __table_args__ = (
        CheckConstraint("NOT (is_unknown AND place_slug IS NOT NULL)", name="destination"),
        Index("ix_photos_place_status", "place_slug", "status", "created_at"),
        Index("ix_photos_unknown_status", "is_unknown", "status", "created_at"),
        Index("ix_photos_status", "status", "created_at"),
        Index("ix_photos_group", "group_id"),
        Index("ix_photos_perceptual_hash", "perceptual_hash"),
        Index("ix_photos_created", "created_at"),
        Index("ix_photos_look", "look_id"),
        Index("ix_photos_sharpness", "sharpness"),
        Index("ix_photos_brightness", "brightness"),
        MYSQL_OPTIONS,
    )

    sha256: Mapped[str] = mapped_column(ascii_key(HASH_LENGTH), primary_key=True)
    place_slug: Mapped[str | None] = mapped_column(ascii_key(SLUG_LENGTH), ForeignKey("places.slug"))
    is_unknown: Mapped[bool]
    status: Mapped[str] = mapped_column(ascii_key(16))
    format: Mapped[str] = mapped_column(ascii_key(16))
    width_px: Mapped[int]
    height_px: Mapped[int]
    size_bytes: Mapped[int]
    perceptual_hash: Mapped[str] = mapped_column(ascii_key(16))
    original_name: Mapped[str] = mapped_column(ExactText)
    source: Mapped[str] = mapped_column(ExactText)
    page_url: Mapped[str] = mapped_column(ExactText)
    author: Mapped[str] = mapped_column(ExactText)
    licence: Mapped[str] = mapped_column(ExactText)
    reject_reason: Mapped[str] = mapped_column(ExactText)
    group_id: Mapped[str] = mapped_column(ascii_key(64))
    split: Mapped[str | None] = mapped_column(ascii_key(16))
    taken_at: Mapped[datetime | None] = mapped_column(CameraMoment)
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)
    consent_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    created_at: Mapped[datetime] = mapped_column(UtcMoment)
    sharpness: Mapped[float | None] = mapped_column(Double)
    brightness: Mapped[float | None] = mapped_column(Double)
    look_id: Mapped[str] = mapped_column(ascii_key(64), server_default="")


class OpinionRow(Base):
    """What a model thinks of a photo; goes with the photo. answer_slug: no foreign key, as places come and go."""

    __tablename__ = "opinions"
    __table_args__ = (Index("ix_opinions_doubt", "run_id", "doubt"), MYSQL_OPTIONS)

    photo_sha256: Mapped[str] = mapped_column(
        ascii_key(HASH_LENGTH), ForeignKey(PhotoRow.sha256, ondelete="CASCADE"), primary_key=True
    )
    run_id: Mapped[str] = mapped_column(ascii_key(RUN_LENGTH), primary_key=True)
    answer_slug: Mapped[str | None] = mapped_column(ascii_key(SLUG_LENGTH))
    confidence: Mapped[float] = mapped_column(Double)
    own_probability: Mapped[float | None] = mapped_column(Double)
    doubt: Mapped[float] = mapped_column(Double)
    scores: Mapped[dict[str, float]] = mapped_column(JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcMoment)


class PhotoEventRow(Base):
    """A line of a photo's history; goes with the photo. event_id: tells the order. undoes: a batch, or ""."""

    __tablename__ = "photo_events"
    __table_args__ = (
        Index("ix_photo_events_photo", "photo_sha256", "event_id"),
        Index("ix_photo_events_batch", "batch_id"),
        MYSQL_OPTIONS,
    )

    event_id: Mapped[int] = mapped_column(primary_key=True)
    photo_sha256: Mapped[str] = mapped_column(ascii_key(HASH_LENGTH), ForeignKey(PhotoRow.sha256, ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcMoment)
    actor: Mapped[str] = mapped_column(ExactText)
    action: Mapped[str] = mapped_column(ascii_key(16))
    batch_id: Mapped[str] = mapped_column(ascii_key(32))
    undoes: Mapped[str] = mapped_column(ascii_key(32))
    before: Mapped[dict[str, Any]] = mapped_column(JsonText)
    after: Mapped[dict[str, Any]] = mapped_column(JsonText)


class SnapshotRow(Base):
    """A frozen data set; one of each fingerprint."""

    __tablename__ = "snapshots"
    __table_args__ = (UniqueConstraint("fingerprint"), MYSQL_OPTIONS)

    snapshot_id: Mapped[str] = mapped_column(ascii_key(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcMoment)
    fingerprint: Mapped[str] = mapped_column(ascii_key(HASH_LENGTH))
    photo_count: Mapped[int]
    group_count: Mapped[int]
    box_count: Mapped[int]
    counts: Mapped[dict[str, dict[str, int]]] = mapped_column(JsonText)
    note: Mapped[str] = mapped_column(ExactText)


class SnapshotPhotoRow(Base):
    """A photo of a snapshot, as it was: no foreign key to the photo, which may be deleted."""

    __tablename__ = "snapshot_photos"
    __table_args__ = MYSQL_OPTIONS

    snapshot_id: Mapped[str] = mapped_column(
        ascii_key(64), ForeignKey(SnapshotRow.snapshot_id, ondelete="CASCADE"), primary_key=True
    )
    sha256: Mapped[str] = mapped_column(ascii_key(HASH_LENGTH), primary_key=True)
    format: Mapped[str] = mapped_column(ascii_key(16))
    place_slug: Mapped[str | None] = mapped_column(ascii_key(SLUG_LENGTH))
    group_id: Mapped[str] = mapped_column(ascii_key(64))
    split: Mapped[str | None] = mapped_column(ascii_key(16))
    boxes: Mapped[list[dict[str, Any]] | None] = mapped_column(JsonText, nullable=False)


class FeedbackRow(Base):
    """A visitor's word on an answer. correct_slug: a place's or "unknown"; photo_sha256 goes with the photo."""

    __tablename__ = "feedback"
    __table_args__ = (
        Index("ix_feedback_verdict", "verdict"),
        Index("ix_feedback_photo", "photo_sha256"),
        MYSQL_OPTIONS,
    )

    feedback_id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcMoment)
    release: Mapped[str] = mapped_column(ExactText)
    answered_slug: Mapped[str | None] = mapped_column(ascii_key(SLUG_LENGTH))
    confidence: Mapped[float] = mapped_column(Double)
    verdict: Mapped[str] = mapped_column(ascii_key(16))
    correct_slug: Mapped[str | None] = mapped_column(ascii_key(SLUG_LENGTH))
    photo_sha256: Mapped[str | None] = mapped_column(
        ascii_key(HASH_LENGTH), ForeignKey("photos.sha256", ondelete="SET NULL")
    )
    scores: Mapped[dict[str, float]] = mapped_column(JsonText)


class JobRow(Base):
    """A job. active_key: hash of the dedupe key while the job has not ended, so that a twin cannot be inserted."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("active_key"),
        Index("ix_jobs_state", "state", "created_at"),
        Index("ix_jobs_created", "created_at"),
        MYSQL_OPTIONS,
    )

    job_id: Mapped[str] = mapped_column(ascii_key(32), primary_key=True)
    kind: Mapped[str] = mapped_column(ascii_key(64))
    arguments: Mapped[list[str]] = mapped_column(JsonText)
    state: Mapped[str] = mapped_column(ascii_key(16))
    done: Mapped[int]
    total: Mapped[int | None]
    message: Mapped[str] = mapped_column(ExactText)
    message_values: Mapped[dict[str, Any]] = mapped_column(JsonText)
    log_file: Mapped[str] = mapped_column(ExactText)
    attempt: Mapped[int]
    pid: Mapped[int | None]
    process_started_at: Mapped[float | None] = mapped_column(Double)
    dedupe_key: Mapped[str] = mapped_column(ExactText)
    active_key: Mapped[str | None] = mapped_column(ascii_key(HASH_LENGTH))
    created_at: Mapped[datetime] = mapped_column(UtcMoment)
    started_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcMoment)
    ended_at: Mapped[datetime | None] = mapped_column(UtcMoment)


class ReleaseRow(Base):
    """A release. previous_id: what was in service when it was promoted, and where a rollback leads."""

    __tablename__ = "releases"
    __table_args__ = MYSQL_OPTIONS

    release_id: Mapped[int] = mapped_column(primary_key=True)
    members: Mapped[dict[str, dict[str, str]]] = mapped_column(JsonText)
    note: Mapped[str] = mapped_column(ExactText)
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("releases.release_id"))
    created_at: Mapped[datetime] = mapped_column(UtcMoment)


class ServiceRow(Base):
    """The one row that says what is in service, and which catalogue was seeded last."""

    __tablename__ = "service"
    __table_args__ = (CheckConstraint("service_id = 1", name="single"), MYSQL_OPTIONS)

    service_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    release_id: Mapped[int | None] = mapped_column(ForeignKey("releases.release_id"))
    catalogue_sha256: Mapped[str] = mapped_column(ascii_key(HASH_LENGTH))
