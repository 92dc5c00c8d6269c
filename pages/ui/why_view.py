"""Why? What an answer rests on: what the classifier went by, the tree's questions, the photos that look most alike.

Folded until it is asked for, and nothing of it is computed before.
"""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.domain.answer import Identification
from core.domain.place import Place
from core.messages import Translator
from pages.ui.answering import AnsweredPhoto, picture_of
from pages.ui.photo_view import show_found_boxes
from pages.ui.text import plain
from pages.ui.why_map import heat_for, lit, place_in_question
from pages.ui.why_neighbours import show_neighbours
from pages.ui.why_words import other_in_words, path_in_words

PICTURE = "why-shown"


def show_why(t: Translator, upload: UploadedFile, photo: AnsweredPhoto) -> None:
    """Draw the section; what is in it is made when it is opened."""
    folded = st.expander(t("why.title"), icon=":material/help:", key=f"why-{photo.key}", on_change="rerun")
    if not folded.open:
        return
    with folded, st.container(key="why"):
        picture, words = st.columns([6, 5], gap="medium")
        with picture:
            _show_map(t, upload, photo)
        with words:
            _show_path(t, photo.answer)
        show_neighbours(t, photo.answer)


def _show_map(t: Translator, upload: UploadedFile, photo: AnsweredPhoto) -> None:
    place = place_in_question(photo.answer)
    heat = heat_for(upload, place) if place is not None else None
    if place is None or heat is None:
        st.caption(plain(t("why.no_map")))
        return
    name = place.name.get(t.language)
    if not heat.max() > 0:
        st.caption(plain(t("why.nothing_speaks", place=name)))
        return
    _show_lit(t, upload, photo, place, lit(picture_of(upload), heat))


def _show_lit(t: Translator, upload: UploadedFile, photo: AnsweredPhoto, place: Place, picture: bytes) -> None:
    name = place.name.get(t.language)
    on = st.toggle(t("why.show_map", place=name), value=True, key=f"why-map-{photo.key}")
    with st.container(key=PICTURE):
        st.image(picture if on else picture_of(upload), width="stretch", alt=t("why.map_alt", place=name))
    st.caption(plain(t("why.legend", place=name)))
    if photo.answer.boxes:
        show_found_boxes(t, PICTURE, photo.answer, key=f"why-boxes-{photo.key}")


def _show_path(t: Translator, answer: Identification) -> None:
    """Draw how it was decided, question by question, and what would have to differ."""
    st.markdown(f"**{plain(t('why.how'))}**")
    steps = path_in_words(t, answer)
    if steps:
        st.markdown("\n".join(f"{number}. {plain(step)}" for number, step in enumerate(steps, 1)))
    else:
        st.markdown(plain(t("why.by_rules")))
    other = other_in_words(t, answer)
    if other:
        st.markdown(f"**{plain(t('why.otherwise'))}**")
        st.markdown(plain(other))
