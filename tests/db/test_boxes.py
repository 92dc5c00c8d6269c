import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import nan

import pytest

from core.db.boxes import MOST_BOXES, BoxRepository
from core.db.engine import Database
from core.db.labels import LabelRepository
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.domain.label import Box, BoxOrigin, LabelDecision, NothingReason, PhotoLabels
from core.domain.place import LocalText
from core.errors import Conflict, InvalidInput, NotFound
from tests.db.conftest import MakeRecord

PHOTO, OTHER = f"{1:064x}", f"{2:064x}"
EDGES = (0.1, 1 / 3, 0.7000000000000001, 0.9999999999)


@pytest.fixture
def boxes(database: Database, places: PlaceRepository, make_record: MakeRecord) -> BoxRepository:
    photos = PhotoRepository(database)
    for number in (1, 2):
        photos.add(make_record(number, place_slug="cave"))
    return BoxRepository(database)


@pytest.fixture
def box(database: Database, places: PlaceRepository) -> Callable[..., Box]:
    """Give a maker of boxes of the cave's one label."""
    label = LabelRepository(database).add("cave", "column", LocalText("기둥", "Column"))

    def make(number: int, edges: tuple[float, float, float, float] = EDGES, **changes: object) -> Box:
        return Box(f"{number:032x}", label.label_id, edges, **changes)  # type: ignore[arg-type]

    return make


def test_a_photo_that_nobody_touched_has_no_boxes_and_revision_0(boxes: BoxRepository) -> None:
    assert boxes.get(PHOTO) == PhotoLabels(PHOTO, 0, ())


def test_boxes_are_read_back_to_the_last_bit_and_in_their_order(boxes: BoxRepository, box: Callable[..., Box]) -> None:
    drawn = (box(9), box(3, origin=BoxOrigin.CORRECTED), box(5, (0.0, -0.01, 1.01, 1.0)))
    saved = boxes.save(PHOTO, drawn, 0, "은지")
    assert (saved.revision, saved.boxes, saved.actor) == (1, drawn, "은지")
    assert boxes.get(PHOTO) == saved
    assert boxes.get_many([OTHER, "x", PHOTO, "f" * 64]) == {OTHER: boxes.get(OTHER), PHOTO: saved}


def test_a_save_is_the_whole_set(boxes: BoxRepository, box: Callable[..., Box]) -> None:
    boxes.save(PHOTO, (box(1), box(2)), 0, "a")
    boxes.save(PHOTO, (box(3), box(2)), 1, "a")
    assert boxes.get(PHOTO).boxes == (box(3), box(2))
    assert boxes.save(PHOTO, (), 2, "a") == boxes.get(PHOTO)
    assert boxes.get(PHOTO).boxes == ()


def test_a_stale_save_is_refused_and_both_versions_can_be_shown(boxes: BoxRepository, box: Callable[..., Box]) -> None:
    first = boxes.save(PHOTO, (box(1),), 0, "a")
    theirs = boxes.save(PHOTO, (box(2),), first.revision, "b")
    with pytest.raises(Conflict) as refused:
        boxes.save(PHOTO, (box(1), box(3)), first.revision, "a")
    assert (refused.value.code, refused.value.values["revision"]) == ("labels.stale", 2)
    with pytest.raises(Conflict):
        boxes.save(PHOTO, (box(4),), 0, "c")
    with pytest.raises(Conflict):
        boxes.save(PHOTO, (box(4),), 7, "c")
    with pytest.raises(Conflict):
        boxes.decide(PHOTO, LabelDecision.DONE, None, 1, "a")
    assert boxes.get(PHOTO) == theirs


def test_a_request_that_is_repeated_draws_nothing_twice(boxes: BoxRepository, box: Callable[..., Box]) -> None:
    saved = boxes.save(PHOTO, (box(1),), 0, "a")
    assert boxes.save(PHOTO, (box(1),), 0, "a") == saved
    done = boxes.decide(PHOTO, LabelDecision.DONE, None, 1, "a")
    assert boxes.decide(PHOTO, LabelDecision.DONE, None, 1, "a") == done
    assert boxes.save(PHOTO, (box(1),), 2, "a") == done, "the same boxes do not open it again"


def test_a_photo_whose_boxes_change_is_open_again(boxes: BoxRepository, box: Callable[..., Box]) -> None:
    boxes.save(PHOTO, (box(1),), 0, "a")
    boxes.decide(PHOTO, LabelDecision.DONE, None, 1, "a")
    assert boxes.save(PHOTO, (box(1), box(2)), 2, "a").decision is LabelDecision.OPEN


