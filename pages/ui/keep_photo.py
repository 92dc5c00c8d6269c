"""Keep my photo to improve Eodi: off until ticked, and taken back by unticking; otherwise nothing is written."""

from contextlib import suppress
from datetime import UTC, datetime

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.dataset.contribute import Contribution, Outcome, contribute, withdraw
from core.domain.answer import Identification
from core.errors import NotFound
from core.messages import Translator
from pages.ui import resources, state
from pages.ui.feedback_form import link_photo, shown_slug
from pages.ui.state import Kept
from pages.ui.text import plain


def offer_to_keep(t: Translator, upload: UploadedFile, answer: Identification) -> None:
    """Draw the box, and do what it says."""
    kept: Contribution | None = state.kept(upload.file_id, Kept.CONTRIBUTION)
    # The default matters when another photo was shown in between: the box is drawn anew, and must not untick itself.
    ticked = st.checkbox(t("keep.label"), value=kept is not None, key=f"keep-{upload.file_id}")
    st.caption(plain(t("keep.what")))
    if ticked and kept is None:
        kept = _keep(upload, answer)
    elif kept is not None and not ticked:
        _take_back(upload, kept)
        st.caption(f":material/check: {plain(t('keep.taken_back'))}")
        return
    if kept is not None:
        words = t("keep.kept") if kept.outcome is Outcome.STORED else t("keep.already_known")
        st.caption(f":material/check: {plain(words)}")


def _keep(upload: UploadedFile, answer: Identification) -> Contribution:
    slug = shown_slug(upload.file_id, answer)
    kept = contribute(upload.getvalue(), slug, resources.library(), datetime.now(UTC))
    state.keep(upload.file_id, Kept.CONTRIBUTION, kept)
    link_photo(upload.file_id)
    return kept


def _take_back(upload: UploadedFile, kept: Contribution) -> None:
    if kept.outcome is Outcome.STORED:
        with suppress(NotFound):  # review deleted it before: it is gone, as was asked
            withdraw(kept.record.sha256, resources.library())
    state.keep(upload.file_id, Kept.CONTRIBUTION, None)
