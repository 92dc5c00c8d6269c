"""Show a photo: the upright derivative without metadata, never the bytes that were uploaded."""

import streamlit as st

from core.domain.photo import PhotoNote
from core.messages import Translator
from pages.ui.answering import AnsweredPhoto
from pages.ui.text import plain


def show_photo(t: Translator, picture: bytes, photo: AnsweredPhoto) -> None:
    """Draw the visitor's photo with its file name below."""
    with st.container(key="photo-shown"):
        st.image(picture, width="stretch", alt=t("photo.alt"))
        st.caption(plain(photo.name))
        if PhotoNote.ANIMATED in photo.answer.notes:
            st.caption(t("photo.animated"))
