"""What the browser sends is checked before anything is done with it; what it is told is plain."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from core.domain.label import Box, BoxFault, BoxOrigin, FaultKind, LabelDecision, NothingReason, PhotoLabels
from core.errors import InvalidInput
from pages.ui.box_canvas import CanvasAnswer, CanvasLabel, CanvasPhoto, CanvasView, read_request
from pages.ui.box_canvas.canvas import HERE, PROGRAM, AnswerState, as_plain

SHA = "a" * 64
BOX = Box("b" * 32, 3, (0.1, 0.2, 0.3, 0.4), BoxOrigin.CORRECTED)
SENT: dict[str, Any] = {
    "client": "c1",
    "seq": 2,
    "photo": SHA,
    "revision": 5,
    "boxes": [{"id": "b" * 32, "label": 3, "xyxyn": [0.1, 0.2, 0.3, 0.4], "origin": "corrected"}],
    "decide": "nothing_here",
    "reason": "indoors",
    "go": "next",
    "attempt": 0,
}


def test_what_a_canvas_sends_is_read() -> None:
    request = read_request(SENT)
    assert request is not None and request.boxes == (BOX,)
    assert (request.decision, request.reason) == (LabelDecision.NOTHING_HERE, NothingReason.INDOORS)
    assert (request.photo_sha256, request.revision, request.seq, request.go) == (SHA, 5, 2, "next")
    assert not request.sharp and not request.keep


def test_nothing_sent_is_nothing_asked() -> None:
    assert read_request(None) is None
    unchanged = read_request({**SENT, "boxes": None, "decide": None, "reason": None, "go": ""})
    assert unchanged is not None and unchanged.boxes is None and unchanged.decision is None


@pytest.mark.parametrize(
    "change",
    [
        {"seq": "1"},
        {"seq": -1},
        {"seq": 1.5},
        {"seq": True},
        {"revision": 2**60},
        {"revision": None},
        {"photo": 7},
        {"photo": "x" * 500},
        {"boxes": "abc"},
        {"boxes": [{}]},
        {"boxes": [None]},
        {"boxes": [{**SENT["boxes"][0], "xyxyn": [0, 1, 2]}]},
        {"boxes": [{**SENT["boxes"][0], "xyxyn": ["a", 0, 1, 1]}]},
        {"boxes": [{**SENT["boxes"][0], "origin": "dreamt"}]},
        {"boxes": [{**SENT["boxes"][0], "id": ["x"]}]},
        {"boxes": [SENT["boxes"][0]] * 2_001},
        {"decide": "maybe"},
        {"reason": "<b>"},
        {"go": "away"},
    ],
)
def test_anything_else_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=r"labels\.request"):
        read_request({**SENT, **change})


@pytest.mark.parametrize("value", ["", 3, [], {}, {"client": "c"}, [[]]])
def test_what_is_no_request_at_all_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput):
        read_request(value)


def test_the_browser_is_told_plain_values() -> None:
    standing = PhotoLabels(SHA, 4, (BOX,), LabelDecision.OPEN, None, "minji")
    answer = CanvasAnswer("c1", 2, AnswerState.STALE, 3, "stale", standing, "today")
    view = CanvasView(
        words={"undo": "Undo"},
        photo=CanvasPhoto(SHA, 640, 480, "source"),
        labels=[CanvasLabel(3, "탑", "#e69f00", 1, offered=True)],
        standing=standing,
        answer=answer,
        suggestions=[(BOX, 0.5)],
        faults=[(BoxFault(FaultKind.DOUBLED, BOX.box_id, None), "twice")],
        reasons=[(NothingReason.PEOPLE, "people")],
    )
    told = json.loads(json.dumps(as_plain(view)))
    assert told["boxes"] == [SENT["boxes"][0]] and told["revision"] == 4
    assert told["ack"]["theirs"]["actor"] == "minji" and told["ack"]["state"] == "stale"
    assert told["suggestions"][0]["confidence"] == 0.5 and told["faults"][0]["repaired"] is None


def test_without_a_photo_the_browser_is_told_so() -> None:
    assert as_plain(CanvasView({}, None, [], None))["photo"] is None


@pytest.mark.parametrize("part", PROGRAM)
def test_no_part_of_the_program_writes_markup(part: str) -> None:
    program = (HERE / f"{part}.js").read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", program)
    assert len(program.splitlines()) < 300


def test_every_file_of_the_program_is_part_of_it() -> None:
    assert {path.stem for path in Path(HERE).glob("*.js")} == set(PROGRAM)
