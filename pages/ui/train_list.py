"""Earlier trainings, newest first: what, when, how it ended, and the way to each."""

import streamlit as st

from core.domain.job import Job
from core.jobs.watch import refresh
from core.messages import Translator
from pages.ui import resources, state
from pages.ui.links import link_to_run
from pages.ui.text import plain
from pages.ui.train_resources import manifest_of, trainings
from pages.ui.train_words import in_words, run_of, task_name, task_of

SHOWN = 20


def show_list(t: Translator, shown_id: str | None) -> None:
    """Draw the trainings but the one that is shown above."""
    refresh(resources.jobs())
    jobs = [job for job in trainings() if job.job_id != shown_id][:SHOWN]
    if not jobs:
        return
    st.subheader(t("train_page.earlier"), anchor=False)
    for job in jobs:
        with st.container(key=f"training-{job.job_id}", border=True):
            _show(t, job)


def _show(t: Translator, job: Job) -> None:
    run_id = run_of(job)
    heading = t("train_page.started", model=task_name(t, task_of(job)), when=t.moment(job.created_at))
    st.markdown(f"**{plain(heading)}**")
    st.caption(plain(t("train_page.made", run_id=run_id) if run_id else in_words(t, job)))
    with st.container(horizontal=True, vertical_alignment="center"):
        open_it = state.put_job_in_address
        st.button(t("train_page.open"), on_click=open_it, args=(job.job_id,), key=f"open-{job.job_id}")
        if run_id and manifest_of(run_id) is not None:
            link_to_run(t, run_id, t("train_page.to_metrics"))
