"""Many photos with the boxes drawn into them, to look at side by side and to take away."""

import io
import zipfile
from collections.abc import Sequence
from pathlib import PurePath

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.dataset.ingest import read_photo
from core.detector.drawing import DrawnBox, draw_boxes
from core.domain.answer import Witness
from core.messages import Translator
from pages.ui import resources
from pages.ui.answering import AnsweredPhoto
from pages.ui.photo_view import shown_box
from pages.ui.text import plain

LONGEST_PX = 1280
COLUMNS = 3
ZIP_NAME = "eodi-boxes.zip"


def show_gallery(t: Translator, answered: Sequence[tuple[UploadedFile, AnsweredPhoto]]) -> None:
    """Offer the pictures with their boxes; nothing is drawn before somebody asks, and nothing without a detector."""
    if not any(Witness.DETECTOR in photo.answer.witnesses for _, photo in answered):
        return
    if not st.toggle(t("gallery.show"), key="boxes-gallery"):
        return
    pictures = [(photo.name, _picture(t, upload, photo)) for upload, photo in answered]
    columns = st.columns(COLUMNS, gap="medium")
    for number, (name, picture) in enumerate(pictures):
        with columns[number % COLUMNS]:
            st.image(picture, width="stretch", alt=t("photo.alt"))
            st.caption(plain(name))
    st.download_button(
        t("gallery.download"),
        _zipped(pictures),
        ZIP_NAME,
        "application/zip",
        icon=":material/download:",
        on_click="ignore",
    )


def _picture(t: Translator, upload: UploadedFile, photo: AnsweredPhoto) -> bytes:
    labels = {label.slug: label for label in resources.labels().list(include_retired=True)}
    drawn = []
    for found in photo.answer.boxes:
        box, label = shown_box(t, found, labels, photo.answer.size_px), labels.get(found.label)
        names = (box.name, label.name.get("en") if label else found.label, found.label)
        drawn.append(DrawnBox(names, box.colour, box.confidence, box.xyxyn))
    return _drawn(upload.file_id, upload.getvalue(), tuple(drawn))


@st.cache_data(show_spinner=False, max_entries=60, ttl=600, hash_funcs={bytes: lambda _: None})
def _drawn(upload_id: str, content: bytes, boxes: tuple[DrawnBox, ...]) -> bytes:
    return draw_boxes(read_photo(content, need_px=LONGEST_PX), boxes, LONGEST_PX)


def _zipped(pictures: Sequence[tuple[str, bytes]]) -> bytes:
    """Return the pictures under numbered names; a name from outside is only its last part, and never a path."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number, (name, picture) in enumerate(pictures, 1):
            stem = "".join(letter for letter in PurePath(name).stem if letter.isalnum() or letter in " -_")[:60].strip()
            archive.writestr(f"{number:03}-{stem or 'photo'}.jpg", picture)
    return target.getvalue()
