"""Show a photo: the upright derivative without metadata, never the bytes that were uploaded."""

import streamlit as st

from core.domain.answer import Detection, Identification, Witness
from core.domain.label import Label
from core.domain.photo import PhotoNote
from core.messages import Translator
from pages.ui import resources
from pages.ui.answering import AnsweredPhoto
from pages.ui.photo_boxes import ShownBox, show_boxes
from pages.ui.text import plain

SHOWN = "photo-shown"
NAMELESS = "#8a8a8a"  # of a part that the catalogue does not know any more


def show_photo(t: Translator, picture: bytes, photo: AnsweredPhoto) -> None:
    """Draw the visitor's photo with its file name below."""
    with st.container(key=SHOWN):
        st.image(picture, width="stretch", alt=t("photo.alt"))
        st.caption(plain(photo.name))
        if PhotoNote.ANIMATED in photo.answer.notes:
            st.caption(t("photo.animated"))
    if Witness.DETECTOR in photo.answer.witnesses:
        show_found_boxes(t, SHOWN, photo.answer, key=f"boxes-{photo.key}")


def show_found_boxes(t: Translator, over: str, answer: Identification, key: str) -> None:
    """Lay what the detector found over the picture in the container with the key `over`, and list it."""
    labels = {label.slug: label for label in resources.labels().list(include_retired=True)}
    found = [shown_box(t, box, labels, answer.size_px) for box in (*answer.boxes, *answer.faint_boxes)]
    show_boxes(t, over, found, answer.box_threshold, key=key)


def shown_box(t: Translator, box: Detection, labels: dict[str, Label], size_px: tuple[int, int]) -> ShownBox:
    """Return a box as it is shown: by its label's name and colour, in fractions of the photo."""
    label = labels.get(box.label)
    left, top, right, bottom = box.xyxy_px
    width, height = size_px
    return ShownBox(
        label.name.get(t.language) if label else box.label,
        label.colour if label else NAMELESS,
        box.confidence,
        (left / width, top / height, right / width, bottom / height),
    )
