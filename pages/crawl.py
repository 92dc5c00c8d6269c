"""Collect photos of places: choose where from, watch them arrive, and see what became of them."""

import streamlit as st

from pages.ui.access import Audience
from pages.ui.frame import open_page

with open_page("page.crawl.title", Audience.CURATOR) as page:
    from pages.ui.crawl_view import show_crawl  # read when the page is first opened, for what it needs is large

    st.title(page.t("crawl.page.title"), anchor=False)
    show_crawl(page.t)
