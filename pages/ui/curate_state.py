"""What is remembered for a curator: what the page is doing, the fields of a form, a word for the next run.

Split from `state.py`, which would grow too long with it: the session and the address are touched in such modules only.
"""

from typing import Any

import streamlit as st

from core.domain.place import Position

TASK_PARAMETER = "do"
PLACE_PARAMETER = "place"
_NOTICE = "notice"


def task_in_address() -> str:
    """Return what the address asks to do on a page, "" for nothing: text from outside."""
    return str(st.query_params.get(TASK_PARAMETER, ""))


def open_task(task: str, place_slug: str = "") -> None:
    """Go to a task of this page, for one place or none; "" ends it."""
    for name, value in ((TASK_PARAMETER, task), (PLACE_PARAMETER, place_slug)):
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)


def start_field(key: str, first: Any) -> None:
    """Give a widget that is about to be drawn its first value, unless it has one."""
    st.session_state.setdefault(key, first)


def field(key: str) -> Any:
    """Return what a widget holds, or what was kept under this name; None for nothing."""
    return st.session_state.get(key)


def set_field(key: str, value: Any) -> None:
    """Set what a widget shows in the next run, or keep something under this name."""
    st.session_state[key] = value


def forget_fields(prefix: str) -> None:
    """Forget every field whose key begins so."""
    for key in [key for key in st.session_state if str(key).startswith(prefix)]:
        del st.session_state[key]


def picked(key: str) -> Position | None:
    """Return where a map's pin was just put; only a callback of the map sees it."""
    value = st.session_state[key].get("picked")
    return Position(float(value["latitude"]), float(value["longitude"])) if value else None


def leave_notice(words: str) -> None:
    """Leave a sentence for the next run, after a task that ends by showing another part of the page."""
    st.session_state[_NOTICE] = words


def take_notice() -> str:
    """Return the sentence that was left, once; "" for none."""
    return str(st.session_state.pop(_NOTICE, ""))
