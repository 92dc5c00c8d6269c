"""Let the models learn: choose what, start, watch, and compare with what is in service."""

import streamlit as st

from pages.ui.access import Audience
from pages.ui.frame import open_page

with open_page("page.train.title", Audience.CURATOR) as page:
    from pages.ui.train_view import show_train  # read when the page is first opened, for what it needs is large

    st.title(page.t("train_page.title"), anchor=False)
    show_train(page.t)
