"""The photos under review as a grid, or one alone, with the bar below them: our own component, by mouse, keys, touch.

The browser shows a decision at once and sends it with a number; `review_deeds` carries each number out once, and the
grid is told up to which (`handled`). Called by the review's views.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.domain.library import RejectReason
from core.domain.photo import PhotoStatus
from core.messages import Translator

HERE = Path(__file__).parent
PARTS = ("tile.js", "grid.js", "menus.js", "bar.js", "main.js")  # one module in five files
STYLES = ("photos.css", "bar.css", "alone_and_phone.css")


def _joined(parts: tuple[str, ...]) -> str:
    return "\n".join((HERE / part).read_text(encoding="utf-8") for part in parts)


_grid = st.components.v2.component(
    "eodi_review_grid",
    css=_joined(STYLES),
    js=_joined(PARTS),
)


@dataclass(frozen=True, slots=True)
class GridPage:
    """What a grid shows.

    token: another one for another page, which is then shown from its beginning. photos: see `review_tiles`.
    page: its number, or with `alone` the photo's. extent: which photos of how many, in words. stays: by decision, the
    destinations (for accept and reject: whether) that leave a photo in this list. focus: the photo to begin with.
    """

    token: str
    photos: Sequence[Mapping[str, Any]]
    page: int
    extent: str
    has_before: bool
    has_after: bool
    can_undo: bool
    stays: Mapping[str, Any]
    handled: Mapping[str, int]
    focus: str = ""
    notice: Mapping[str, Any] | None = None
    alone: bool = False


def show_grid(t: Translator, key: str, page: GridPage, places: Sequence[tuple[str, str]]) -> None:
    """Draw a page of photos; what is done with them is asked for under `key`, see `review_state.asked`.

    places: where photos can be moved, (destination, name).
    """
    data = {
        "token": page.token,
        "photos": list(page.photos),
        "page": page.page,
        "range": page.extent,
        "hasBefore": page.has_before,
        "hasAfter": page.has_after,
        "canUndo": page.can_undo,
        "stays": dict(page.stays),
        "handled": dict(page.handled),
        "focus": page.focus,
        "notice": page.notice,
        "one": page.alone,
        "words": _words(t, places, page.alone),
    }
    _grid(key=key, data=data, on_act_change=lambda: None)


def reason_names(t: Translator) -> dict[RejectReason, str]:
    """Return why a photo may be thrown out, in words, in the order of the digits that choose them."""
    return {
        RejectReason.WRONG_PLACE: t("review.reason.wrong_place"),
        RejectReason.NO_LANDMARK: t("review.reason.no_landmark"),
        RejectReason.PEOPLE: t("review.reason.people"),
        RejectReason.INDOORS: t("review.reason.indoors"),
        RejectReason.POOR_QUALITY: t("review.reason.poor_quality"),
        RejectReason.DUPLICATE: t("review.reason.duplicate"),
        RejectReason.NOT_A_PHOTO: t("review.reason.not_a_photo"),
        RejectReason.OTHER: t("review.reason.other"),
    }


def _words(t: Translator, places: Sequence[tuple[str, str]], alone: bool) -> dict[str, Any]:
    return {
        "grid": t("review.grid"),
        "missing": t("review.missing"),
        "pick": t("review.pick"),
        "open": t("review.open"),
        "twins": t("review.twins"),
        "status": {
            PhotoStatus.NEW.value: t("review.status.new"),
            PhotoStatus.ACCEPTED.value: t("review.status.accepted"),
            PhotoStatus.REJECTED.value: t("review.status.rejected"),
            PhotoStatus.SET_ASIDE.value: t("review.status.set_aside"),
        },
        "selected": t("review.selected", count="{count}"),
        "none": t("review.select_none"),
        "accept": t("review.accept"),
        "reject": t("review.reject"),
        "move": t("review.move"),
        "undo": t("review.undo"),
        "before": t("review.photo_before") if alone else t("review.page_before"),
        "after": t("review.photo_after") if alone else t("review.page_after"),
        "why": t("review.why"),
        "reasons": [(reason.value, name) for reason, name in reason_names(t).items()],
        "note": t("review.note"),
        "where": t("review.where"),
        "places": list(places),
        "find": t("review.find_place"),
        "keys": t("review.keys"),
        "keyList": _keys_alone(t) if alone else _keys_of_grid(t),
    }


def _keys_of_grid(t: Translator) -> list[tuple[list[str], str]]:
    return [
        (["←", "→", "↑", "↓"], t("review.key.walk")),
        (["Space"], t("review.key.select")),
        (["Shift", "←→↑↓"], t("review.key.extend")),
        (["Ctrl", "A"], t("review.key.all")),
        (["Esc"], t("review.key.none")),
        (["Enter"], t("review.key.open")),
        (["["], t("review.page_before")),
        (["]"], t("review.page_after")),
        *_keys_of_both(t),
    ]


def _keys_alone(t: Translator) -> list[tuple[list[str], str]]:
    return [
        (["←"], t("review.photo_before")),
        (["→"], t("review.photo_after")),
        (["Esc"], t("review.key.back")),
        *_keys_of_both(t),
    ]


def _keys_of_both(t: Translator) -> list[tuple[list[str], str]]:
    return [
        (["A"], t("review.accept")),
        (["R", "1–8"], t("review.key.reject")),
        (["M"], t("review.key.move")),
        (["U"], t("review.undo")),
        (["?"], t("review.keys")),
    ]
