"""One crawl on the page: what it brings while it runs, what it brought, and the button that goes on with it."""

from collections.abc import Sequence

import streamlit as st

from core.crawl.submit import KIND, go_on_with_crawl
from core.domain.crawl import Crawl, SourceLight, SourceStanding
from core.domain.job import Job, JobState
from core.messages import Translator
from pages.ui import resources, state
from pages.ui.crawl_live import show_live
from pages.ui.crawl_report import show_report
from pages.ui.crawl_resources import crawls
from pages.ui.crawl_words import in_words
from pages.ui.job_panel import JobPanel, offer_next_steps


def _after_the_end(t: Translator, job: Job) -> None:
    crawl = crawls().find_by_job(job.job_id)
    if crawl is None:
        offer_next_steps(t, job, CRAWLING)
        return
    with st.container(horizontal=True):
        if job.state is JobState.SUCCEEDED and is_unfinished(crawls().standings(crawl.crawl_id)):
            _offer_to_go_on(t, crawl)
        offer_next_steps(t, job, CRAWLING)
    show_report(t, crawl)


def is_unfinished(standings: Sequence[SourceStanding]) -> bool:
    """Whether a source of a crawl that came to its end has more to bring: later, or once its key is there."""
    return any(standing.light is not SourceLight.FINISHED for standing in standings)


def _offer_to_go_on(t: Translator, crawl: Crawl) -> None:
    if st.button(t("job_panel.resume"), icon=":material/play_arrow:", key="crawl-go-on"):
        job = go_on_with_crawl(crawl.crawl_id, crawls(), resources.jobs(), resources.job_runner())
        state.put_job_in_address(job.job_id)
        st.rerun()


CRAWLING = JobPanel(lambda job: job.kind == KIND, in_words, _after_the_end, while_it_runs=show_live)
