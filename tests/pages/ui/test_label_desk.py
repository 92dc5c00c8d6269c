"""What the label page does with what the canvas asks: save, decide, go on; nobody's boxes are written over."""

from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from core.domain.label import Box, LabelDecision, NothingReason, WorkOrder
from core.errors import DatabaseUnavailable
from core.messages import translator
from pages.ui.box_canvas import CanvasRequest
from pages.ui.box_canvas.canvas import AnswerState
from pages.ui.label_desk import Desk, begin_anew, carry_out, go_back, go_on, open_photo
from pages.ui.label_state import LabelMemory
from tests.support.labelled import LabelShelf, open_label_shelf

T = translator("en")
PLACE = "manjanggul"


@pytest.fixture
def shelf(tmp_path: Path) -> LabelShelf:
    return open_label_shelf(tmp_path)


@pytest.fixture
def photos(shelf: LabelShelf) -> list[str]:
    return [shelf.add(number, PLACE) for number in range(3)]


def desk_of(shelf: LabelShelf, holder: str = "one") -> Desk:
    return Desk(shelf.boxes, shelf.labels, shelf.photos, "minji", holder, WorkOrder)


def box(shelf: LabelShelf, left: float = 0.2, right: float = 0.6) -> Box:
    return Box(uuid4().hex, shelf.labels.list(PLACE)[0].label_id, (left, 0.2, right, 0.6))


def asked(sha256: str, *boxes: Box, revision: int = 0, **more: object) -> CanvasRequest:
    return CanvasRequest("c", 1, sha256, revision, boxes or None, **more)  # type: ignore[arg-type]


def at(photo: str) -> LabelMemory:
    memory = LabelMemory()
    memory.show(photo)
    return memory


def test_a_save_is_in_the_database_before_it_is_answered(shelf: LabelShelf, photos: list[str]) -> None:
    memory, drawn = at(photos[0]), box(shelf)
    carry_out(asked(photos[0], drawn), memory, desk_of(shelf), T)
    assert memory.answer is not None
    assert (memory.answer.state, memory.answer.revision) == (AnswerState.SAVED, 1)
    assert shelf.boxes.get(photos[0]).boxes == (drawn,) and shelf.boxes.get(photos[0]).actor == "minji"


def test_the_same_request_twice_is_saved_once_and_is_no_conflict(shelf: LabelShelf, photos: list[str]) -> None:
    memory, request = at(photos[0]), asked(photos[0], box(shelf))
    carry_out(request, memory, desk_of(shelf), T)
    carry_out(request, memory, desk_of(shelf), T)
    assert memory.answer is not None and memory.answer.state is AnswerState.SAVED
    assert shelf.boxes.get(photos[0]).revision == 1


@pytest.mark.parametrize("with_boxes", [True, False])
def test_a_stale_request_changes_nothing_and_shows_what_stands(
    shelf: LabelShelf, photos: list[str], with_boxes: bool
) -> None:
    theirs = shelf.boxes.save(photos[0], [box(shelf)], 0, "jihun")
    memory = at(photos[0])
    request = asked(photos[0], box(shelf)) if with_boxes else asked(photos[0], decision=LabelDecision.DONE)
    carry_out(replace(request, go="next"), memory, desk_of(shelf), T)
    assert memory.answer is not None and memory.answer.state is AnswerState.STALE
    assert memory.answer.theirs is not None and memory.answer.theirs.boxes == theirs.boxes
    assert shelf.boxes.get(photos[0]) == theirs and memory.shown == photos[0]


def test_a_box_that_cannot_be_stored_is_refused_in_words(shelf: LabelShelf, photos: list[str]) -> None:
    memory = at(photos[0])
    carry_out(asked(photos[0], replace(box(shelf), label_id=999)), memory, desk_of(shelf), T)
    assert memory.answer is not None and memory.answer.state is AnswerState.REFUSED and memory.answer.message
    carry_out(asked("f" * 64, box(shelf)), memory, desk_of(shelf), T)
    assert memory.answer.state is AnswerState.REFUSED


def test_a_database_that_is_away_gives_no_answer_so_that_the_canvas_asks_again(
    shelf: LabelShelf, photos: list[str]
) -> None:
    class Away(type(shelf.boxes)):  # type: ignore[misc]
        def save(self, *_: object) -> None:
            raise DatabaseUnavailable

    memory = at(photos[0])
    away = Away(shelf.boxes._database)
    carry_out(asked(photos[0], box(shelf)), memory, replace(desk_of(shelf), boxes=away), T)
    assert memory.answer is None


