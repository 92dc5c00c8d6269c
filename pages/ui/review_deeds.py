"""Carry out what a grid asked for: decide, undo, open, turn the page. Each action once, each decision whole."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.db.places import UNKNOWN, UNSORTED
from core.domain.library import Change, RejectReason
from core.domain.photo import PhotoStatus
from core.errors import EodiError
from core.messages import Translator, describe
from pages.ui import resources, review_state
from pages.ui.access import current_actor
from pages.ui.review_filters import OF_A_PAGE, Wanted
from pages.ui.review_grid import reason_names
from pages.ui.review_state import Decided, ReviewMemory

UNDO_DEPTH = 100
Action = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """What carrying out needs. names: of places, as for the tiles. read: reads the address, which actions change."""

    t: Translator
    names: Mapping[str, str]
    read: Callable[[], Wanted]
    memory: ReviewMemory


def carry_out(desk: Desk, asked: Any) -> None:
    """Carry out what the browser sent, in order; of what was carried out before, only the address is set again.

    A run that cut short the one before came with the address that the browser had then. What does not look like an
    action is passed over; what cannot be done is said.
    """
    if not isinstance(asked, dict) or not isinstance(asked.get("actions"), list):
        return
    client = str(asked.get("client", ""))[:64]
    for action in asked["actions"]:
        number = action.get("number") if isinstance(action, dict) else None
        if not isinstance(number, int):
            continue
        if number <= desk.memory.handled.get(client, 0):
            review_state.go(**desk.memory.went.get((client, number), {}))
            continue
        before = review_state.parts(OF_A_PAGE)
        attempt(desk, lambda action=action: _carry_out_one(desk, action))
        after = review_state.parts(OF_A_PAGE)
        desk.memory.note_handled(client, number, after if after != before else {})


def held_pictures(asked: Any) -> frozenset[str]:
    """Return which pictures the browser said that it holds, by the beginnings of their hashes."""
    held = asked.get("have") if isinstance(asked, dict) else None
    return frozenset(map(str, held)) if isinstance(held, list) else frozenset()


def attempt(desk: Desk, deed: Callable[[], None]) -> None:
    """Do something, or say why it cannot be done."""
    try:
        deed()
    except EodiError as error:
        desk.memory.say(describe(error, desk.t.language), bad=True)


def _carry_out_one(desk: Desk, action: Action) -> None:
    kind = action.get("kind")
    if kind in ("accept", "reject", "move"):
        decide(desk, str(kind), _hashes(action), action)
    elif kind == "undo":
        undo(desk)
    elif kind == "open":
        _open(desk, str(action.get("sha")))
    elif kind == "turn" and isinstance(action.get("to"), int):
        _turn(desk, max(1, action["to"]))
    elif kind == "close":
        close(desk)


def _hashes(action: Action) -> list[str]:
    named = action.get("shas")
    return [str(sha256) for sha256 in named] if isinstance(named, list) else []


def decide(desk: Desk, kind: str, sha256s: list[str], action: Action, stay: bool = False) -> None:
    """Decide about photos and say so; when one was shown alone, go on to the next unless told to stay."""
    wanted = desk.read()
    change, words = _change(desk, kind, sha256s, action)
    if change.changed:
        resources.model_shelf().library_changed()
    if change.changed and change.batch_id:
        at = wanted.at if wanted.photo else 0
        desk.memory.decided = [*desk.memory.decided, Decided(change.batch_id, tuple(sha256s), at)][-UNDO_DEPTH:]
    desk.memory.say(words if change.changed else desk.t("review.said.nothing"), can_undo=change.changed > 0)
    if wanted.photo in sha256s and not stay:
        _go_on(wanted)


def _change(desk: Desk, kind: str, sha256s: list[str], action: Action) -> tuple[Change, str]:
    review, actor, t = resources.review(), current_actor(), desk.t
    if kind == "accept":
        change = review.accept(sha256s, actor)
        return change, t("review.said.accepted", count=change.changed)
    if kind == "reopen":
        change = review.reopen(sha256s, actor)
        return change, t("review.said.reopened", count=change.changed)
    if kind == "move":
        slug = str(action.get("place"))
        change = review.move(sha256s, slug if slug not in ("", UNSORTED) else None, actor)
        return change, t("review.said.moved", count=change.changed, place=desk.names.get(slug, slug))
    reason = next((r for r in RejectReason if r.value == action.get("reason")), RejectReason.OTHER)
    change = review.reject(sha256s, reason, str(action.get("note", ""))[:200], actor)
    return change, t("review.said.rejected", count=change.changed, reason=reason_names(t)[reason])


def undo(desk: Desk) -> None:
    """Take back the last decision of this session that was not taken back yet, and show its photos again.

    A decision that cannot be taken back any more is not offered again.
    """
    if not desk.memory.decided:
        return
    last = desk.memory.decided.pop()
    change = resources.review().undo(last.batch_id, current_actor())
    resources.model_shelf().library_changed()
    desk.memory.say(desk.t("review.said.undone", count=change.changed))
    desk.memory.focus = last.photos[0]
    if desk.read().photo:
        review_state.go(photo=last.photos[0], at=str(last.at or ""))


def _open(desk: Desk, sha256: str) -> None:
    wanted = desk.read()
    page = resources.photos().find(wanted.filter, wanted.order, wanted.size, wanted.first)
    place = next((place for place, record in enumerate(page) if record.sha256 == sha256), None)
    review_state.go(photo=sha256, at="" if place is None else str(wanted.first + place + 1))


def _turn(desk: Desk, to: int) -> None:
    wanted = desk.read()
    if wanted.photo:
        _show_number(wanted, to)
    else:
        review_state.go(page=str(to) if to > 1 else "")


def _go_on(wanted: Wanted) -> None:
    """Show the photo after the one that was decided about, which may have left the list."""
    standing = resources.photos().find(wanted.filter, wanted.order, 1, max(0, wanted.at - 1)) if wanted.at else ()
    stayed = bool(standing) and standing[0].sha256 == wanted.photo
    if wanted.at:
        _show_number(wanted, wanted.at + 1 if stayed else wanted.at)


def _show_number(wanted: Wanted, at: int) -> None:
    """Show the photo that stands there; beyond the end, go back to the grid."""
    found = resources.photos().find(wanted.filter, wanted.order, 1, at - 1)
    if found:
        review_state.go(photo=found[0].sha256, at=str(at))
    else:
        review_state.go(photo="", at="", page="")


def close(desk: Desk) -> None:
    """Go back to the page of the grid that the photo stands on."""
    wanted = desk.read()
    desk.memory.focus = wanted.photo
    page = (wanted.at - 1) // wanted.size + 1 if wanted.at else wanted.page
    review_state.go(photo="", at="", page=str(page) if page > 1 else "")


def destinations(names: Mapping[str, str], offered: list[str]) -> list[tuple[str, str]]:
    """Return where photos can be moved, (destination, name): the places on offer, then "unknown", then unsorted."""
    return [(slug, names[slug]) for slug in [*offered, UNKNOWN, ""]]


def stays(wanted: Wanted, names: Mapping[str, str]) -> dict[str, Any]:
    """Return which decisions leave a photo in the list of a filter."""
    slug, status = wanted.filter.place_slug, wanted.filter.status
    return {
        "accept": status in (None, PhotoStatus.ACCEPTED),
        "reject": status in (None, PhotoStatus.REJECTED),
        "move": list(names) if slug is None else ["" if slug == UNSORTED else slug],
    }


def notice(desk: Desk) -> dict[str, Any] | None:
    """Return what the bar shall say, as long as it is news."""
    said = desk.memory.notice
    if said is None or not said.is_fresh:
        return None
    return {"id": said.number, "text": said.text, "bad": said.bad, "undo": said.can_undo}
