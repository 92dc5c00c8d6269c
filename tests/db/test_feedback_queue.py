"""Which answers wait to be looked at, and which of the wrong ones a model gets right now."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from core.db.engine import Database
from core.db.feedback import FeedbackRepository
from core.db.feedback_queue import FeedbackQueue, count_fixed
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.review import ReviewRepository
from core.domain.feedback import Feedback, Verdict
from core.domain.library import Opinion, RejectReason
from core.domain.photo import PhotoRecord, PhotoStatus
from tests.support.places import make_place

NOW = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


def sha(number: int) -> str:
    return f"{number:064x}"


@pytest.fixture
def queue(database: Database, places: PlaceRepository) -> FeedbackQueue:
    places.add(make_place(2, "cliffs"))
    PhotoRepository(database).add_all([contributed(number) for number in range(1, 7)])
    return FeedbackQueue(database)


def contributed(number: int) -> PhotoRecord:
    return PhotoRecord(
        sha256=sha(number),
        place_slug=None,
        status=PhotoStatus.NEW,
        format="JPEG",
        width_px=640,
        height_px=480,
        size_bytes=1,
        perceptual_hash=f"{number * 0x0123456789ABCDEF % 2**64:016x}",
        source="visitor",
        consent_at=NOW,
        created_at=NOW,
    )


def said(
    database: Database,
    verdict: Verdict,
    correct: str | None = None,
    photo: int | None = None,
    answered: str | None = "cave",
    confidence: float = 0.9,
) -> int:
    words = Feedback("1:run", answered, confidence, verdict, correct, sha(photo) if photo else None, {}, None, NOW)
    return FeedbackRepository(database).add(words)


def numbers(found: Sequence[Feedback]) -> list[int | None]:
    return [feedback.feedback_id for feedback in found]


def test_wrong_and_doubtful_answers_wait_newest_first(database: Database, queue: FeedbackQueue) -> None:
    wrong = said(database, Verdict.WRONG, photo=1)
    other = said(database, Verdict.OTHER_PLACE, "falls", photo=2)
    doubtful = said(database, Verdict.RIGHT, photo=3, confidence=0.5)
    said(database, Verdict.RIGHT, photo=4, confidence=0.95)
    said(database, Verdict.WRONG)
    assert numbers(queue.waiting()) == [doubtful, other, wrong]
    assert queue.count_waiting() == 3
    assert numbers(queue.waiting(limit=1, offset=1)) == [other]


def test_what_review_decides_settles_an_answer_and_undoing_brings_it_back(
    database: Database, queue: FeedbackQueue
) -> None:
    for photo in (1, 2):
        said(database, Verdict.WRONG, photo=photo)
    review = ReviewRepository(database)
    change = review.accept([sha(1)], "me")
    review.reject([sha(2)], RejectReason.NO_LANDMARK, "", "me")
    assert queue.count_waiting() == 0
    review.undo(change.batch_id, "me")
    assert queue.count_waiting() == 1


def test_of_one_photo_the_last_word_counts(database: Database, queue: FeedbackQueue) -> None:
    said(database, Verdict.OTHER_PLACE, "falls", photo=1)
    last = said(database, Verdict.OTHER_PLACE, "cliffs", photo=1)
    assert numbers(queue.waiting()) == [last]
    said(database, Verdict.RIGHT, photo=1)
    assert queue.waiting() == ()


def test_words_without_a_photo_are_counted_by_answer_and_word(database: Database, queue: FeedbackQueue) -> None:
    for _ in range(2):
        said(database, Verdict.OTHER_PLACE, "falls")
    said(database, Verdict.WRONG, answered=None)
    said(database, Verdict.RIGHT)
    assert queue.without_photo() == {("cave", "falls"): 2, (None, None): 1}


def test_the_truth_is_what_review_says_before_what_the_visitor_says(database: Database, queue: FeedbackQueue) -> None:
    for photo in (1, 2, 3, 4):
        said(database, Verdict.OTHER_PLACE, "falls", photo=photo)
    review = ReviewRepository(database)
    review.move([sha(1)], "cliffs", "me")
    review.accept([sha(1)], "me")
    review.move([sha(2)], "unknown", "me")
    review.accept([sha(2)], "me")
    review.reject([sha(3)], RejectReason.NO_LANDMARK, "", "me")
    truths = {one.photo_sha256: one.truth for one in queue.wrong_answers()}
    assert truths == {sha(1): "cliffs", sha(2): "unknown", sha(4): "falls"}


def test_fixed_are_wrong_answers_that_the_model_gives_right_now(database: Database, queue: FeedbackQueue) -> None:
    for photo, correct in ((1, "falls"), (2, "falls"), (3, "unknown"), (4, "cliffs")):
        said(database, Verdict.OTHER_PLACE, correct, photo=photo)
    said(database, Verdict.WRONG, photo=5)  # nobody knows what would have been right
    opinions = {sha(1): opinion(1, "falls"), sha(2): opinion(2, "cave"), sha(3): opinion(3, None)}
    fixed = count_fixed(queue.wrong_answers(), opinions, frozenset({sha(3)}))
    assert (fixed.right, fixed.learned, fixed.judged, fixed.waiting) == (2, 1, 3, 1)


def test_a_visitor_who_was_mistaken_makes_no_wrong_answer(database: Database, queue: FeedbackQueue) -> None:
    said(database, Verdict.OTHER_PLACE, "falls", photo=1)
    review = ReviewRepository(database)
    review.move([sha(1)], "cave", "me")  # as it was answered
    review.accept([sha(1)], "me")
    fixed = count_fixed(queue.wrong_answers(), {sha(1): opinion(1, "cave")}, frozenset())
    assert (fixed.right, fixed.judged, fixed.waiting) == (0, 0, 0)


def opinion(photo: int, answer: str | None) -> Opinion:
    return Opinion(sha(photo), "run", answer, 0.9, None, 0.1, {}, NOW + timedelta(days=1))
