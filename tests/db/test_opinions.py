import math
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.db.engine import Database
from core.db.opinions import OpinionRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.db.review import ReviewRepository
from core.domain.library import Opinion
from core.errors import InvalidInput
from tests.db.conftest import MakeRecord

START = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = [f"{number:064x}" for number in range(5)]


def opinion(number: int, run_id: str = "run-a", doubt: float = 0.25) -> Opinion:
    return Opinion(KEYS[number], run_id, "cave", 0.75, 0.75, doubt, {"cave": 0.75, "falls": 0.1}, START)


@pytest.fixture
def photos(database: Database, places: PlaceRepository, make_record: MakeRecord) -> PhotoRepository:
    repository = PhotoRepository(database)
    for number in range(4):
        repository.add(make_record(number, place_slug="cave"))
    return repository


@pytest.fixture
def opinions(database: Database, photos: PhotoRepository) -> OpinionRepository:
    return OpinionRepository(database)


def test_an_opinion_is_read_back_as_it_was_put(opinions: OpinionRepository) -> None:
    none_of_these = replace(opinion(1), answer_slug=None, own_probability=None, doubt=1 / 3, scores={})
    assert opinions.put([opinion(0), none_of_these]) == 2
    assert opinions.get(KEYS[0], "run-a") == opinion(0)
    assert opinions.get_many([*KEYS, "no hash"], "run-a") == {KEYS[0]: opinion(0), KEYS[1]: none_of_these}
    assert opinions.get(KEYS[0], "run-b") is opinions.get(KEYS[2], "run-a") is opinions.get(KEYS[0], "모델") is None


def test_the_moment_is_noted_where_none_is_given(opinions: OpinionRepository) -> None:
    opinions.put([replace(opinion(0), created_at=None)])
    stored = opinions.get(KEYS[0], "run-a")
    assert stored is not None
    assert stored.created_at is not None
    assert abs(datetime.now(UTC) - stored.created_at) < timedelta(minutes=1)


def test_a_later_opinion_of_the_same_run_replaces_the_earlier_and_no_other(opinions: OpinionRepository) -> None:
    opinions.put([opinion(0), opinion(1), opinion(0, "run-b")])
    later = replace(opinion(0, doubt=0.9), answer_slug="falls", scores={"falls": 0.9})
    opinions.put([later])
    assert opinions.get(KEYS[0], "run-a") == later
    assert opinions.get(KEYS[1], "run-a") == opinion(1)
    assert opinions.get(KEYS[0], "run-b") == opinion(0, "run-b")


def test_photos_that_are_gone_get_none(opinions: OpinionRepository, photos: PhotoRepository) -> None:
    assert opinions.put([opinion(0), opinion(4)]) == 1
    assert opinions.put([opinion(4)]) == opinions.put([]) == 0
    photos.delete(KEYS[0])
    assert opinions.get(KEYS[0], "run-a") is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"doubt": math.nan},
        {"doubt": -0.01},
        {"confidence": 1.01},
        {"own_probability": 2.0},
        {"scores": {"cave": math.inf}},
        {"run_id": "모델"},
        {"run_id": "x" * 81},
        {"answer_slug": "동굴"},
        {"photo_sha256": "no hash"},
    ],
)
def test_an_opinion_that_makes_no_sense_is_refused_with_all_that_came_with_it(
    opinions: OpinionRepository, wrong: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput):
        opinions.put([opinion(0), replace(opinion(1), **wrong)])  # type: ignore[arg-type]
    assert opinions.count_missing("run-a") == 4


def test_what_a_run_has_not_seen_is_named_by_hash_until_nothing_is_missing(opinions: OpinionRepository) -> None:
    opinions.put([opinion(1), opinion(0, "run-b")])
    assert [record.sha256 for record in opinions.missing("run-a")] == [KEYS[0], KEYS[2], KEYS[3]]
    assert [record.sha256 for record in opinions.missing("run-a", limit=2)] == [KEYS[0], KEYS[2]]
    assert opinions.count_missing("run-a") == opinions.count_missing("run-b") == 3
    while missing := opinions.missing("run-a", limit=2):
        opinions.put([replace(opinion(0), photo_sha256=record.sha256) for record in missing])
    assert opinions.count_missing("run-a") == 0


def test_two_jobs_may_write_the_same_opinions_at_once(opinions: OpinionRepository) -> None:
    begin = threading.Barrier(2)

    def write(order: int) -> int:
        begin.wait(10)
        return sum(opinions.put([opinion(number) for number in range(4)][::order]) for _ in range(15))

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(write, (1, -1))) == [60, 60]
    assert opinions.count_missing("run-a") == 0


def test_a_photo_that_is_moved_is_doubted_for_its_new_place_and_undoing_brings_the_old_doubt_back(
    database: Database, opinions: OpinionRepository
) -> None:
    review = ReviewRepository(database)
    opinions.put([opinion(0), opinion(1), opinion(0, "run-b")])
    moved = review.move([KEYS[0]], "falls", "curator")
    for run_id in ("run-a", "run-b"):
        now = opinions.get(KEYS[0], run_id)
        assert now is not None
        assert (now.own_probability, now.doubt, now.answer_slug) == (0.1, pytest.approx(0.9), "cave")
    assert opinions.get(KEYS[1], "run-a") == opinion(1)
    review.undo(moved.batch_id, "curator")
    assert opinions.get(KEYS[0], "run-a") == opinion(0)
    review.move([KEYS[0]], "unknown", "curator")
    stranger = opinions.get(KEYS[0], "run-a")
    assert stranger is not None
    assert (stranger.own_probability, stranger.doubt) == (None, pytest.approx(0.85))
    review.accept([KEYS[0]], "curator")
    assert opinions.get(KEYS[0], "run-a") == stranger
