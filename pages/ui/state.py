"""What is remembered for one visitor: the language in the address, and what belongs to each photo in the drop zone.

The only module that touches `st.session_state` and `st.query_params`. What it holds is gone when the session ends, and
what belongs to a photo when that photo leaves the drop zone.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import streamlit as st

from core.domain.place import LANGUAGES, Language

LANGUAGE_PARAMETER = "lang"
PLACE_PARAMETER = "place"
JOB_PARAMETER = "job"
LANGUAGE_WIDGET = "language_switch"
_LANGUAGE = "language"
_KEPT = "kept"
_PICTURE = "picture"
_SHOWN = "shown"
_SEEN = "seen"
_ROUND = "uploader_round"


class Kept(StrEnum):
    """What is kept of one upload."""

    OUTCOME = "outcome"
    FEEDBACK = "feedback"
    CONTRIBUTION = "contribution"
    WHY = "why"


def chosen_language() -> Language | None:
    """Return the language of the address, else the one chosen earlier in this session (then written to the address)."""
    wanted = st.query_params.get(LANGUAGE_PARAMETER)
    for language in LANGUAGES:
        if wanted == language:
            st.session_state[_LANGUAGE] = language
            return language
    kept: Language | None = st.session_state.get(_LANGUAGE)
    if kept is not None:
        st.query_params[LANGUAGE_PARAMETER] = kept
    return kept


def show_in_switch(language: Language) -> None:
    """Set the language switch before it is drawn, so that it follows the address."""
    st.session_state[LANGUAGE_WIDGET] = language


def take_from_switch() -> None:
    """Keep what the visitor chose in the language switch, in the session and in the address."""
    language = st.session_state[LANGUAGE_WIDGET]
    st.session_state[_LANGUAGE] = language
    st.query_params[LANGUAGE_PARAMETER] = language


def place_in_address() -> str | None:
    """Return the place that the address asks for: text from outside.

    A link from a page to itself changes the address that the server knows, not the browser's: write it there too.
    """
    st.query_params.from_dict(st.query_params.to_dict())
    return st.query_params.get(PLACE_PARAMETER)


def job_in_address() -> str | None:
    """Return the job that the address names: text from outside."""
    return st.query_params.get(JOB_PARAMETER)


def put_job_in_address(job_id: str) -> None:
    """Name a job in the address, where a reload finds it again."""
    st.query_params[JOB_PARAMETER] = job_id


def forget_job() -> None:
    """Take the job out of the address."""
    st.query_params.pop(JOB_PARAMETER, None)


def kept(upload_id: str, what: Kept) -> Any | None:
    """Return what was kept for an upload, or None."""
    return st.session_state.get(_KEPT, {}).get(upload_id, {}).get(what)


def keep(upload_id: str, what: Kept, value: Any) -> None:
    """Keep something for an upload, so that drawing the page again finds it; None forgets it."""
    st.session_state.setdefault(_KEPT, {}).setdefault(upload_id, {})[what] = value


def note_uploads(upload_ids: Sequence[str]) -> None:
    """Forget what belongs to uploads that are no longer there, and show the first of those that are new."""
    held = st.session_state.get(_KEPT, {})
    st.session_state[_KEPT] = {upload_id: held[upload_id] for upload_id in upload_ids if upload_id in held}
    seen = st.session_state.get(_SEEN, ())
    added = [upload_id for upload_id in upload_ids if upload_id not in seen]
    st.session_state[_SEEN] = tuple(upload_ids)
    if added or st.session_state.get(_SHOWN) not in upload_ids:
        st.session_state[_SHOWN] = next(iter([*added, *upload_ids]), "")


def kept_picture(upload_id: str) -> bytes | None:
    """Return the picture of the upload that was shown last, None for any other."""
    shown_id, picture = st.session_state.get(_PICTURE, ("", None))
    return picture if shown_id == upload_id else None


def keep_picture(upload_id: str, picture: bytes) -> None:
    """Keep the one picture that is shown; it takes the place of the one before."""
    st.session_state[_PICTURE] = (upload_id, picture)


def shown() -> str:
    """Return which of the uploads to show in full."""
    return str(st.session_state.get(_SHOWN, ""))


def show(upload_id: str) -> None:
    """Choose the upload to show in full."""
    st.session_state[_SHOWN] = upload_id


def uploader_round() -> int:
    """Return how often the drop zone was emptied; a part of its key."""
    return int(st.session_state.get(_ROUND, 0))


def empty_uploader() -> None:
    """Let the next run draw an empty drop zone."""
    st.session_state[_ROUND] = uploader_round() + 1
