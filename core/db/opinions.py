"""What models think of the library's photos, one row a photo and run; read by review, written by a job."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, exists, func, select
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import Insert

from core.db.columns import require_key
from core.db.engine import Database, restarted
from core.db.photo_rows import SHA256, in_batches, record_from_row
from core.db.tables import RUN_LENGTH, SLUG_LENGTH, OpinionRow, PhotoRow
from core.domain.library import Opinion, doubt_about
from core.domain.photo import PhotoRecord
from core.errors import InvalidInput

SHARE_TOLERANCE = 1e-6  # a sum of float32 probabilities may end this much above 1
VALUES = ("answer_slug", "confidence", "own_probability", "doubt", "scores", "created_at")


class OpinionRepository:
    """Reads and writes opinions; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @restarted
    def put(self, opinions: Sequence[Opinion]) -> int:
        """Store opinions in place of earlier ones of the same photo and run; return how many photos were there.

        Raises:
            InvalidInput: a run, answer or share that is none; nothing is stored.
        """
        for opinion in opinions:
            _check(opinion)
        # By hash, so that two who write about the same photos do not wait for each other in a circle.
        opinions = sorted(opinions, key=lambda opinion: (opinion.photo_sha256, opinion.run_id))
        now = datetime.now(UTC)
        with self._database.session() as session:
            there = _locked(session, [opinion.photo_sha256 for opinion in opinions])
            rows = [_values(opinion, now) for opinion in opinions if opinion.photo_sha256 in there]
            if rows:
                session.execute(_upsert(session), rows)
        return len(rows)

    def get(self, sha256: str, run_id: str) -> Opinion | None:
        """Return a run's opinion of a photo; None when it has none."""
        return self.get_many([sha256], run_id).get(sha256)

    def get_many(self, sha256s: Sequence[str], run_id: str) -> dict[str, Opinion]:
        """Return a run's opinions by photo; photos without one are left out."""
        if not run_id.isascii():
            return {}
        found: dict[str, Opinion] = {}
        with self._database.reading() as session:
            for keys in in_batches(sha256s):
                theirs = select(OpinionRow).where(OpinionRow.photo_sha256.in_(keys), OpinionRow.run_id == run_id)
                found.update((row.photo_sha256, _opinion(row)) for row in session.scalars(theirs))
        return found

    def missing(self, run_id: str, limit: int = 500) -> tuple[PhotoRecord, ...]:
        """Return photos that a run has no opinion of, by hash."""
        query = _without(select(PhotoRow), run_id).order_by(PhotoRow.sha256).limit(limit)
        with self._database.reading() as session:
            return tuple(record_from_row(row) for row in session.scalars(query))

    def count_missing(self, run_id: str) -> int:
        """Return how many photos a run has no opinion of."""
        query = _without(select(func.count()).select_from(PhotoRow), run_id)
        with self._database.reading() as session:
            missing: int = session.scalars(query).one()
            return missing


def refile(session: Session, sha256s: Sequence[str], place_slug: str | None) -> None:
    """Work out anew what opinions say of photos that are filed under another place now; the scores stay."""
    for keys in in_batches(sha256s):
        query = select(OpinionRow).where(OpinionRow.photo_sha256.in_(keys))
        for row in session.scalars(query.order_by(OpinionRow.photo_sha256, OpinionRow.run_id).with_for_update()):
            row.own_probability, row.doubt = doubt_about(place_slug, row.scores)


def _without(query: Select[Any], run_id: str) -> Select[Any]:
    require_key(run_id, "run_id", RUN_LENGTH)
    theirs = exists().where(OpinionRow.photo_sha256 == PhotoRow.sha256, OpinionRow.run_id == run_id)
    return query.where(~theirs)


def _check(opinion: Opinion) -> None:
    require_key(opinion.run_id, "run_id", RUN_LENGTH)
    require_key(opinion.answer_slug or "", "answer_slug", SLUG_LENGTH)
    if not SHA256.fullmatch(opinion.photo_sha256):
        raise InvalidInput("photo.hash")
    own = () if opinion.own_probability is None else (opinion.own_probability,)
    for share in (opinion.confidence, opinion.doubt, *own, *opinion.scores.values()):
        if not -SHARE_TOLERANCE <= share <= 1 + SHARE_TOLERANCE:
            raise InvalidInput("opinion.share", share=share)


def _locked(session: Session, sha256s: Sequence[str]) -> set[str]:
    """Return which photos are there, and keep them there until the transaction ends."""
    there: set[str] = set()
    for keys in in_batches(sha256s):
        query = select(PhotoRow.sha256).where(PhotoRow.sha256.in_(keys)).order_by(PhotoRow.sha256)
        there.update(session.scalars(query.with_for_update(read=True)))
    return there


def _values(opinion: Opinion, now: datetime) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(opinion, name) for name in VALUES}
    return values | {
        "photo_sha256": opinion.photo_sha256,
        "run_id": opinion.run_id,
        "scores": dict(opinion.scores),
        "created_at": opinion.created_at or now,
    }


def _upsert(session: Session) -> Insert:
    """Return an INSERT that replaces; the two databases spell it differently."""
    if session.get_bind().dialect.name == "sqlite":
        lite = sqlite.insert(OpinionRow)
        keys = ("photo_sha256", "run_id")
        return lite.on_conflict_do_update(index_elements=keys, set_={name: lite.excluded[name] for name in VALUES})
    statement = mysql.insert(OpinionRow)
    return statement.on_duplicate_key_update({name: statement.inserted[name] for name in VALUES})


def _opinion(row: OpinionRow) -> Opinion:
    return Opinion(
        photo_sha256=row.photo_sha256,
        run_id=row.run_id,
        scores=dict(row.scores),
        **{name: getattr(row, name) for name in VALUES if name != "scores"},
    )