def test_nothing_here_is_a_decision_with_a_reason(boxes: BoxRepository, box: Callable[..., Box]) -> None:
    nothing = boxes.decide(PHOTO, LabelDecision.NOTHING_HERE, NothingReason.INDOORS, 0, "a")
    assert (
        boxes.get(PHOTO)
        == nothing
        == PhotoLabels(PHOTO, 1, (), LabelDecision.NOTHING_HERE, NothingReason.INDOORS, "a", nothing.changed_at)
    )
    opened = boxes.decide(PHOTO, LabelDecision.OPEN, None, 1, "a")
    assert (opened.decision, opened.reason) == (LabelDecision.OPEN, None)
    for decision, reason, code in (
        (LabelDecision.NOTHING_HERE, None, "labels.reason"),
        (LabelDecision.OPEN, NothingReason.PEOPLE, "labels.reason"),
        (LabelDecision.DONE, None, "labels.done_without_boxes"),
    ):
        with pytest.raises(InvalidInput) as refused:
            boxes.decide(PHOTO, decision, reason, 2, "a")
        assert refused.value.code == code
    boxes.save(PHOTO, (box(1),), 2, "a")
    with pytest.raises(InvalidInput) as refused:
        boxes.decide(PHOTO, LabelDecision.NOTHING_HERE, NothingReason.PEOPLE, 3, "a")
    assert refused.value.code == "labels.nothing_with_boxes"


@pytest.mark.parametrize(
    "edges", [(nan, 0, 1, 1), (0, 0, float("inf"), 1), (0.5, 0, 0.4, 1), (0, 0.5, 1, 0.4), (0, 0, 1e308, 1)]
)
def test_a_box_that_is_none_is_refused(
    boxes: BoxRepository, box: Callable[..., Box], edges: tuple[float, float, float, float]
) -> None:
    with pytest.raises(InvalidInput):
        boxes.save(PHOTO, (box(1), box(2, edges)), 0, "a")
    assert boxes.get(PHOTO).revision == 0


def test_identities_labels_and_photos_are_checked(boxes: BoxRepository, box: Callable[..., Box]) -> None:
    mine = box(1)
    with pytest.raises(InvalidInput):
        boxes.save(PHOTO, (mine, mine), 0, "a")
    with pytest.raises(InvalidInput):
        boxes.save(PHOTO, (Box("no'uuid", mine.label_id, EDGES),), 0, "a")
    with pytest.raises(InvalidInput):
        boxes.save(PHOTO, tuple(box(number) for number in range(MOST_BOXES + 1)), 0, "a")
    with pytest.raises(NotFound) as refused:
        boxes.save(PHOTO, (Box(mine.box_id, mine.label_id + 1, EDGES),), 0, "a")
    assert refused.value.code == "label.not_found"
    for stranger in ("f" * 64, "nothing"):
        with pytest.raises(NotFound):
            boxes.save(stranger, (mine,), 0, "a")
    assert boxes.get(PHOTO).revision == 0


def test_many_photos_are_saved_all_or_none(boxes: BoxRepository, box: Callable[..., Box]) -> None:
    boxes.save(OTHER, (box(9),), 0, "b")
    done = PhotoLabels(PHOTO, 0, (box(1),), LabelDecision.DONE)
    with pytest.raises(Conflict):
        boxes.save_many([done, PhotoLabels(OTHER, 0, (box(2),))], "a")
    assert boxes.get(PHOTO).revision == 0
    saved = boxes.save_many([done, PhotoLabels(OTHER, 1, (box(2),), LabelDecision.DONE)], "a")
    assert saved == (boxes.get(PHOTO), boxes.get(OTHER))
    assert boxes.get(PHOTO).decision is LabelDecision.DONE
    assert boxes.save_many([done], "b") == (boxes.get(PHOTO),) == saved[:1], "it stands already"
    assert [labels.photo_sha256 for labels in boxes.walk()] == [PHOTO, OTHER]
    assert [labels.photo_sha256 for labels in boxes.walk("cave")] == [PHOTO, OTHER]
    assert [*boxes.walk("falls"), *boxes.walk("unknown"), *boxes.walk("Bad'slug")] == []


def test_of_two_saves_at_once_one_wins_and_the_other_is_told(boxes: BoxRepository, box: Callable[..., Box]) -> None:
    told: list[str] = []

    def save(number: int, revision: int) -> None:
        try:
            boxes.save(PHOTO, (box(number),), revision, f"{number}")
            told.append("saved")
        except Conflict:
            told.append("stale")

    for revision in range(3):
        told.clear()
        threads = [threading.Thread(target=save, args=(10 * revision + n, revision)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(told) == ["saved", "stale", "stale", "stale"]
        assert boxes.get(PHOTO).revision == revision + 1
        assert len(boxes.get(PHOTO).boxes) == 1


def test_a_deleted_photos_boxes_go_with_it(boxes: BoxRepository, box: Callable[..., Box], database: Database) -> None:
    boxes.save(PHOTO, (box(1),), 0, "a")
    boxes.lease(PHOTO, "a")
    assert PhotoRepository(database).delete(PHOTO)
    assert boxes.get_many([PHOTO]) == {}
    assert list(boxes.walk()) == []


def test_a_box_keeps_the_moment_it_was_drawn(boxes: BoxRepository, box: Callable[..., Box]) -> None:
    start = datetime.now(UTC) - timedelta(seconds=1)
    boxes.save(PHOTO, (box(1),), 0, "a")
    first = boxes.drawn_since(start)
    boxes.save(PHOTO, (box(1, (0.0, 0.0, 1.0, 1.0)), box(2)), 1, "b")
    assert len(first) == 1
    assert next(iter(boxes.drawn_since(start))) == first[0]
    assert (len(boxes.drawn_since(start)), len(boxes.drawn_since(start, "b"))) == (2, 1)
    assert len(boxes.drawn_since(datetime.now(UTC) + timedelta(hours=1))) == 0
