"""Where on this photo is the landmark? Draw boxes, edit the parts they name, judge the whole, bring in and out."""

import streamlit as st

from pages.ui.access import Audience
from pages.ui.frame import open_page
from pages.ui.label_files_view import show_files
from pages.ui.label_parts_editor import show_parts
from pages.ui.label_quality_view import show_quality
from pages.ui.label_tabs import LabelView, choose_view
from pages.ui.label_view import show_labelling

with open_page("page.label.title", Audience.CURATOR) as page:
    with st.container(
        key="label-head", horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.title(page.t("label.question"), anchor=False, width="content")
        view = choose_view(page.t)
    if view is LabelView.PARTS:
        show_parts(page.t)
    elif view is LabelView.QUALITY:
        show_quality(page.t)
    elif view is LabelView.FILES:
        show_files(page.t)
    else:
        show_labelling(page.t)
