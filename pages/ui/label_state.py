"""What is remembered while a person labels: the way through the photos, and the answer to the canvas's last request.

With `state.py`, which would grow too long with it, a module that touches `st.session_state` and `st.query_params`.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import uuid4

import streamlit as st

from core.domain.label import Box, LabelOrder
from pages.ui.box_canvas import CanvasAnswer

PHOTO_PARAMETER = "photo"
VIEW_PARAMETER = "view"
CANVAS_KEY = "label-canvas"
PLACE_WIDGET, ORDER_WIDGET = "label-place", "label-order"
XSRF_COOKIE = "_streamlit_xsrf"  # given to every browser by Streamlit, the same over reloads and tabs
_MEMORY = "labelling"


@dataclass(slots=True)
class LabelMemory:
    """What one session remembers. way: photos in the order they were shown; at: where on it the shown one is.

    passed: photos that were left without a decision. sharp: the photo of which more pixels are wanted.
    copied: the boxes of the photo before, to copy. locked: somebody else has the shown photo. addressed: what the
    address was last made to say. desk: one at work, for reservations, while no browser has a cookie.
    """

    way: list[str] = field(default_factory=list)
    at: int = -1
    passed: set[str] = field(default_factory=set)
    answer: CanvasAnswer | None = None
    sharp: str = ""
    copied: tuple[Box, ...] = ()
    place: str | None = None
    order: LabelOrder = LabelOrder.ARRIVAL
    locked: bool = False
    addressed: str = ""
    desk: str = field(default_factory=lambda: uuid4().hex)

    @property
    def shown(self) -> str:
        """The photo on the way that is shown, "" for none yet."""
        return self.way[self.at] if 0 <= self.at < len(self.way) else ""

    def show(self, photo_sha256: str) -> None:
        """Go on to a photo; what lay ahead on the way is forgotten."""
        if photo_sha256 != self.shown:
            del self.way[self.at + 1 :]
            self.way.append(photo_sha256)
            self.at = len(self.way) - 1


def memory() -> LabelMemory:
    """Return what this session remembers."""
    held: LabelMemory = st.session_state.setdefault(_MEMORY, LabelMemory())
    return held


def request_of_canvas() -> Any:
    """Return what the canvas asked last: what the browser sent, or None."""
    return (st.session_state.get(CANVAS_KEY) or {}).get("request")


def photo_in_address() -> str:
    """Return the photo that the address names, "" for none: text from outside."""
    return str(st.query_params.get(PHOTO_PARAMETER, ""))


def put_photo_in_address(photo_sha256: str) -> None:
    """Name the shown photo in the address, where a reload finds it again; "" names none."""
    if photo_in_address() == photo_sha256:
        return
    if photo_sha256:
        st.query_params[PHOTO_PARAMETER] = photo_sha256
    else:
        st.query_params.pop(PHOTO_PARAMETER, None)


def view_in_address() -> str:
    """Return which part of the page the address asks for, "" for none: text from outside."""
    return str(st.query_params.get(VIEW_PARAMETER, ""))


def put_view_in_address(view: str) -> None:
    """Name a part of the page in the address."""
    st.query_params[VIEW_PARAMETER] = view


def go_to_photo(photo_sha256: str) -> None:
    """Open a photo to draw on."""
    st.query_params[PHOTO_PARAMETER] = photo_sha256
    st.query_params.pop(VIEW_PARAMETER, None)


def follow(widget: str, value: Any) -> None:
    """Set a widget before it is drawn."""
    st.session_state[widget] = value


def chosen(widget: str) -> Any:
    """Return what a widget holds; None for nothing."""
    return st.session_state.get(widget)


def forget(prefix: str) -> None:
    """Forget every widget whose key begins so."""
    for key in [key for key in st.session_state if str(key).startswith(prefix)]:
        del st.session_state[key]


def holder(actor: str) -> str:
    """Return the name under which photos are reserved: one per browser, so that a reload keeps what it had.

    A hash, since the cookie itself is nobody's business in a database.
    """
    token = st.context.cookies.get(XSRF_COOKIE, "")
    parts = token.split("|")
    # Streamlit masks the token anew with every answer; unmasked it stays the same.
    steady = _unmasked(parts) or memory().desk
    return sha256(f"{actor} {steady}".encode()).hexdigest()[:32]


def _unmasked(parts: list[str]) -> str:
    """Return what stays of a cookie `2|mask|masked token|time`, "" for one of another form."""
    try:
        version, mask, masked, moment = parts
        keys, token = bytes.fromhex(mask), bytes.fromhex(masked)
    except ValueError:
        return ""
    if version != "2" or not keys:
        return ""
    return bytes(byte ^ keys[place % len(keys)] for place, byte in enumerate(token)).hex() + moment
