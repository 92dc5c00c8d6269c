"""The crawl page from top to bottom: the crawl in the address or the plan of a new one, then the others."""

import streamlit as st

from core.messages import Translator
from pages.ui import state
from pages.ui.crawl_form import show_form
from pages.ui.crawl_list import show_list
from pages.ui.crawl_panel import CRAWLING
from pages.ui.crawl_resources import crawls
from pages.ui.crawl_words import places_in_words
from pages.ui.frame import STYLES
from pages.ui.job_panel import show_job
from pages.ui.text import plain


def show_crawl(t: Translator) -> None:
    """Draw the page. While a crawl is shown, the plan of a new one is one click away."""
    st.html(STYLES / "crawl.css")
    job_id = state.job_in_address() or ""
    crawl = crawls().find_by_job(job_id)
    if crawl is not None:
        st.subheader(plain(places_in_words(t, crawl)), anchor=False)
        show_job(t, job_id, CRAWLING)
        st.button(t("crawl.page.new"), icon=":material/add:", on_click=state.forget_job, key="crawl-new")
    else:
        if job_id:
            st.info(plain(t("crawl.page.unknown")), icon=":material/info:")
            state.forget_job()
        show_form(t)
    show_list(t, crawl)
