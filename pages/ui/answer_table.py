"""Many photos answered one at a time: a row for each as it comes, one of them in full below, and all of them as CSV."""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.dataset.csv_cells import write_csv
from core.identify.table import AnswerRow, PositionAgreement, answer_row, cells
from core.messages import Translator
from pages.ui import state
from pages.ui.answer_view import how_sure, show_answer
from pages.ui.answering import AnsweredPhoto, Outcome, answer, outcome_of
from pages.ui.boxes_gallery import show_gallery
from pages.ui.text import plain

THUMBNAIL_PX = 84
CSV_NAME = "eodi.csv"


def show_answers(t: Translator, uploads: Sequence[UploadedFile]) -> None:
    """Draw a row for each photo, those with an answer at once and the others as they are answered."""
    upload_ids = [upload.file_id for upload in uploads]
    shown = state.shown()
    progress, table, below, in_full = st.empty(), st.container(key="answers"), st.container(), st.container()
    outcomes: list[tuple[str, Outcome]] = []
    for number, upload in enumerate(uploads):
        outcome = outcome_of(upload)
        if outcome is None:
            words = t("many.progress", number=number + 1, count=len(uploads))
            progress.progress(number / len(uploads), text=plain(words))
            outcome = answer(upload, shown=upload.file_id == shown)
        if upload.file_id == shown and not isinstance(outcome, AnsweredPhoto):
            shown = (*upload_ids, "")[number + 1]  # nothing to show of a photo that could not be read
        with table:
            _row(t, upload, outcome, upload.file_id == shown)
        if upload.file_id == shown and isinstance(outcome, AnsweredPhoto):
            with in_full:
                show_answer(t, upload, outcome)
        outcomes.append((upload.name, outcome))
    progress.empty()
    with below:
        _download(t, outcomes)
        pairs = zip(uploads, (outcome for _, outcome in outcomes), strict=True)
        show_gallery(t, [(upload, outcome) for upload, outcome in pairs if isinstance(outcome, AnsweredPhoto)])


def _row(t: Translator, upload: UploadedFile, outcome: Outcome, shown: bool) -> None:
    answered = outcome if isinstance(outcome, AnsweredPhoto) else None
    row = answer_row(upload.name, answered.answer if answered else outcome, t.language)
    key = f"row-{'shown' if shown else 'other'}-{upload.file_id}"
    with st.container(key=key, horizontal=True, vertical_alignment="center", gap="medium"):
        if answered is None:
            st.markdown(":material/broken_image:", width=THUMBNAIL_PX)
            _cell(plain(row.error), plain(upload.name))
            return
        st.image(answered.thumbnail, width=THUMBNAIL_PX, alt=t("photo.alt"))
        _cell(f"**{plain(row.place)}**  \n{plain(how_sure(t, answered.answer))}", plain(row.reason))
        _cell("", plain(upload.name), _position(t, row))
        st.button(
            t("many.show"),
            key=f"show-{upload.file_id}",
            type="tertiary",
            disabled=shown,
            on_click=state.show,
            args=(upload.file_id,),
        )


def _cell(leading: str, *quiet: str) -> None:
    with st.container(gap=None):
        if leading:
            st.markdown(leading)
        for line in filter(None, quiet):
            st.caption(line)


def _position(t: Translator, row: AnswerRow) -> str:
    if row.position is PositionAgreement.UNKNOWN:
        return ""
    agrees = row.position is PositionAgreement.AGREES
    return f":material/my_location: {plain(t('many.agrees') if agrees else t('many.disagrees'))}"


def _download(t: Translator, outcomes: Sequence[tuple[str, Outcome]]) -> None:
    rows = [
        cells(answer_row(name, outcome.answer if isinstance(outcome, AnsweredPhoto) else outcome, t.language))
        for name, outcome in outcomes
    ]
    content = write_csv(AnswerRow.__slots__, rows)
    st.download_button(t("many.download"), content, CSV_NAME, "text/csv", icon=":material/download:", on_click="ignore")
