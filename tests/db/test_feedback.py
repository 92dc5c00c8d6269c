from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from core.db.engine import Database, open_database
from core.db.feedback import FeedbackRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.ready import check, upgrade
from core.domain.feedback import Feedback, Verdict
from core.errors import InvalidInput, NotFound
from tests.db.conftest import MakeRecord

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
RIGHT = Feedback("3:run-a", "cave", 0.91, Verdict.RIGHT, scores={"cave": 0.91, "falls": 0.05}, created_at=NOON)
CONSENTED = "a" * 64


@pytest.fixture
def feedback(database: Database, places: PlaceRepository) -> FeedbackRepository:
    return FeedbackRepository(database)


@pytest.fixture
def photos(database: Database, places: PlaceRepository, make_record: MakeRecord) -> PhotoRepository:
    repository = PhotoRepository(database)
    repository.add(make_record(1, sha256=CONSENTED, consent_at=NOON))
    repository.add(make_record(2))
    return repository


def test_what_was_said_is_read_back_as_it_was_said(feedback: FeedbackRepository) -> None:
    given = feedback.add(RIGHT)
    assert feedback.get(given) == replace(RIGHT, feedback_id=given)


def test_feedback_without_a_moment_gets_the_present_one(feedback: FeedbackRepository) -> None:
    before = datetime.now(UTC)
    stored = feedback.get(feedback.add(replace(RIGHT, created_at=None)))
    assert stored.created_at is not None
    assert before <= stored.created_at <= datetime.now(UTC)


def test_an_answer_of_none_of_these_can_be_right_or_be_a_known_place_after_all(feedback: FeedbackRepository) -> None:
    none = replace(RIGHT, answered_slug=None)
    assert feedback.get(feedback.add(none)).answered_slug is None
    other = replace(none, verdict=Verdict.OTHER_PLACE, correct_slug="falls")
    assert feedback.get(feedback.add(other)).correct_slug == "falls"


def test_who_changes_their_mind_changes_the_row_and_nothing_of_the_answer(feedback: FeedbackRepository) -> None:
    given = feedback.add(RIGHT)
    feedback.update(given, Verdict.OTHER_PLACE, "unknown")
    changed = feedback.update(given, Verdict.WRONG)
    assert changed == replace(RIGHT, feedback_id=given, verdict=Verdict.WRONG)
    assert feedback.get(given) == changed
    assert feedback.count() == 1


@pytest.mark.parametrize(
    ("verdict", "correct"),
    [
        (Verdict.RIGHT, "falls"),
        (Verdict.WRONG, "falls"),
        (Verdict.OTHER_PLACE, None),
        (Verdict.OTHER_PLACE, "cave"),
    ],
)
def test_a_verdict_and_a_place_that_contradict_each_other_are_refused(
    feedback: FeedbackRepository, verdict: Verdict, correct: str | None
) -> None:
    given = feedback.add(RIGHT)
    with pytest.raises(InvalidInput, match=r"feedback\.verdict"):
        feedback.add(replace(RIGHT, verdict=verdict, correct_slug=correct))
    with pytest.raises(InvalidInput, match=r"feedback\.verdict"):
        feedback.update(given, verdict, correct)
    assert feedback.list() == (feedback.get(given),)


def test_none_of_these_cannot_be_corrected_to_none_of_these(feedback: FeedbackRepository) -> None:
    with pytest.raises(InvalidInput, match=r"feedback\.verdict"):
        feedback.add(replace(RIGHT, answered_slug=None, verdict=Verdict.OTHER_PLACE, correct_slug="unknown"))


@pytest.mark.parametrize("slug", ["nowhere", "", "../cave", "Cave", "동굴"])
def test_a_place_that_is_not_in_the_catalogue_is_refused(feedback: FeedbackRepository, slug: str) -> None:
    with pytest.raises(NotFound, match=r"place\.not_found"):
        feedback.add(replace(RIGHT, answered_slug=slug))
    with pytest.raises(NotFound, match=r"place\.not_found"):
        feedback.add(replace(RIGHT, verdict=Verdict.OTHER_PLACE, correct_slug=slug))
    assert feedback.count() == 0


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_share_that_is_none_is_refused(feedback: FeedbackRepository, share: float) -> None:
    with pytest.raises(InvalidInput, match=r"feedback\.share"):
        feedback.add(replace(RIGHT, confidence=share))
    with pytest.raises(InvalidInput, match=r"feedback\.share"):
        feedback.add(replace(RIGHT, scores={"cave": share}))
    assert feedback.count() == 0


def test_a_sum_of_single_precision_may_end_a_hair_above_one(feedback: FeedbackRepository) -> None:
    assert feedback.add(replace(RIGHT, confidence=1.0000001)) > 0


def test_only_a_photo_given_with_consent_is_named(feedback: FeedbackRepository, photos: PhotoRepository) -> None:
    given = feedback.add(RIGHT)
    assert feedback.set_photo(given, CONSENTED).photo_sha256 == CONSENTED
    with pytest.raises(InvalidInput, match=r"feedback\.no_consent"):
        feedback.set_photo(given, f"{2:064x}")
    with pytest.raises(NotFound, match=r"photo\.not_found"):
        feedback.add(replace(RIGHT, photo_sha256="b" * 64))
    assert feedback.get(given).photo_sha256 == CONSENTED
    assert feedback.set_photo(given, None).photo_sha256 is None


def test_a_change_of_mind_keeps_the_photo(feedback: FeedbackRepository, photos: PhotoRepository) -> None:
    given = feedback.add(replace(RIGHT, photo_sha256=CONSENTED))
    assert feedback.update(given, Verdict.WRONG).photo_sha256 == CONSENTED


def test_when_a_photo_is_deleted_its_feedback_stays_without_it(
    feedback: FeedbackRepository, photos: PhotoRepository
) -> None:
    given = feedback.add(replace(RIGHT, photo_sha256=CONSENTED))
    assert photos.delete(CONSENTED)
    assert feedback.get(given) == replace(RIGHT, feedback_id=given)


def test_the_newest_comes_first_and_a_verdict_can_be_picked(feedback: FeedbackRepository) -> None:
    numbers = [feedback.add(replace(RIGHT, verdict=verdict)) for verdict in (Verdict.RIGHT, Verdict.WRONG) * 3]
    assert [f.feedback_id for f in feedback.list()] == numbers[::-1]
    assert [f.feedback_id for f in feedback.list(limit=2, offset=1)] == numbers[::-1][1:3]
    assert [f.feedback_id for f in feedback.list(verdict=Verdict.WRONG)] == numbers[1::2][::-1]
    assert (feedback.count(), feedback.count(Verdict.WRONG), feedback.count(Verdict.OTHER_PLACE)) == (6, 3, 0)


def test_unknown_numbers_are_said_to_be_unknown(feedback: FeedbackRepository) -> None:
    for ask in (lambda: feedback.get(7), lambda: feedback.update(7, Verdict.WRONG)):
        with pytest.raises(NotFound, match=r"feedback\.not_found"):
            ask()


def test_a_database_of_the_first_version_is_upgraded_with_what_it_holds(database_url: str) -> None:
    database = open_database(database_url)
    upgrade(database)
    with database.session() as session:
        session.execute(text("DROP TABLE feedback"))
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        session.execute(text("INSERT INTO class_numbers (class_id, slug) VALUES (0, 'cave')"))
    upgrade(database)
    assert (check(database)["class_numbers"], check(database)["feedback"]) == (1, 0)
    database.dispose()
