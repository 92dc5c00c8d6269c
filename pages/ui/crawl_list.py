"""Other crawls, newest first: what was asked for, how each stands, and the way to it."""

import streamlit as st

from core.domain.crawl import Crawl
from core.domain.job import Job
from core.jobs.watch import refresh
from core.messages import Translator
from pages.ui import resources, state
from pages.ui.crawl_resources import SHOWN, crawls, job_of
from pages.ui.crawl_words import in_words, places_in_words, source_title
from pages.ui.text import plain


def show_list(t: Translator, shown: Crawl | None) -> None:
    """Draw the crawls but the one that is shown above."""
    refresh(resources.jobs())
    listed = [crawl for crawl in crawls().list(limit=SHOWN) if shown is None or crawl.crawl_id != shown.crawl_id]
    if not listed:
        return
    st.subheader(t("crawl.page.others"), anchor=False)
    for crawl in listed:
        with st.container(key=f"crawl-{crawl.crawl_id}", border=True):
            _show(t, crawl, job_of(crawl))


def _show(t: Translator, crawl: Crawl, job: Job | None) -> None:
    sources = ", ".join(source_title(name) for name in crawl.spec.sources)
    kept = sum(one.kept for one in crawls().standings(crawl.crawl_id))
    st.markdown(f"**{plain(places_in_words(t, crawl))}**")
    when = t.moment(crawl.created_at)
    st.caption(plain(t("crawl.page.listed", when=when, sources=sources, photos=t.number(kept))))
    if job is None:
        st.caption(plain(t("crawl.page.of_the_command_line", crawl_id=crawl.crawl_id)))
        return
    st.caption(plain(in_words(t, job)))
    show_it = state.put_job_in_address
    st.button(t("crawl.page.open"), on_click=show_it, args=(job.job_id,), key=f"crawl-open-{crawl.crawl_id}")
