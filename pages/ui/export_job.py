"""Take photos away: a zip with a folder per place and a table of where each is from, made by a job, then downloaded."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from core.domain.job import Job, JobState
from core.errors import EodiError
from core.jobs.spool import OUT, job_folder, start_with, sweep
from core.messages import Translator
from pages.ui import resources, state
from pages.ui.frame import show_error
from pages.ui.job_panel import JobPanel, last_words, offer_next_steps
from pages.ui.text import plain

KIND = "export"
ZIP_NAME = "eodi-photos.zip"
DOWNLOAD_MB = 500  # the browser's download passes through the server's memory
MEBI = 1 << 20


def offer_export(t: Translator, names: Mapping[str, str]) -> None:
    """Draw what can be taken away, folded, and the button that starts it."""
    with st.expander(t("export_job.title")):
        st.caption(plain(t("export_job.what")))
        place = st.selectbox(
            t("import_plan.place"),
            ["", *names],
            format_func=lambda slug: names.get(slug, t("export_job.all_places")),
            key="export-place",
        )
        everything = st.checkbox(t("export_job.all_licences"), key="export-licences")
        if not st.button(t("export_job.start"), icon=":material/folder_zip:"):
            return
        options = [*([f"--place={place}"] if place else []), *(["--all-licences"] if everything else [])]
        jobs_dir = resources.settings().jobs_dir

        def to_folder(folder: Path) -> tuple[str, ...]:
            return (*options, "--", str(folder / OUT / ZIP_NAME))

        try:
            job = start_with(None, KIND, to_folder, resources.jobs(), resources.job_runner(), jobs_dir)
        except EodiError as error:
            show_error(error, t.language)
            return
        state.put_job_in_address(job.job_id)
        st.rerun()


def _in_words(t: Translator, job: Job) -> str:
    ends = {JobState.CANCELLED: "export_job.cancelled", JobState.INTERRUPTED: "export_job.interrupted"}
    return t(ends[job.state]) if job.state in ends else last_words(t, job) or t("job_panel.waiting")


def _after_the_end(t: Translator, job: Job) -> None:
    jobs_dir = resources.settings().jobs_dir
    sweep(resources.jobs(), jobs_dir)
    target = job_folder(jobs_dir, job.job_id) / OUT / ZIP_NAME
    if job.state is JobState.SUCCEEDED:
        _hand_out(t, target)
    with st.container(horizontal=True):
        offer_next_steps(t, job, EXPORTING)


def _hand_out(t: Translator, target: Path) -> None:
    if not target.exists():
        st.caption(plain(t("export_job.gone")))
    elif target.stat().st_size > DOWNLOAD_MB * MEBI:
        st.caption(plain(t("export_job.lies_at", path=str(target))))
    else:
        st.download_button(
            t("export_job.download", size_mb=t.number(target.stat().st_size / MEBI, 1)),
            target.read_bytes,
            ZIP_NAME,
            "application/zip",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
        st.caption(plain(t("export_job.for_a_day")))


EXPORTING = JobPanel(lambda job: job.kind == KIND, _in_words, _after_the_end)
