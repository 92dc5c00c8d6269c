"""What visitors' words leave to do: answers to look at, and which of the wrong ones a newer model gets right.

An answer waits while the photo that came with it is new in review; whatever is decided there settles it. Of words
without a photo only counts are left.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select

from core.db.engine import Database
from core.db.feedback import feedback_from_row
from core.db.photo_rows import record_from_row
from core.db.places import UNKNOWN
from core.db.tables import FeedbackRow, PhotoRow
from core.domain.feedback import Feedback, Verdict
from core.domain.library import Opinion
from core.domain.photo import PhotoRecord, PhotoStatus

DOUBTFUL_BELOW = 0.7  # of an answer's confidence: the page calls it a guess from here on down
MOST = 10_000  # wrong answers that are counted, newest first


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """An answer that a visitor called wrong, with the photo they left. truth: a slug, "unknown", None for not known."""

    feedback: Feedback
    photo_sha256: str
    truth: str | None


@dataclass(frozen=True, slots=True)
class Fixed:
    """How many wrong answers the model in service now gives right. learned: of those, photos that it learned from.

    judged: wrong answers whose truth is known and of which the model has an opinion; waiting: those without one yet.
    """

    right: int
    learned: int
    judged: int
    waiting: int


class FeedbackQueue:
    """Reads what is to be done about visitors' words; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, limit: int = 10, offset: int = 0) -> tuple[Feedback, ...]:
        """Return the answers to look at, newest first: called wrong, or doubtful; of one photo only the last word."""
        query = select(FeedbackRow).join(PhotoRow, PhotoRow.sha256 == FeedbackRow.photo_sha256).where(_waits())
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(FeedbackRow.feedback_id.desc()).limit(limit).offset(offset))
            return tuple(feedback_from_row(row) for row in rows)

    def count_waiting(self) -> int:
        """Return how many answers there are to look at."""
        query = select(func.count()).select_from(FeedbackRow)
        query = query.join(PhotoRow, PhotoRow.sha256 == FeedbackRow.photo_sha256).where(_waits())
        with self._database.reading() as session:
            return session.scalars(query).one()

    def without_photo(self) -> Mapping[tuple[str | None, str | None], int]:
        """Return how often which answer was called wrong by visitors who left no photo, by (answered, said)."""
        query = (
            select(FeedbackRow.answered_slug, FeedbackRow.correct_slug, func.count())
            .where(FeedbackRow.photo_sha256.is_(None), FeedbackRow.verdict != Verdict.RIGHT.value)
            .group_by(FeedbackRow.answered_slug, FeedbackRow.correct_slug)
        )
        with self._database.reading() as session:
            counts = Counter({(answered, said): count for answered, said, count in session.execute(query)})
            return dict(counts.most_common())

    def wrong_answers(self) -> tuple[WrongAnswer, ...]:
        """Return the answers that were called wrong, with a photo; review's word is the truth, else theirs."""
        query = (
            select(FeedbackRow, PhotoRow)
            .join(PhotoRow, PhotoRow.sha256 == FeedbackRow.photo_sha256)
            .where(FeedbackRow.verdict != Verdict.RIGHT.value)
            .order_by(FeedbackRow.feedback_id.desc())
            .limit(MOST)
        )
        with self._database.reading() as session:
            found: dict[str, WrongAnswer] = {}
            for row, photo in session.execute(query):
                record = record_from_row(photo)
                truth = record.place_slug if record.status is PhotoStatus.ACCEPTED else row.correct_slug
                if record.status is not PhotoStatus.REJECTED:
                    found.setdefault(record.sha256, WrongAnswer(feedback_from_row(row), record.sha256, truth))
            return tuple(found.values())


def count_fixed(wrong: tuple[WrongAnswer, ...], opinions: Mapping[str, Opinion], learned: frozenset[str]) -> Fixed:
    """Count the wrong answers that a model gets right. opinions: of that model, by photo; learned: its training photos.

    A word that review found to be mistaken is none of them: there the answer was right.
    """
    known = [one for one in wrong if one.truth is not None and one.truth != (one.feedback.answered_slug or UNKNOWN)]
    judged = [one for one in known if one.photo_sha256 in opinions]
    right = [one for one in judged if (opinions[one.photo_sha256].answer_slug or UNKNOWN) == one.truth]
    return Fixed(
        right=len(right),
        learned=sum(one.photo_sha256 in learned for one in right),
        judged=len(judged),
        waiting=len(known) - len(judged),
    )


def suggested_slug(feedback: Feedback, record: PhotoRecord) -> str:
    """Return what a photo shows by the visitor's word, else by where it is filed; "" for unsorted."""
    if feedback.verdict is Verdict.RIGHT:
        return feedback.answered_slug or UNKNOWN
    return feedback.correct_slug or record.place_slug or ""


def _waits() -> ColumnElement[bool]:
    """Whether an answer is to be looked at: the last word on its photo is that it was wrong, or it was doubtful."""
    later = FeedbackRow.__table__.alias("later")
    newest = select(func.max(later.c.feedback_id)).where(later.c.photo_sha256 == PhotoRow.sha256).scalar_subquery()
    wrong = FeedbackRow.verdict != Verdict.RIGHT.value
    return and_(
        PhotoRow.status == PhotoStatus.NEW.value,
        or_(wrong, FeedbackRow.confidence < DOUBTFUL_BELOW),
        FeedbackRow.feedback_id == newest,
    )
