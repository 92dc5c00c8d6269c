"""Korean or English: the visitor's choice, kept in the address as `?lang=ko` or `?lang=en`.

Until a choice is made: the operator's `EODI_LANGUAGE`, else the browser's language, else Korean.
"""

import streamlit as st

from core.domain.place import LANGUAGES, Language
from core.errors import EodiError
from core.messages import Translator, pick_language, translator
from pages.ui import resources, state

NAMES: dict[Language, str] = {"ko": "한국어", "en": "English"}


def current_language() -> Language:
    """Return the language to speak in this run."""
    return pick_language([state.chosen_language(), _operators_wish(), st.context.locale])


def _operators_wish() -> Language | None:
    """Return `EODI_LANGUAGE`; settings that cannot be read have no wish, and the page's body says what is wrong."""
    try:
        return resources.settings().language
    except EodiError:
        return None


def current_words() -> Translator:
    """Return the words of the current language."""
    return translator(current_language())


def language_switch(t: Translator) -> None:
    """Draw the switch between the two languages."""
    state.show_in_switch(t.language)
    st.segmented_control(
        t("language.label"),
        LANGUAGES,
        format_func=lambda language: NAMES[language],
        key=state.LANGUAGE_WIDGET,
        required=True,
        on_change=state.take_from_switch,
        label_visibility="collapsed",
    )