def test_done_with_a_fault_saves_the_boxes_and_stays(shelf: LabelShelf, photos: list[str]) -> None:
    memory, small = at(photos[0]), box(shelf, 0.2, 0.202)
    carry_out(asked(photos[0], small, decision=LabelDecision.DONE, go="next"), memory, desk_of(shelf), T)
    standing = shelf.boxes.get(photos[0])
    assert standing.decision is LabelDecision.OPEN and standing.boxes == (small,)
    assert memory.shown == photos[0]
    assert memory.answer is not None and memory.answer.state is AnswerState.SAVED and memory.answer.message


def test_done_goes_on_and_the_boxes_come_along_to_copy(shelf: LabelShelf, photos: list[str]) -> None:
    memory, drawn = at(photos[0]), box(shelf)
    carry_out(asked(photos[0], drawn, decision=LabelDecision.DONE, go="next"), memory, desk_of(shelf), T)
    assert shelf.boxes.get(photos[0]).decision is LabelDecision.DONE
    assert memory.shown == photos[1] and memory.copied == (drawn,)


def test_nothing_here_keeps_its_reason(shelf: LabelShelf, photos: list[str]) -> None:
    memory = at(photos[0])
    nothing = {"decision": LabelDecision.NOTHING_HERE, "reason": NothingReason.PEOPLE}
    carry_out(asked(photos[0], **nothing), memory, desk_of(shelf), T)
    standing = shelf.boxes.get(photos[0])
    assert (standing.decision, standing.reason) == (LabelDecision.NOTHING_HERE, NothingReason.PEOPLE)


def test_who_goes_on_goes_round_and_who_goes_back_finds_the_way(shelf: LabelShelf, photos: list[str]) -> None:
    memory, desk = LabelMemory(), desk_of(shelf)
    seen = []
    for _ in range(4):
        go_on(memory, desk)
        seen.append(memory.shown)
    assert seen == [*photos, photos[0]]
    go_back(memory, desk)
    assert memory.shown == photos[2]
    go_on(memory, desk)
    assert memory.shown == photos[0]


def test_when_all_is_decided_nothing_is_shown_and_the_way_back_stays(shelf: LabelShelf, photos: list[str]) -> None:
    memory, desk = LabelMemory(), desk_of(shelf)
    go_on(memory, desk)
    for sha256 in photos:
        nothing = {"decision": LabelDecision.NOTHING_HERE, "reason": NothingReason.INDOORS}
        carry_out(asked(sha256, go="next", **nothing), memory, desk, T)
    assert memory.shown == ""
    go_back(memory, desk)
    assert memory.shown == photos[2]


def test_two_people_get_different_photos_and_a_lease_locks_for_the_other(shelf: LabelShelf, photos: list[str]) -> None:
    one, other = LabelMemory(), LabelMemory()
    go_on(one, desk_of(shelf, "one"))
    go_on(other, desk_of(shelf, "other"))
    assert one.shown != other.shown
    open_photo(one.shown, other, desk_of(shelf, "other"))
    assert other.locked and other.shown == one.shown


@pytest.mark.parametrize("outside", ["x", "f" * 64, "' OR 1=1", "만장굴", "x" * 5000])
def test_an_address_that_names_no_photo_shows_the_next_in_order(
    shelf: LabelShelf, photos: list[str], outside: str
) -> None:
    memory = LabelMemory()
    open_photo(outside, memory, desk_of(shelf))
    assert memory.shown == photos[0]


def test_a_late_save_of_another_photo_does_not_move_the_shown_one(shelf: LabelShelf, photos: list[str]) -> None:
    memory = at(photos[1])
    carry_out(asked(photos[0], box(shelf), go="next"), memory, desk_of(shelf), T)
    assert memory.shown == photos[1] and len(shelf.boxes.get(photos[0]).boxes) == 1


def test_another_choice_of_work_begins_with_its_first_photo(shelf: LabelShelf, photos: list[str]) -> None:
    elsewhere = shelf.add(9, "osulloc")
    memory, desk = LabelMemory(), desk_of(shelf)
    for _ in range(2):
        go_on(memory, desk)
    memory.place = PLACE
    begin_anew(memory, desk)
    assert memory.shown == photos[0]
    memory.place = "osulloc"
    begin_anew(memory, desk)
    assert memory.shown == elsewhere
