"""What is remembered while photos are reviewed: what the address asks for, what can be undone, what was said last.

With `state.py`, which would grow too long with it, a module that touches `st.session_state` and `st.query_params`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import streamlit as st

_MEMORY = "review"
_GRIDS = 20  # grids whose last number is kept; a session draws one at a time
_WAYS = 50
_FRESH_S = 8.0  # for so long is a sentence said again to a grid that was drawn anew


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that can be taken back. photos: their hashes. at: where the first stood in its list, from 1."""

    batch_id: str
    photos: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Notice:
    """What was done last, or why not, in words."""

    number: int
    text: str
    bad: bool
    can_undo: bool
    said_at: float

    @property
    def is_fresh(self) -> bool:
        """Whether it was said a moment ago."""
        return monotonic() - self.said_at < _FRESH_S


@dataclass(slots=True)
class ReviewMemory:
    """What one session remembers. handled: by grid, the number of its last action that was carried out.

    went: by grid and number, the parts of the address that an action led to.
    """

    decided: list[Decided] = field(default_factory=list)
    handled: dict[str, int] = field(default_factory=dict)
    went: dict[tuple[str, int], dict[str, str]] = field(default_factory=dict)
    focus: str = ""
    notice: Notice | None = None

    def say(self, text: str, bad: bool = False, can_undo: bool = False) -> None:
        """Say what was done, or why not."""
        number = self.notice.number + 1 if self.notice else 1
        self.notice = Notice(number, text, bad, can_undo, monotonic())

    def note_handled(self, client: str, number: int, went: dict[str, str]) -> None:
        """Remember that a grid's actions up to this number were carried out, and where the last one led."""
        self.handled[client] = number
        if went:
            self.went[client, number] = went
        _keep_last(self.handled, _GRIDS)
        _keep_last(self.went, _WAYS)


def _keep_last(held: dict[Any, Any], most: int) -> None:
    while len(held) > most:
        del held[next(iter(held))]


def memory() -> ReviewMemory:
    """Return what this session remembers."""
    held: ReviewMemory = st.session_state.setdefault(_MEMORY, ReviewMemory())
    return held


def in_address(name: str) -> str:
    """Return a part of the address, "" for none: text from outside."""
    return str(st.query_params.get(name, ""))


def parts(names: Sequence[str]) -> dict[str, str]:
    """Return these parts of the address, "" for those that it does not have."""
    return {name: in_address(name) for name in names}


def go(**changed: str) -> None:
    """Set parts of the address at once, one step of the browser's history; "" takes a part out."""
    standing = st.query_params.to_dict()
    wanted = {name: value for name, value in {**standing, **changed}.items() if value}
    if wanted != standing:
        st.query_params.from_dict(wanted)


def leave(names: Sequence[str]) -> None:
    """Take parts out of the address."""
    go(**dict.fromkeys(names, ""))


def leave_all(but: Sequence[str]) -> None:
    """Take everything out of the address but these parts."""
    leave([name for name in st.query_params if name not in but])


def follow_address(key: str, value: Any) -> None:
    """Set a widget before it is drawn, so that it shows what the address says."""
    st.session_state[key] = value


def chosen(key: str) -> Any:
    """Return what was just chosen in a widget; for its callback."""
    return st.session_state[key]


def asked(key: str) -> Any:
    """Return what a grid asked for since the last run: what the browser sent, or None."""
    return (st.session_state.get(key) or {}).get("act")
