"""The embeddings of the library's photos, one row a photo and run, as the few bytes that a run's gallery compares.

Rows are written once and go with their photo; where it belongs is read from the photo's own row, so accepting, moving
and rejecting change the gallery without a word here. Written by `core/identify`, read by `core/gallery`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    Select,
    UniqueConstraint,
    and_,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from core.db.columns import UtcMoment, ascii_key, require_key
from core.db.engine import Database, restarted
from core.db.photo_rows import in_batches, record_from_row
from core.db.tables import HASH_LENGTH, MYSQL_OPTIONS, RUN_LENGTH, Base, PhotoEventRow, PhotoRow, PlaceRow, SnapshotRow
from core.domain.photo import PhotoRecord, PhotoStatus, Split

Stamp = tuple[object, ...]
PAGE = 2000  # rows


class EmbeddingRow(Base):
    """A photo as a run sees it; `migrations/versions/r0008_gallery` creates the table. codes: int8, a number a byte."""

    __tablename__ = "embeddings"
    __table_args__ = (
        UniqueConstraint("run_id", "photo_sha256"),
        Index("ix_embeddings_photo", "photo_sha256"),
        MYSQL_OPTIONS,
    )

    embedding_id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[str] = mapped_column(ascii_key(RUN_LENGTH))
    photo_sha256: Mapped[str] = mapped_column(ascii_key(HASH_LENGTH), ForeignKey(PhotoRow.sha256, ondelete="CASCADE"))
    codes: Mapped[bytes] = mapped_column(LargeBinary)
    written_at: Mapped[datetime] = mapped_column(UtcMoment)


@dataclass(frozen=True, slots=True)
class KnownPhoto:
    """A photo of the library as a gallery shows it. codes: b"" where it was not asked for.

    class_id: None for a photo of no known place. counts: False for a photo that no gallery shows (any more).
    """

    sha256: str
    class_id: int | None
    group_id: str
    counts: bool = True
    codes: bytes = b""


class EmbeddingRepository:
    """Reads and writes embeddings; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def stamp(self, run_id: str) -> Stamp:
        """Return what differs after any change of what a run's gallery shows; a few thousandths of a second.

        It is made of the newest line of the photos' history, the newest embedding, the number of embeddings, and the
        newest snapshot: freezing is what puts photos into the test split. Moments are in it because SQLite gives the
        number of a deleted row again.
        """
        event = select(PhotoEventRow.event_id, PhotoEventRow.at).order_by(PhotoEventRow.event_id.desc()).limit(1)
        mine = EmbeddingRow.run_id == run_id
        newest = select(EmbeddingRow.embedding_id, EmbeddingRow.written_at)
        count = select(func.count()).select_from(EmbeddingRow).where(mine)
        with self._database.reading() as session:
            told = session.execute(event).one_or_none()
            written = session.execute(newest.order_by(EmbeddingRow.embedding_id.desc()).limit(1)).one_or_none()
            frozen = session.scalars(select(func.max(SnapshotRow.created_at))).one()
            return (*(told or ()), *(written or ()), session.scalars(count).one(), frozen)

    def read(self, run_id: str) -> Iterator[tuple[KnownPhoto, ...]]:
        """Yield the photos that a run's gallery shows, with their codes, so many at once as take little memory."""
        query = (
            select(PhotoRow.sha256, PlaceRow.class_id, PhotoRow.group_id, EmbeddingRow.codes)
            .select_from(EmbeddingRow)
            .join(PhotoRow, EmbeddingRow.photo_sha256 == PhotoRow.sha256)
            .outerjoin(PlaceRow, PhotoRow.place_slug == PlaceRow.slug)
            .where(EmbeddingRow.run_id == run_id, _belongs(), _may_be_shown())
        )
        with self._database.reading() as session:
            for rows in session.execute(query).partitions(PAGE):
                yield tuple(KnownPhoto(sha256, place, group, True, codes) for sha256, place, group, codes in rows)

    def standings(self, sha256s: Sequence[str]) -> dict[str, KnownPhoto]:
        """Return where photos stand, without codes, by photo; those that are not in the library are left out."""
        query = (
            select(PhotoRow.sha256, PlaceRow.class_id, PhotoRow.group_id, and_(_belongs(), _may_be_shown()))
            .select_from(PhotoRow)
            .outerjoin(PlaceRow, PhotoRow.place_slug == PlaceRow.slug)
        )
        found: dict[str, KnownPhoto] = {}
        with self._database.reading() as session:
            for keys in in_batches(sha256s):
                rows = session.execute(query.where(PhotoRow.sha256.in_(keys)))
                found.update((row[0], KnownPhoto(row[0], row[1], row[2], bool(row[3]))) for row in rows)
        return found

    @restarted
    def put(self, run_id: str, codes: Mapping[str, bytes]) -> int:
        """Store embeddings in place of earlier ones of the same photos; return how many of the photos were there.

        Raises:
            InvalidInput: a run that is none.
        """
        require_key(run_id, "run_id", RUN_LENGTH)
        stored = 0
        with self._database.session() as session:
            for keys in in_batches(codes):
                held = select(PhotoRow.sha256).where(PhotoRow.sha256.in_(keys)).order_by(PhotoRow.sha256)
                there = list(session.scalars(held.with_for_update(read=True)))
                mine = EmbeddingRow.run_id == run_id
                session.execute(delete(EmbeddingRow).where(mine, EmbeddingRow.photo_sha256.in_(there)))
                same = {"run_id": run_id, "written_at": datetime.now(UTC)}
                rows = [{"photo_sha256": sha256, "codes": codes[sha256], **same} for sha256 in there]
                if rows:
                    session.execute(insert(EmbeddingRow), rows)
                stored += len(rows)
        return stored

    def missing(self, run_id: str, limit: int = 500, after: str = "") -> tuple[PhotoRecord, ...]:
        """Return accepted photos that a run has no embedding of, by hash, those after a hash."""
        query = _without(select(PhotoRow), run_id).where(PhotoRow.sha256 > after)
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(PhotoRow.sha256).limit(limit))
            return tuple(record_from_row(row) for row in rows)

    def count_missing(self, run_id: str) -> int:
        """Return how many accepted photos a run has no embedding of."""
        with self._database.reading() as session:
            missing: int = session.scalars(_without(select(func.count()).select_from(PhotoRow), run_id)).one()
            return missing


def _belongs() -> ColumnElement[bool]:
    """Accepted, and filed under a place or under "unknown"."""
    filed = or_(PhotoRow.is_unknown, PhotoRow.place_slug.is_not(None))
    return and_(PhotoRow.status == PhotoStatus.ACCEPTED.value, filed)


def _may_be_shown() -> ColumnElement[bool]:
    """Photos of the test split judge; a gallery that showed them would have seen its examination."""
    return or_(PhotoRow.split.is_(None), PhotoRow.split != Split.TEST.value)


def _without(query: Select[Any], run_id: str) -> Select[Any]:
    require_key(run_id, "run_id", RUN_LENGTH)
    theirs = exists().where(EmbeddingRow.photo_sha256 == PhotoRow.sha256, EmbeddingRow.run_id == run_id)
    return query.where(_belongs(), ~theirs)
