"""Who may open a page: visitors' pages anyone, curators' pages this machine's user or someone signed in."""

from enum import StrEnum

import streamlit as st

from core.messages import Translator

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Audience(StrEnum):
    """For whom a page is made."""

    VISITOR = "visitor"
    CURATOR = "curator"


def require_access(audience: Audience, t: Translator) -> None:
    """Let the run go on only for those the page is made for; others get one sentence and the run ends."""
    if audience is Audience.VISITOR or may_curate():
        return
    st.info(t("access.sign_in_first"))
    st.stop()


def may_curate() -> bool:
    """Whether to show what is for curators only, on a page that visitors open too."""
    return serves_this_machine_only() or _signed_in()


def serves_this_machine_only() -> bool:
    """Whether only this machine's user can reach the app, whose files the pages may then name by their path."""
    return st.get_option("server.address") in LOOPBACK


def current_actor() -> str:
    """Return who decides, for a photo's history: whoever signed in, else "local"."""
    return str(getattr(st.user, "email", None) or "local") if _signed_in() else "local"


def _signed_in() -> bool:
    return bool(getattr(st.user, "is_logged_in", False))
