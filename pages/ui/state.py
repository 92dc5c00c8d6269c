"""What is remembered for one visitor: the language in the address, the answers of this session.

The only module that touches `st.session_state` and `st.query_params`. What it holds is gone when the session ends.
"""

from typing import Any

import streamlit as st

from core.domain.place import LANGUAGES, Language

LANGUAGE_PARAMETER = "lang"
LANGUAGE_WIDGET = "language_switch"
_LANGUAGE = "language"
_ANSWERS = "answers"
ANSWERS_KEPT = 40  # each holds a derivative of about 150 KB: at most 6 MB for one visitor


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


def answer_of(upload_id: str) -> Any | None:
    """Return what was kept for an upload, or None."""
    return st.session_state.get(_ANSWERS, {}).get(upload_id)


def keep_answer(upload_id: str, answer: Any) -> None:
    """Keep the answer of an upload, so that drawing the page again does not compute it again."""
    answers = st.session_state.setdefault(_ANSWERS, {})
    answers[upload_id] = answer
    while len(answers) > ANSWERS_KEPT:
        answers.pop(next(iter(answers)))
