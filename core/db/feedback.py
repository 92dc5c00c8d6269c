"""Visitors' feedback, one row an answer: who changes their mind changes the row.

Nothing of the photo is here but the hash of a copy that was contributed with consent; it goes when that photo goes.
"""

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.db.engine import Database, restarted
from core.db.places import UNKNOWN, require_place
from core.db.tables import FeedbackRow, PhotoRow
from core.domain.feedback import Feedback, Verdict
from core.errors import InvalidInput, NotFound

SHARE_TOLERANCE = 1e-6  # a sum of float32 probabilities may end this much above 1


class FeedbackRepository:
    """Reads and writes rows of feedback; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @restarted
    def add(self, feedback: Feedback) -> int:
        """Store feedback and return its number, by which `update` finds it again.

        Raises:
            InvalidInput: verdict and correct place contradict each other, a share is outside 0..1, or the photo was
                not given with consent.
            NotFound: no such place or photo.
        """
        _check_shares(feedback)
        with self._database.session() as session:
            row = FeedbackRow(release=feedback.release, confidence=feedback.confidence, scores=dict(feedback.scores))
            row.answered_slug = None
            if feedback.answered_slug is not None:
                row.answered_slug = require_place(session, feedback.answered_slug).slug
            row.created_at = feedback.created_at or datetime.now(UTC)
            _judge(session, row, feedback.verdict, feedback.correct_slug)
            _link(session, row, feedback.photo_sha256)
            session.add(row)
            session.flush()
            return row.feedback_id

    @restarted
    def update(self, feedback_id: int, verdict: Verdict, correct_slug: str | None = None) -> Feedback:
        """Replace what was said; the answer it is about and the photo stay.

        Raises:
            InvalidInput: verdict and correct place contradict each other.
            NotFound: no such feedback or place.
        """
        with self._database.session() as session:
            row = _require(session, feedback_id)
            _judge(session, row, verdict, correct_slug)
            return feedback_from_row(row)

    @restarted
    def set_photo(self, feedback_id: int, photo_sha256: str | None) -> Feedback:
        """Name the contributed photo that the feedback is about, or none.

        Raises:
            InvalidInput: the photo was not given with consent.
            NotFound: no such feedback or photo.
        """
        with self._database.session() as session:
            row = _require(session, feedback_id)
            _link(session, row, photo_sha256)
            return feedback_from_row(row)

    def get(self, feedback_id: int) -> Feedback:
        """Return one feedback.

        Raises:
            NotFound: no such feedback.
        """
        with self._database.reading() as session:
            return feedback_from_row(_require(session, feedback_id))

    def list(self, limit: int = 100, offset: int = 0, verdict: Verdict | None = None) -> tuple[Feedback, ...]:
        """Return feedback, newest first."""
        query = select(FeedbackRow).order_by(FeedbackRow.feedback_id.desc()).limit(limit).offset(offset)
        if verdict is not None:
            query = query.where(FeedbackRow.verdict == verdict.value)
        with self._database.reading() as session:
            return tuple(feedback_from_row(row) for row in session.scalars(query))

    def of_photo(self, photo_sha256: str) -> tuple[Feedback, ...]:
        """Return what was said of a contributed photo, newest first; nothing for what is no photo's hash."""
        if not photo_sha256.isascii():
            return ()
        query = select(FeedbackRow).where(FeedbackRow.photo_sha256 == photo_sha256)
        with self._database.reading() as session:
            return tuple(
                feedback_from_row(row) for row in session.scalars(query.order_by(FeedbackRow.feedback_id.desc()))
            )

    def count(self, verdict: Verdict | None = None) -> int:
        """Return how many there are, of one verdict or in all."""
        query = select(func.count()).select_from(FeedbackRow)
        if verdict is not None:
            query = query.where(FeedbackRow.verdict == verdict.value)
        with self._database.reading() as session:
            return session.scalars(query).one()


def _check_shares(feedback: Feedback) -> None:
    for share in (feedback.confidence, *feedback.scores.values()):
        if not -SHARE_TOLERANCE <= share <= 1 + SHARE_TOLERANCE:
            raise InvalidInput("feedback.share", share=share)


def _judge(session: Session, row: FeedbackRow, verdict: Verdict, correct_slug: str | None) -> None:
    """Set the verdict; only OTHER_PLACE names a place, and never the one that was answered."""
    answered = row.answered_slug or UNKNOWN
    if (verdict is Verdict.OTHER_PLACE) != (correct_slug is not None) or correct_slug == answered:
        raise InvalidInput("feedback.verdict")
    if correct_slug is not None and correct_slug != UNKNOWN:
        correct_slug = require_place(session, correct_slug).slug
    row.verdict, row.correct_slug = verdict.value, correct_slug


def _link(session: Session, row: FeedbackRow, photo_sha256: str | None) -> None:
    photo = session.get(PhotoRow, photo_sha256) if photo_sha256 is not None else None
    if photo_sha256 is not None and photo is None:
        raise NotFound("photo.not_found", sha256=photo_sha256[:12])
    if photo is not None and photo.consent_at is None:
        raise InvalidInput("feedback.no_consent")
    row.photo_sha256 = photo_sha256


def _require(session: Session, feedback_id: int) -> FeedbackRow:
    row = session.get(FeedbackRow, feedback_id)
    if row is None:
        raise NotFound("feedback.not_found", feedback_id=feedback_id)
    return row


def feedback_from_row(row: FeedbackRow) -> Feedback:
    """Return a row as what it says."""
    return Feedback(
        release=row.release,
        answered_slug=row.answered_slug,
        confidence=row.confidence,
        verdict=Verdict(row.verdict),
        correct_slug=row.correct_slug,
        photo_sha256=row.photo_sha256,
        scores=dict(row.scores),
        feedback_id=row.feedback_id,
        created_at=row.created_at,
    )
