"""More photos than the page answers itself: hand them to a job, watch it, stop it, take its table away.

The job's number stands in the address, so that a reload of the browser finds it again. Whoever knows the address of a
job sees its table; only jobs that a page started this way can be reached.
"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from core.domain.job import Job, JobState
from core.identify.spool import KIND, SPOOLED, Upload, answers_path, hand_over, sweep
from core.messages import Translator
from pages.ui import resources, state, uploader
from pages.ui.answer_table import CSV_NAME
from pages.ui.answering import AT_ONCE
from pages.ui.job_panel import JobPanel, offer_next_steps, show_job
from pages.ui.text import plain


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


def show_answering(t: Translator, job_id: str) -> None:
    """Draw how far the job is that answers a visitor's photos."""
    show_job(t, job_id, PANEL)


def _is_ours(job: Job) -> bool:
    """Whether a page started it; other jobs are not a visitor's."""
    return job.kind == KIND and job.arguments[:1] == (SPOOLED,)


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
        offer_next_steps(t, job, PANEL)


def _download(t: Translator, answers: Path) -> None:
    if answers.exists():
        content, icon = answers.read_bytes(), ":material/download:"
        st.download_button(
            t("many.download"), content, CSV_NAME, "text/csv", type="primary", icon=icon, on_click="ignore"
        )


PANEL = JobPanel(_is_ours, _in_words, _after_the_end, frozenset({JobState.INTERRUPTED}))
