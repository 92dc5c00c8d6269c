"""A crawl as it runs: a light per source with what it brought, and the newest photos."""

from collections.abc import Sequence

import streamlit as st

from core.domain.crawl import Crawl, SourceStanding
from core.domain.job import Job
from core.domain.photo import PhotoRecord
from core.errors import NotFound
from core.messages import Translator
from pages.ui import resources
from pages.ui.crawl_resources import crawls
from pages.ui.crawl_words import counts_in_words, light_in_words, look_of, refused_in_words, source_title
from pages.ui.review_tiles import thumbnail_of
from pages.ui.text import plain

NEWEST = 12


def show_live(t: Translator, job: Job) -> None:
    """Draw the newest photos of a job's crawl, and how its sources stand."""
    crawl = crawls().find_by_job(job.job_id)
    if crawl is None:
        return
    show_newest(t, crawl)
    show_standings(t, crawls().standings(crawl.crawl_id))


def show_newest(t: Translator, crawl: Crawl) -> None:
    """Draw the newest photos as a strip, each with its author and its licence."""
    records = _records(crawls().newest_kept(crawl.crawl_id, NEWEST))
    if not records:
        st.caption(plain(t("crawl.page.no_photos_yet")))
        return
    with st.container(horizontal=True, key="crawl-strip", gap="small"):
        for record in records:
            with st.container(key=f"crawl-photo-{record.sha256[:16]}", width=150, gap=None):
                _show_photo(t, record)


def _records(sha256s: tuple[str, ...]) -> list[PhotoRecord]:
    found = []
    for sha256 in sha256s:
        try:
            found.append(resources.photos().get(sha256))
        except NotFound:
            continue  # deleted since
    return found


def _show_photo(t: Translator, record: PhotoRecord) -> None:
    content = thumbnail_of(record)
    if content:
        st.image(content, width="stretch", alt=t("crawl.page.photo_alt", source=source_title(record.source)))
    else:
        st.caption(plain(t("review.missing")))
    st.caption(plain(record.author or t("crawl.page.no_author")))
    st.caption(plain(record.licence or t("crawl.page.no_licence")))


def show_standings(t: Translator, standings: Sequence[SourceStanding], at_work: bool = True) -> None:
    """Draw a line for each source: its light in words, what it brought, and why which photos were refused."""
    with st.container(key="crawl-sources", gap="small"):
        for standing in standings:
            _show_standing(t, standing, at_work)


def _show_standing(t: Translator, standing: SourceStanding, at_work: bool) -> None:
    look = look_of(standing, at_work)
    with st.container(key=f"crawl-standing-{standing.source}", gap=None):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**{plain(source_title(standing.source))}**", width="content")
            st.badge(plain(light_in_words(t, standing, at_work)), icon=look.icon, color=look.colour)
        if standing.found:
            st.caption(plain(counts_in_words(t, standing)))
        reasons = refused_in_words(t, standing.refused)
        if reasons:
            st.caption(plain(t("crawl.page.refused", reasons=reasons)))
        if standing.message:
            st.caption(plain(t(f"error.{standing.message}", **standing.message_values)))
