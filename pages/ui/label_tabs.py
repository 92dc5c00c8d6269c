"""The parts of the label page: drawing, the labels' own editor, the quality of the boxes, files. `?view=` names one."""

from enum import StrEnum

import streamlit as st

from core.messages import Translator
from pages.ui import label_state

WIDGET = "label-view"


class LabelView(StrEnum):
    """A part of the page."""

    DRAW = "draw"
    PARTS = "parts"
    QUALITY = "quality"
    FILES = "files"


def choose_view(t: Translator) -> LabelView:
    """Draw the switch between the parts, and return the one that is chosen."""
    names = {
        LabelView.DRAW: t("label.view.draw"),
        LabelView.PARTS: t("label.view.parts"),
        LabelView.QUALITY: t("label.view.quality"),
        LabelView.FILES: t("label.view.files"),
    }
    asked = label_state.view_in_address()
    view = LabelView(asked) if asked in set(LabelView) else LabelView.DRAW
    label_state.follow(WIDGET, view)
    st.segmented_control(
        t("label.view"),
        list(LabelView),
        format_func=lambda one: names[one],
        key=WIDGET,
        required=True,
        on_change=lambda: label_state.put_view_in_address(label_state.chosen(WIDGET).value),
        label_visibility="collapsed",
    )
    return view
