"""Collect from a file that the curator has: a list of addresses, or a result page saved in their own browser."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.crawl.offer import offer_file
from core.crawl.sources import google_page, naver_page, url_list
from core.crawl.sources.registry import FILE_SOURCES
from core.crawl.submit import go_on_with_crawl
from core.domain.crawl import CrawlSpec
from core.domain.job import Job
from core.domain.place import Place
from core.errors import EodiError
from core.messages import Translator
from pages.ui import resources, state, uploader
from pages.ui.crawl_plan import Numbers
from pages.ui.crawl_resources import crawls, job_of
from pages.ui.frame import show_error
from pages.ui.text import plain

TYPES = {
    url_list.INFO.name: ("txt", "csv"),
    naver_page.INFO.name: ("html", "htm"),
    google_page.INFO.name: ("html", "htm"),
}
LIMIT_MB = 5
LOOKED_AT = 5  # newest crawls, among which a second click finds the first


def offer_files(t: Translator, places: Sequence[Place], numbers: Numbers) -> None:
    """Draw the drop zone, folded away, and the button that collects what a file names."""
    with st.expander(t("crawl.page.file"), icon=":material/upload_file:", key="crawl-from-file"):
        st.caption(t("crawl.page.file_help"))
        names = {place.slug: place.name.get(t.language) for place in places}
        slug = st.selectbox(t("crawl.page.file_place"), list(names), format_func=names.get, key="crawl-file-place")
        kinds = kind_names(t)
        kind = st.selectbox(t("crawl.page.file_kind"), list(kinds), format_func=kinds.get, key="crawl-file-kind")
        with st.container(key="crawl-file"):
            key = f"crawl-file-{kind}-{state.uploader_round()}"
            upload = st.file_uploader(
                t("crawl.page.file"), TYPES[kind], key=key, max_upload_size=LIMIT_MB, label_visibility="collapsed"
            )
        if upload is not None:
            _offer(t, upload, kind, slug, numbers)


def kind_names(t: Translator) -> dict[str, str]:
    """Return what files are called, by the source that reads them."""
    return {
        url_list.INFO.name: t("crawl.page.file_list"),
        naver_page.INFO.name: t("crawl.page.file_naver"),
        google_page.INFO.name: t("crawl.page.file_google"),
    }


def _offer(t: Translator, upload: UploadedFile, kind: str, slug: str, numbers: Numbers) -> None:
    """Say how many photos a file names, or what is wrong with it, and offer to collect them."""
    try:
        count = len(FILE_SOURCES[kind](upload.getvalue(), upload.name).candidates)
        st.caption(plain(t("crawl.page.file_holds", photos=t.number(count))))
        wanted = CrawlSpec((slug,), (kind,), max(1, count), {}, numbers.free_only, numbers.min_size_px)
        if st.button(t("crawl.page.file_start"), icon=":material/travel_explore:", disabled=not count):
            job = start_with_file(wanted, upload.getvalue(), upload.name)
            uploader.empty([upload])
            state.put_job_in_address(job.job_id)
            st.rerun()
    except EodiError as error:
        show_error(error, t.language)


def start_with_file(spec: CrawlSpec, content: bytes, name: str) -> Job:
    """Start to collect what a file names, or return the job under way that does (a double click).

    Raises:
        InvalidInput, SourceFailed: the file is not what the source reads.
        EodiError: `job.not_started`; the crawl stands and can be gone on with.
    """
    noted = replace(spec, queries={spec.place_slugs[0]: (name,)})
    for crawl in crawls().list(limit=LOOKED_AT):
        job = job_of(crawl) if crawl.spec == noted else None
        if job is not None and not job.state.ended:
            return job
    crawl = offer_file(spec, FILE_SOURCES[spec.sources[0]], content, name, crawls())
    return go_on_with_crawl(crawl.crawl_id, crawls(), resources.jobs(), resources.job_runner())
