"""The canvas for Python: what it shows goes in as a `CanvasView`, what a person did comes out as a `CanvasRequest`.

A request carries the whole set of boxes of one photo, the revision that it started from, and a number; the view that
answers it names that number, and only then does the canvas say "saved". Boxes are fractions of the upright photo.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from core.domain.label import Box, BoxFault, BoxOrigin, LabelDecision, NothingReason, PhotoLabels
from core.errors import InvalidInput

HERE = Path(__file__).parent
PROGRAM = ("geometry", "view", "saving", "editing", "drawing", "pointer", "keys", "panel", "mount")
REQUEST = "request"
MOST_BOXES = 2_000  # of one request; the database's own limit is lower and has a sentence
SHORT = 128

_canvas = st.components.v2.component(
    "eodi_box_canvas",
    html=(HERE / "canvas.html").read_text(encoding="utf-8"),
    css=(HERE / "canvas.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / f"{part}.js").read_text(encoding="utf-8") for part in PROGRAM),
)


@dataclass(frozen=True, slots=True)
class CanvasPhoto:
    """The photo on the stage. width, height: its own pixels, upright.

    source, sharp: keys of the containers that hold the picture as an ordinary image of the page; sharp is "" until more
    pixels are there. credit: author and licence, as text. locked: only shown, since somebody else labels it.
    """

    sha256: str
    width: int
    height: int
    source: str
    sharp: str = ""
    credit: str = ""
    locked: bool = False


@dataclass(frozen=True, slots=True)
class CanvasLabel:
    """A label to draw with. key: 1–9, or 0 for none. offered: whether new boxes may have it."""

    label_id: int
    name: str
    colour: str
    key: int
    offered: bool


class AnswerState(StrEnum):
    """What became of a request."""

    SAVED = "saved"
    STALE = "stale"  # somebody saved in between; nothing was changed
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CanvasAnswer:
    """The answer to one request. message: for the person. theirs: what stands, where the request was stale."""

    client: str
    seq: int
    state: AnswerState
    revision: int
    message: str = ""
    theirs: PhotoLabels | None = None
    when: str = ""


@dataclass(frozen=True, slots=True)
class CanvasRequest:
    """What a person did. boxes: all that the photo shall have, None when they did not change.

    client, seq: which canvas asks, and its how-manieth request this is. go: to another photo afterwards.
    sharp: more pixels are wanted. keep: the photo is still being worked on.
    """

    client: str
    seq: int
    photo_sha256: str
    revision: int
    boxes: tuple[Box, ...] | None = None
    decision: LabelDecision | None = None
    reason: NothingReason | None = None
    go: Literal["", "next", "previous"] = ""
    sharp: bool = False
    keep: bool = False


@dataclass(frozen=True, slots=True)
class CanvasView:
    """All that the canvas shows. words: its sentences by name. suggestions: boxes with the detector's confidence, 0..1.

    work: which work was chosen; a new choice gives the keyboard back to the canvas.
    previous: boxes of the photo before, to copy. faults: with the sentence that says what is wrong.
    """

    words: Mapping[str, Any]
    photo: CanvasPhoto | None
    labels: Sequence[CanvasLabel]
    standing: PhotoLabels | None
    answer: CanvasAnswer | None = None
    suggestions: Sequence[tuple[Box, float]] = ()
    previous: Sequence[Box] = ()
    faults: Sequence[tuple[BoxFault, str]] = ()
    reasons: Sequence[tuple[NothingReason, str]] = field(default_factory=tuple)
    has_previous: bool = False
    work: str = ""


def box_canvas(view: CanvasView, key: str, on_request: Callable[[], None]) -> None:
    """Draw the canvas; `on_request` runs before the next run, when a person did something: see `read_request`."""
    _canvas(key=key, data=as_plain(view), default={REQUEST: None}, **{f"on_{REQUEST}_change": on_request})


def as_plain(view: CanvasView) -> dict[str, Any]:
    """Return what the browser is told."""
    standing, photo = view.standing, view.photo
    return {
        "words": dict(view.words),
        "photo": photo
        and {
            "sha": photo.sha256,
            "width": photo.width,
            "height": photo.height,
            "source": photo.source,
            "sharp": photo.sharp,
            "credit": photo.credit,
            "locked": photo.locked,
        },
        "labels": [
            {
                "id": label.label_id,
                "name": label.name,
                "colour": label.colour,
                "key": label.key,
                "offered": label.offered,
            }
            for label in view.labels
        ],
        "boxes": [_plain_box(box) for box in standing.boxes] if standing else [],
        "revision": standing.revision if standing else 0,
        "decision": (standing.decision if standing else LabelDecision.OPEN).value,
        "reason": standing.reason.value if standing and standing.reason else "",
        "ack": _plain_answer(view.answer),
        "suggestions": [{**_plain_box(box), "confidence": confidence} for box, confidence in view.suggestions],
        "previous": [_plain_box(box) for box in view.previous],
        "faults": [_plain_fault(fault, text) for fault, text in view.faults],
        "reasons": [{"value": reason.value, "text": text} for reason, text in view.reasons],
        "has_previous": view.has_previous,
        "work": view.work,
    }


def read_request(value: Any) -> CanvasRequest | None:
    """Return what the browser sent, checked: anyone with the page open can send anything; None for nothing.

    Raises:
        InvalidInput: code "labels.request"; it is not what a canvas sends.
    """
    if value is None:
        return None
    try:
        boxes = value["boxes"]
        if boxes is not None and len(boxes) > MOST_BOXES:
            raise ValueError(len(boxes))
        decide, reason, go = value.get("decide"), value.get("reason"), value.get("go") or ""
        if go not in ("", "next", "previous"):
            raise ValueError(go)
        return CanvasRequest(
            client=_short(value["client"]),
            seq=_whole(value["seq"]),
            photo_sha256=_short(value["photo"]),
            revision=_whole(value["revision"]),
            boxes=None if boxes is None else tuple(_read_box(box) for box in boxes),
            decision=LabelDecision(decide) if decide else None,
            reason=NothingReason(reason) if reason else None,
            go=go,
            sharp=bool(value.get("sharp")),
            keep=bool(value.get("keep")),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InvalidInput("labels.request") from error


def _read_box(box: Any) -> Box:
    left, top, right, bottom = (float(edge) for edge in box["xyxyn"])
    return Box(_short(box["id"]), _whole(box["label"]), (left, top, right, bottom), BoxOrigin(box["origin"]))


def _short(value: Any) -> str:
    if not isinstance(value, str) or len(value) > SHORT:
        raise ValueError("not a short text")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or not 0 <= value < 2**53:
        raise ValueError("not a whole number")
    return int(value)


def _plain_box(box: Box) -> dict[str, Any]:
    return {"id": box.box_id, "label": box.label_id, "xyxyn": list(box.xyxyn), "origin": box.origin.value}


def _plain_fault(fault: BoxFault, text: str) -> dict[str, Any]:
    repaired = _plain_box(fault.repaired) if fault.repaired else None
    return {"kind": fault.kind.value, "box": fault.box_id, "text": text, "repaired": repaired}


def _plain_answer(answer: CanvasAnswer | None) -> dict[str, Any] | None:
    if answer is None:
        return None
    theirs = answer.theirs and {
        "boxes": [_plain_box(box) for box in answer.theirs.boxes],
        "revision": answer.theirs.revision,
        "actor": answer.theirs.actor,
        "when": answer.when,
    }
    return {
        "client": answer.client,
        "seq": answer.seq,
        "state": answer.state.value,
        "revision": answer.revision,
        "message": answer.message,
        "theirs": theirs,
    }
