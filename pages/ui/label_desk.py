"""One photo at a time on the desk: carry out what the canvas asks, and say which photo comes next.

The database has a box before the canvas hears "saved". Nothing here draws; `label_view` does.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from core.dataset.label_rules import finish_photo
from core.db.boxes import BoxRepository
from core.db.labels import LabelRepository
from core.db.photos import PhotoRepository
from core.domain.label import LabelDecision, PhotoLabels, WorkOrder
from core.errors import Conflict, DatabaseUnavailable, EodiError, NotFound
from core.messages import Translator, describe
from pages.ui.box_canvas import CanvasAnswer, CanvasRequest
from pages.ui.box_canvas.canvas import AnswerState
from pages.ui.label_state import LabelMemory

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """What labelling needs. actor: who draws. holder: under which name photos are reserved. order: of work."""

    boxes: BoxRepository
    labels: LabelRepository
    photos: PhotoRepository
    actor: str
    holder: str
    order: Callable[[], WorkOrder]


def carry_out(request: CanvasRequest, memory: LabelMemory, desk: Desk, t: Translator) -> None:
    """Save, decide and go on as asked, and keep the answer for the canvas.

    A database that is away gives no answer: the canvas keeps what it has and asks again.
    """
    state, revision, message, theirs = AnswerState.SAVED, request.revision, "", None
    try:
        revision, message = _save_and_decide(request, desk, t)
        _afterwards(request, memory, desk, stay=bool(message))
    except DatabaseUnavailable:
        log.warning("boxes of %s wait: the database does not answer", request.photo_sha256[:12])
        return
    except Conflict as conflict:
        state = AnswerState.STALE if conflict.code == "labels.stale" else AnswerState.REFUSED
        message = describe(conflict, t.language)
        theirs = desk.boxes.get(request.photo_sha256)
    except EodiError as refusal:
        log.warning("boxes refused: %s", refusal)
        state, message = AnswerState.REFUSED, describe(refusal, t.language)
    when = t.moment(theirs.changed_at.astimezone()) if theirs and theirs.changed_at else ""
    memory.answer = CanvasAnswer(request.client, request.seq, state, revision, message, theirs, when)


def _save_and_decide(request: CanvasRequest, desk: Desk, t: Translator) -> tuple[int, str]:
    """Return the revision that stands now, and why a photo could not be called done."""
    sha256 = request.photo_sha256
    if request.boxes is None and request.decision is None:
        return request.revision, ""
    standing = desk.boxes.get(sha256)
    if request.boxes is not None:
        standing = desk.boxes.save(sha256, request.boxes, request.revision, desk.actor)
    elif standing.revision != request.revision:
        raise Conflict("labels.stale", revision=standing.revision)
    if request.decision is None:
        return standing.revision, ""
    try:
        return _decide(request, standing, desk).revision, ""
    except Conflict as conflict:
        if conflict.code != "labels.faults":
            raise
        return standing.revision, describe(conflict, t.language)


def _decide(request: CanvasRequest, standing: PhotoLabels, desk: Desk) -> PhotoLabels:
    if request.decision is LabelDecision.DONE:
        return finish_photo(standing, desk.photos, desk.boxes, desk.labels, desk.actor)
    decision = request.decision or LabelDecision.OPEN
    return desk.boxes.decide(request.photo_sha256, decision, request.reason, standing.revision, desk.actor)


def _afterwards(request: CanvasRequest, memory: LabelMemory, desk: Desk, stay: bool) -> None:
    """Go to another photo, or keep the reservation of this one where the canvas reminds of it."""
    if request.sharp:
        memory.sharp = request.photo_sha256
    if request.photo_sha256 != memory.shown:
        return
    if request.decision not in (None, LabelDecision.OPEN) and not stay:
        memory.passed.discard(request.photo_sha256)
    if request.go == "previous":
        go_back(memory, desk)
    elif request.go == "next" and not stay:
        go_on(memory, desk)
    elif request.keep:
        reserve(memory, desk)


def begin_anew(memory: LabelMemory, desk: Desk) -> None:
    """Show the first photo in the order of work, after another place or order was chosen."""
    memory.passed.clear()
    _show(desk.boxes.next_photo(memory.place, desk.holder, desk.order()), memory)


def go_on(memory: LabelMemory, desk: Desk) -> None:
    """Show the next photo: further along the way that was gone back, else the next in the order of work."""
    here = memory.shown
    if here:
        memory.copied = desk.boxes.get(here).boxes or memory.copied
    if memory.at < len(memory.way) - 1:
        memory.at += 1
        reserve(memory, desk)
        return
    is_open = bool(here) and desk.boxes.get(here).decision is LabelDecision.OPEN
    follower = desk.boxes.next_photo(memory.place, desk.holder, desk.order(), memory.passed | {here})
    if follower is None:  # once around: what was passed over comes again
        memory.passed.clear()
        follower = desk.boxes.next_photo(memory.place, desk.holder, desk.order(), {here})
    if is_open:
        memory.passed.add(here)
    if follower is None and is_open:
        reserve(memory, desk)
    else:
        _show(follower, memory)


def _show(follower: str | None, memory: LabelMemory) -> None:
    """Show a photo that was reserved just now; None shows none, and the way back stays."""
    memory.locked = False
    if follower is None:
        memory.at = len(memory.way)
    else:
        memory.show(follower)


def go_back(memory: LabelMemory, desk: Desk) -> None:
    """Show the photo that was shown before."""
    if memory.at > 0:
        memory.at -= 1
        reserve(memory, desk)


def open_photo(sha256: str, memory: LabelMemory, desk: Desk) -> None:
    """Show a photo that the address names; one that is not there leaves the page with the next in order.

    sha256: text from outside.
    """
    if not desk.photos.get_many([sha256]):
        go_on(memory, desk)
        return
    memory.show(sha256)
    reserve(memory, desk)


def reserve(memory: LabelMemory, desk: Desk) -> None:
    """Keep the shown photo from everybody else, or note that somebody has it."""
    if not memory.shown:
        return
    try:
        memory.locked = not desk.boxes.lease(memory.shown, desk.holder)
    except NotFound:  # deleted meanwhile
        memory.way.remove(memory.shown)
        memory.at = min(memory.at, len(memory.way) - 1)
