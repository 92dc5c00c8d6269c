"""Where was this photo taken? The start page: drop photos, get the place, how sure, why, and what lies around it."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.errors import PhotoRefused
from core.messages import Translator
from pages.ui import resources, state
from pages.ui.answer_table import show_answers
from pages.ui.answer_view import show_answer
from pages.ui.answering import AT_ONCE, answer, outcome_of
from pages.ui.frame import open_page, show_error
from pages.ui.many_photos_job import offer_job, show_answering
from pages.ui.place_list import show_places
from pages.ui.uploader import given_photos

SKELETON_PX = 360


def show_one(t: Translator, upload: UploadedFile) -> bool:
    """Draw the answer for the only photo; False when it was refused, and its sentence was drawn."""
    outcome = outcome_of(upload)
    if outcome is None:
        with st.spinner(t("identify.working")), st.skeleton(height=SKELETON_PX):
            outcome = answer(upload, shown=True)
    if isinstance(outcome, PhotoRefused):
        show_error(outcome, t.language)
        return False
    show_answer(t, upload, outcome)
    return True


def show_known_places(t: Translator) -> None:
    """Draw what the visitor may ask about."""
    st.subheader(t("welcome.title"), anchor=False)
    show_places(t, resources.places().list())


with open_page("page.identify.title") as page:
    st.title(page.t("identify.question"), anchor=False)
    st.markdown(page.t("identify.what_to_do"))
    uploads = given_photos(page.t)
    job_id = state.job_in_address()
    if job_id is not None:
        show_answering(page.t, job_id)
    if len(uploads) > AT_ONCE:
        offer_job(page.t, uploads)
    elif len(uploads) > 1:
        show_answers(page.t, uploads)
    elif not uploads or not show_one(page.t, uploads[0]):
        show_known_places(page.t)
