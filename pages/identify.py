"""Where was this photo taken? The start page: drop a photo, get the place, how sure, why, and what lies around it."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import PhotoRefused
from core.messages import Translator
from pages.ui import resources
from pages.ui.answer_view import show_answer
from pages.ui.answering import AnsweredPhoto, answer, answered
from pages.ui.frame import open_page, show_error
from pages.ui.uploader import photo_uploader
from pages.ui.welcome import show_welcome

SKELETON_PX = 360


def identify_upload(t: Translator, upload: UploadedFile) -> AnsweredPhoto | None:
    """Return the answer for an upload; a file that is no photo gets its sentence, and None is returned."""
    kept = answered(upload)
    if kept is not None:
        return kept
    try:
        with st.spinner(t("identify.working")), st.skeleton(height=SKELETON_PX):
            return answer(upload)
    except PhotoRefused as error:
        show_error(error, t.language)
        return None


with open_page("page.identify.title") as page:
    st.title(page.t("identify.question"), anchor=False)
    st.markdown(page.t("identify.what_to_do"))
    uploads = photo_uploader(page.t)
    photos = [photo for upload in uploads if (photo := identify_upload(page.t, upload)) is not None]
    for number, photo in enumerate(photos, 1):
        show_answer(page.t, photo, number)
    if not photos:
        show_welcome(page.t, resources.places().list())
