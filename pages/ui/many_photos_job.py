"""More photos than the page answers itself: hand them to a job, watch it, stop it, take its table away.

The job's number stands in the address, so that a reload of the browser finds it again. Whoever knows the address of a
job sees its table; only jobs that a page started this way can be reached.
"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.domain.job import Job, JobState
from core.errors import NotFound
from core.identify.spool import KIND, SPOOLED, Upload, answers_path, hand_over, sweep
from core.jobs.watch import cancel, refresh, resume
from core.messages import Translator
from pages.ui import resources, state, uploader
from pages.ui.answer_table import CSV_NAME
from pages.ui.answering import AT_ONCE
from pages.ui.frame import worded
from pages.ui.text import plain

LOOK_EVERY_S = 2


def offer_job(t: Translator, uploads: Sequence[UploadedFile]) -> None:
    """Say that these are too many for the page, and offer the job."""
    st.info(plain(t("job_offer.too_many", count=len(uploads), limit=AT_ONCE)), icon=":material/photo_library:")
    st.markdown(plain(t("job_offer.how")))
    if not st.button(t("job_offer.start", count=len(uploads)), type="primary"):
        return
    with st.spinner(t("job_offer.starting")):
        photos = (Upload(upload.name, upload.getvalue()) for upload in uploads)
        jobs_dir = resources.settings().jobs_dir
        job = hand_over(photos, resources.jobs(), resources.job_runner(), jobs_dir, t.language)
    uploader.empty(uploads)
    state.put_job_in_address(job.job_id)
    st.rerun()


def show_job(t: Translator, job_id: str) -> None:
    """Draw how far a job is, every two seconds anew until it has ended."""
    try:
        ended = _find(job_id).state.ended
    except NotFound:
        st.info(plain(t("job_panel.unknown")), icon=":material/info:")
        state.forget_job()
        return
    with st.container(key="job", border=True):
        if ended:
            _draw(t, job_id)
        else:
            st.fragment(_draw_or_rerun, run_every=LOOK_EVERY_S)(t, job_id)


def _find(job_id: str) -> Job:
    """Return a job that a page started; the address is text from outside, and other jobs are not a visitor's.

    Raises:
        NotFound: no such job.
    """
    refresh(resources.jobs())
    job = resources.jobs().get(job_id)
    if job.kind != KIND or job.arguments[:1] != (SPOOLED,):
        raise NotFound("job.not_found", job_id=job_id)
    return job


def _draw_or_rerun(t: Translator, job_id: str) -> None:
    """Draw within an error boundary of its own, for the page's does not stand around a part that runs by itself."""
    with worded(t.language):
        if _draw(t, job_id).state.ended:
            st.rerun()


def _draw(t: Translator, job_id: str) -> Job:
    job = _find(job_id)
    words = _in_words(t, job)
    if job.state.ended:
        st.markdown(f"**{plain(words)}**")
        _after_the_end(t, job)
    else:
        st.progress(job.done / job.total if job.total else 0.0, text=plain(words))
        st.caption(plain(t("job_panel.may_leave")))
        if st.button(t("job_panel.stop"), disabled=job.state is JobState.CANCELLING):
            cancel(resources.jobs(), job_id)
            st.rerun(scope="fragment")
    return job


def _in_words(t: Translator, job: Job) -> str:
    counts: dict[str, str | int] = {"done": job.done, "total": job.total or "?"}
    if job.state is JobState.FAILED:
        return t(job.message, **job.message_values)
    key = {
        JobState.RUNNING: "job_panel.running",
        JobState.CANCELLING: "job_panel.stopping",
        JobState.SUCCEEDED: "job_panel.succeeded",
        JobState.CANCELLED: "job_panel.cancelled",
        JobState.INTERRUPTED: "job_panel.interrupted",
    }.get(job.state, "job_panel.waiting")
    return t(key, **counts)


def _after_the_end(t: Translator, job: Job) -> None:
    jobs_dir = resources.settings().jobs_dir
    sweep(resources.jobs(), jobs_dir)  # a job that was stopped before it began has no process to do so
    answers = answers_path(jobs_dir, job.job_id)
    interrupted = job.state is JobState.INTERRUPTED
    st.caption(plain(t("job_panel.copies_wait") if interrupted else t("job_panel.copies_deleted")))
    with st.container(horizontal=True):
        _download(t, answers)
        if interrupted and st.button(t("job_panel.resume"), icon=":material/play_arrow:"):
            resume(resources.jobs(), resources.job_runner(), job.job_id)
            st.rerun()
        st.button(t("job_panel.close"), type="tertiary", on_click=state.forget_job)


def _download(t: Translator, answers: Path) -> None:
    if answers.exists():
        content, icon = answers.read_bytes(), ":material/download:"
        st.download_button(
            t("many.download"), content, CSV_NAME, "text/csv", type="primary", icon=icon, on_click="ignore"
        )
