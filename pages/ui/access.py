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
    if audience is Audience.VISITOR or st.get_option("server.address") in LOOPBACK or _signed_in():
        return
    st.info(t("access.sign_in_first"))
    st.stop()


def _signed_in() -> bool:
    return bool(getattr(st.user, "is_logged_in", False))
