"""Bring photos in: choose them, see what would happen, start; then the job with its report. On the photos page."""

from functools import partial

import streamlit as st

from core.dataset.import_photos import ImportResult
from core.dataset.import_spool import KIND, read_result, start_import
from core.domain.job import Job, JobState
from core.domain.photo import PhotoStatus
from core.errors import EodiError, NotFound, PhotoRefused
from core.jobs.spool import sweep
from core.messages import Translator, describe
from pages.ui import resources, review_state, state
from pages.ui.access import current_actor
from pages.ui.frame import show_error
from pages.ui.import_plan_view import Filing, choose_filing
from pages.ui.import_source import Source, choose_source, forget_source
from pages.ui.job_panel import JobPanel, last_words, offer_next_steps, show_job
from pages.ui.text import plain

LICENCES = ("CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "KOGL-1", "own")
LINES_SHOWN = 100


def show_import(t: Translator) -> None:
    """Draw the job that the address names, or the way to a new one."""
    job_id = state.job_in_address()
    if job_id is not None:
        show_job(t, job_id, PANEL)
        return
    st.caption(plain(t("import_view.what")))
    source = choose_source(t)
    if source is None:
        return
    try:
        filing = choose_filing(t, source)
    except EodiError as error:
        show_error(error, t.language)
        return
    if filing is not None:
        _ask_and_start(t, source, filing)


def _ask_and_start(t: Translator, source: Source, filing: Filing) -> None:
    arguments = _provenance(t, source)
    if not st.button(t("import_view.start", n=filing.files), type="primary", icon=":material/download:"):
        return
    try:
        filing.add_places()
        path = "" if source.staged else str(source.path)
        start = partial(start_import, source.staged, [*filing.arguments(), *arguments])
        job = start(resources.jobs(), resources.job_runner(), resources.settings().jobs_dir, path)
    except EodiError as error:
        show_error(error, t.language)
        return
    forget_source(discarded=False)
    state.put_job_in_address(job.job_id)
    st.rerun()


def _provenance(t: Translator, source: Source) -> list[str]:
    """Draw where the photos come from, and return it as options of `photos import`."""
    st.markdown(f"**{t('import_view.provenance')}**")
    left, right = st.columns(2)
    origin = left.text_input(t("import_view.source"), source.name, 300, key="import-origin")
    author = right.text_input(t("import_view.author"), "", 300, key="import-author")
    licence = left.selectbox(
        t("import_view.licence"),
        LICENCES,
        index=None,
        accept_new_options=True,
        placeholder=t("import_view.licence_unknown"),
        key="import-licence",
    )
    page_url = right.text_input(t("import_view.page"), "", 2000, key="import-page", placeholder="https://…")
    st.caption(plain(t("import_view.licence_what")))
    accepted = st.checkbox(t("import_view.accept"), key="import-accept", help=t("import_view.accept_what"))
    position = st.checkbox(t("import_view.position"), key="import-position")
    texts = {"source": origin, "author": author, "licence": licence or "", "page-url": page_url}
    texts["actor"] = current_actor()
    options = [f"--{name}={value}" for name, value in texts.items() if value]
    return [*options, *(["--accept"] if accepted else []), *(["--keep-position"] if position else [])]


# ---- the job ----


def _in_words(t: Translator, job: Job) -> str:
    counts: dict[str, str | int] = {"done": job.done, "total": job.total or "?"}
    if job.state in {JobState.FAILED, JobState.SUCCEEDED} and last_words(t, job):
        return last_words(t, job)
    if job.state is JobState.RUNNING and job.total:
        return f"{t('import_job.running', **counts)} · {last_words(t, job)}"
    key = {
        JobState.RUNNING: "job_panel.waiting",
        JobState.CANCELLING: "import_job.stopping",
        JobState.CANCELLED: "import_job.cancelled",
        JobState.INTERRUPTED: "import_job.interrupted",
        JobState.SUCCEEDED: "job.succeeded",
    }.get(job.state, "job_panel.waiting")
    return t(key, **counts)


def _after_the_end(t: Translator, job: Job) -> None:
    sweep(resources.jobs(), resources.settings().jobs_dir)
    if job.state is JobState.SUCCEEDED:
        try:
            _report(t, read_result(resources.settings().jobs_dir, job.job_id))
        except NotFound as error:
            show_error(error, t.language)
    else:
        st.caption(plain(t("import_job.safe")))
    with st.container(horizontal=True):
        if job.state is JobState.SUCCEEDED:
            to_review = "--accept" not in job.arguments
            st.button(
                t("import_job.review"),
                type="primary",
                icon=":material/rate_review:",
                on_click=partial(_review, job, to_review),
            )
        offer_next_steps(t, job, PANEL)


def _report(t: Translator, result: ImportResult) -> None:
    """Draw what became of the photos, and why some were refused."""
    columns = st.columns(3)
    counts = (result.stored, result.known, len(result.refused))
    titles = (t("import_job.stored"), t("import_job.known"), t("import_job.refused"))
    for column, title, count in zip(columns, titles, counts, strict=True):
        column.metric(title, t.number(count))
    if result.alike:
        st.caption(plain(t("import_job.alike", n=result.alike)))
    if result.refused:
        lines = [
            f"- {plain(f'{name}: {describe(PhotoRefused(code, **values), t.language)}')}"
            for name, code, values in result.refused[:LINES_SHOWN]
        ]
        _lines(t("import_job.refused_title", count=len(result.refused)), lines)
    if result.elsewhere:
        lines = [
            f"- {plain(t('import_job.elsewhere', photo=name, place=there or t('import_plan.unsorted')))}"
            for name, _, there in result.elsewhere[:LINES_SHOWN]
        ]
        _lines(t("import_job.elsewhere_title", count=len(result.elsewhere)), lines)


def _lines(title: str, lines: list[str]) -> None:
    with st.expander(title):
        st.markdown("\n".join(lines))


def _review(job: Job, to_review: bool) -> None:
    """Go to the photos that were brought in: of this source, to be reviewed or accepted already."""
    source = next((word.removeprefix("--source=") for word in job.arguments if word.startswith("--source=")), "")
    status = PhotoStatus.NEW if to_review else PhotoStatus.ACCEPTED
    review_state.leave_all(but=("lang",))
    review_state.go(source=source, status="" if to_review else status.value)


PANEL = JobPanel(lambda job: job.kind == KIND, _in_words, _after_the_end)
