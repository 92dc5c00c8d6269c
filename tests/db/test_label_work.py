import threading
from datetime import UTC, datetime, timedelta

import pytest

from core.db.boxes import BoxRepository
from core.db.engine import Database
from core.db.labels import LabelRepository
from core.db.opinions import OpinionRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.domain.label import Box, LabelDecision, LabelOrder, LabelProgress, NothingReason, PhotoLabels, WorkOrder
from core.domain.library import Opinion
from core.domain.photo import PhotoStatus
from core.domain.place import LocalText
from core.errors import InvalidInput, NotFound
from tests.db.conftest import MakeRecord

START = datetime(2026, 1, 1, tzinfo=UTC)
KEYS = [f"{number:064x}" for number in range(6)]


@pytest.fixture
def work(database: Database, places: PlaceRepository, make_record: MakeRecord) -> BoxRepository:
    """Give six accepted photos, the falls' first by arrival, and one that is new."""
    photos = PhotoRepository(database)
    for number in range(7):
        slug = "cave" if number in {1, 3, 5} else "falls"
        status = PhotoStatus.NEW if number == 6 else PhotoStatus.ACCEPTED
        moment = START + timedelta(minutes=number)
        photos.add(make_record(number, place_slug=slug, status=status, created_at=moment))
    return BoxRepository(database)


def nothing(work: BoxRepository, sha256: str) -> None:
    work.decide(sha256, LabelDecision.NOTHING_HERE, NothingReason.PEOPLE, 0, "a")


def test_photos_come_by_arrival_open_ones_first_and_only_accepted_ones(work: BoxRepository) -> None:
    nothing(work, KEYS[0])
    assert work.queue(None) == (*KEYS[1:], KEYS[0])
    assert work.queue("cave") == (KEYS[1], KEYS[3], KEYS[5])
    assert work.queue("unknown") == work.queue("Bad'slug") == ()
    assert work.queue(None, limit=2) == (KEYS[1], KEYS[2])
    assert work.queue(None, only_open=True) == tuple(KEYS[1:])


def test_photos_come_place_by_place(work: BoxRepository) -> None:
    order = WorkOrder(LabelOrder.PLACE)
    assert work.queue(None, order) == (KEYS[1], KEYS[3], KEYS[5], KEYS[0], KEYS[2], KEYS[4])


def test_opinions_order_the_work_where_there_are_any(work: BoxRepository, database: Database) -> None:
    def opinion(number: int, run: str, slug: str | None, doubt: float) -> Opinion:
        return Opinion(KEYS[number], run, slug, 1 - doubt, None, doubt)

    OpinionRepository(database).put(
        [
            *(opinion(2, "det", "cave", 0.2), opinion(4, "det", "cave", 0.9), opinion(5, "det", None, 0.5)),
            *(opinion(2, "cnn", "cave", 0), opinion(4, "cnn", "cave", 0), opinion(5, "cnn", "falls", 0)),
            opinion(0, "cnn", "falls", 1),
        ]
    )
    unsure = work.queue(None, WorkOrder(LabelOrder.UNSURE, detector_run="det"))
    assert unsure == (KEYS[4], KEYS[5], KEYS[2], KEYS[0], KEYS[1], KEYS[3])
    disagree = work.queue(None, WorkOrder(LabelOrder.DISAGREE, "det", "cnn"))
    assert disagree == (KEYS[5], KEYS[0], KEYS[1], KEYS[2], KEYS[3], KEYS[4])
    assert work.queue(None, WorkOrder(LabelOrder.UNSURE)) == tuple(KEYS), "without a run, by arrival"


def test_two_people_never_get_the_same_photo(work: BoxRepository) -> None:
    got: list[str | None] = []

    def person(name: str) -> None:
        got.append(work.next_photo(None, name))

    threads = [threading.Thread(target=person, args=(f"p{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [sha256 for sha256 in got if sha256 is not None]
    assert sorted(taken) == KEYS, "six photos for eight people, each once"
    assert got.count(None) == 2


def test_the_same_person_gets_the_same_photo_until_it_is_decided_or_skipped(work: BoxRepository) -> None:
    assert work.next_photo(None, "a") == KEYS[0] == work.next_photo(None, "a")
    nothing(work, KEYS[0])
    assert work.next_photo(None, "a") == KEYS[1]
    assert work.next_photo(None, "a", skip=KEYS[:4]) == KEYS[4]
    assert work.next_photo(None, "b") == KEYS[1], "whoever gets another photo lets go of the one before"
    assert work.next_photo("cave", "c", skip=[KEYS[3], KEYS[5]]) is None


def test_a_lease_ends_by_itself_or_by_its_holder(work: BoxRepository) -> None:
    assert work.lease(KEYS[0], "a", seconds=60)
    assert not work.lease(KEYS[0], "b")
    assert work.lease(KEYS[0], "a", seconds=-1), "the holder may change how long"
    assert work.lease(KEYS[0], "b")
    work.release(KEYS[0], "a")
    assert not work.lease(KEYS[0], "a"), "somebody else's is not let go of"
    work.release(KEYS[0], "b")
    assert work.lease(KEYS[0], "a")
    work.release("no hash", "a")
    with pytest.raises(NotFound):
        work.lease("f" * 64, "a")
    with pytest.raises(InvalidInput):
        work.lease(KEYS[0], "은지")


def test_progress_counts_photos_decisions_and_boxes(work: BoxRepository, database: Database) -> None:
    label = LabelRepository(database).add("cave", "column", LocalText("기둥", ""))
    drawn = tuple(Box(f"{n:032x}", label.label_id, (0.1, 0.1, 0.5, 0.5)) for n in range(2))
    work.save_many([PhotoLabels(KEYS[1], 0, drawn, LabelDecision.DONE), PhotoLabels(KEYS[3], 0, drawn[:1])], "a")
    nothing(work, KEYS[5])
    nothing(work, KEYS[0])
    assert work.progress("cave") == LabelProgress(photos=3, done=1, nothing=1, boxes=3)
    assert work.progress() == LabelProgress(photos=6, done=1, nothing=2, boxes=3)
    assert work.progress("cave").decided == 2
    assert work.progress("unknown") == LabelProgress(0, 0, 0, 0)
    assert work.progress_by_place() == {"cave": work.progress("cave"), "falls": LabelProgress(3, 0, 1, 0)}
    assert len(work.decided_since(START)) == 3 == len(work.decided_since(START, "a"))
    assert len(work.decided_since(START, "b")) == 0
