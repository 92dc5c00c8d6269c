"""One job on a page: how far it is, a button to stop it, and at its end what the page makes of it.

The job's number stands in the address, so that a reload of the browser finds it again. What a page's jobs have of
their own is a `JobPanel`; a page shows no jobs but its own, whatever the address says.
"""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.domain.job import RESUMABLE_STATES, Job, JobState
from core.errors import NotFound
from core.jobs.watch import cancel, refresh, resume
from core.messages import Translator
from pages.ui import resources, state
from pages.ui.frame import worded
from pages.ui.text import plain

LOOK_EVERY_S = 2


@dataclass(frozen=True, slots=True)
class JobPanel:
    """What jobs of one kind have of their own.

    is_ours: whether a job may be shown here. in_words: its state as one sentence. after_the_end: draws what it left.
    resumable: the ends from which it can be taken up again. while_it_runs: draws more below its bar.
    """

    is_ours: Callable[[Job], bool]
    in_words: Callable[[Translator, Job], str]
    after_the_end: Callable[[Translator, Job], None]
    resumable: frozenset[JobState] = RESUMABLE_STATES
    while_it_runs: Callable[[Translator, Job], None] | None = None


def show_job(t: Translator, job_id: str, panel: JobPanel) -> None:
    """Draw how far a job is, every two seconds anew until it has ended."""
    try:
        job = _find(job_id, panel)
    except NotFound:
        st.info(plain(t("job_panel.unknown")), icon=":material/info:")
        state.forget_job()
        return
    with st.container(key="job", border=True):
        if job.state.ended:
            _draw(t, job, panel)
        else:
            st.fragment(_draw_or_rerun, run_every=LOOK_EVERY_S)(t, job_id, panel)


def offer_next_steps(t: Translator, job: Job, panel: JobPanel) -> None:
    """Draw the buttons below a job that has ended: go on where it stopped, and close."""
    if job.state in panel.resumable and st.button(t("job_panel.resume"), icon=":material/play_arrow:"):
        resume(resources.jobs(), resources.job_runner(), job.job_id)
        st.rerun()
    st.button(t("job_panel.close"), type="tertiary", on_click=state.forget_job)


def _find(job_id: str, panel: JobPanel) -> Job:
    """Return a job that a page started; the address is text from outside, and other jobs are not a visitor's.

    Raises:
        NotFound: no such job.
    """
    refresh(resources.jobs())
    job = resources.jobs().get(job_id)
    if not panel.is_ours(job):
        raise NotFound("job.not_found", job_id=job_id)
    return job


def _draw_or_rerun(t: Translator, job_id: str, panel: JobPanel) -> None:
    """Draw within an error boundary of its own, for the page's does not stand around a part that runs by itself.

    A job that has ended is drawn by the whole page only: a click on what this part drew would be lost with it.
    """
    with worded(t.language):
        job = _find(job_id, panel)
        if job.state.ended:
            st.rerun()
        _draw(t, job, panel)


def _draw(t: Translator, job: Job, panel: JobPanel) -> None:
    words = panel.in_words(t, job)
    if job.state.ended:
        st.markdown(f"**{plain(words)}**")
        panel.after_the_end(t, job)
        return
    st.progress(min(1.0, job.done / job.total) if job.total else 0.0, text=plain(words))
    st.caption(plain(t("job_panel.may_leave")))
    if st.button(t("job_panel.stop"), disabled=job.state is JobState.CANCELLING):
        cancel(resources.jobs(), job.job_id)
        st.rerun(scope="fragment")
    if panel.while_it_runs is not None:
        panel.while_it_runs(t, job)


def last_words(t: Translator, job: Job) -> str:
    """Return what a job said last, as it goes on or as it failed; "" when it has said nothing of its own yet."""
    if not job.message or (job.message.startswith("job.") and job.state is not JobState.FAILED):
        return ""
    return t(job.message, **job.message_values)
