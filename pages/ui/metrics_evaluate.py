"""How good are answers on photos the models never saw? Start an evaluation, watch it, read it: `?view=evaluate`."""

import streamlit as st

from core.domain.job import Job, JobState
from core.domain.photo import Split
from core.errors import EodiError
from core.identify.evaluate_store import FOLDER, EvaluationStore
from core.jobs.start import submit
from core.messages import Translator
from pages.ui import resources, review_state, state
from pages.ui.access import serves_this_machine_only
from pages.ui.frame import show_error
from pages.ui.job_panel import JobPanel, last_words, offer_next_steps, show_job
from pages.ui.metrics_evaluate_one import show_evaluation
from pages.ui.text import plain

KIND = "evaluate"
VIEW, PARAMETER = "evaluate", "evaluation"
SOURCES = ("snapshot", "folder")


def offer_evaluations(t: Translator) -> None:
    """Draw the way to the evaluations."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            t("evaluate.open"),
            icon=":material/fact_check:",
            type="tertiary",
            on_click=lambda: review_state.go(view=VIEW),
            key="open-evaluations",
        )


def show_evaluations(t: Translator) -> None:
    """Draw one evaluation where the address names it, else the form and all of them."""
    chosen = review_state.in_address(PARAMETER)
    st.button(t("metrics_page.all_runs"), icon=":material/arrow_back:", type="tertiary", on_click=_leave, key="back")
    if chosen:
        st.button(t("evaluate.all"), icon=":material/arrow_back:", type="tertiary", on_click=_close, key="back-all")
        show_evaluation(t, store().get(chosen))
        return
    st.title(t("evaluate.title"), anchor=False)
    st.markdown(plain(t("evaluate.what")))
    job_id = state.job_in_address()
    if job_id is not None:
        show_job(t, job_id, PANEL)
    else:
        _offer_start(t)
    _show_list(t)


def store() -> EvaluationStore:
    """Return the evaluations that were made."""
    return EvaluationStore(resources.settings().data_dir / FOLDER)


def _leave() -> None:
    review_state.leave_all(but=("lang",))


def _close() -> None:
    review_state.go(**{PARAMETER: ""})


# ---- start ----


def _offer_start(t: Translator) -> None:
    """Draw what can be evaluated; a folder only to whoever sits at this machine, whose files those are."""
    with st.form("evaluate", border=True):
        tested = {one.snapshot_id: one for one in resources.snapshots().list() if _tests(one.counts)}
        snapshot = folder = ""
        if tested:
            snapshot = st.selectbox(t("evaluate.snapshot"), ["", *tested], format_func=lambda i: i or "–") or ""
        if serves_this_machine_only():
            folder = st.text_input(t("evaluate.folder"), placeholder="/…/photos", help=t("evaluate.folder_help"))
        if not tested:
            st.caption(plain(t("evaluate.no_snapshot")))
        started = st.form_submit_button(t("evaluate.start"), type="primary", icon=":material/play_arrow:")
    if not started:
        return
    if bool(snapshot) == bool(folder.strip()):
        st.warning(plain(t("evaluate.choose_one")), icon=":material/info:")
        return
    arguments = ("--snapshot", snapshot) if snapshot else ("--", folder.strip())
    try:
        job = submit(resources.jobs(), resources.job_runner(), KIND, arguments, dedupe_key=f"{KIND} {arguments[1]}")
    except EodiError as error:
        show_error(error, t.language)
        return
    state.put_job_in_address(job.job_id)
    st.rerun()


def _tests(counts: dict[str, dict[str, int]]) -> int:
    return sum(by_split.get(Split.TEST.value, 0) for by_split in counts.values())


# ---- what was made ----


def _show_list(t: Translator) -> None:
    found = store().list()
    if not found:
        st.info(plain(t("evaluate.none_yet")), icon=":material/fact_check:")
        return
    st.subheader(t("evaluate.made"), anchor=False)
    for one in found:
        with st.container(border=True, key=one.evaluation_id):
            st.markdown(f"**{plain(one.source)}** · {plain(t.moment(one.created_at))}")
            st.markdown(
                plain(
                    t(
                        "evaluate.counts",
                        photos=one.photos,
                        known=one.new_known,
                        unknown=one.new_unknown,
                        seen=one.seen,
                    )
                )
            )
            st.caption(plain(one.release))
            st.button(
                t("evaluate.read"),
                key=f"read-{one.evaluation_id}",
                on_click=review_state.go,
                kwargs={PARAMETER: one.evaluation_id},
            )


def _in_words(t: Translator, job: Job) -> str:
    ends = {JobState.CANCELLED: "evaluate.cancelled", JobState.INTERRUPTED: "evaluate.interrupted"}
    return t(ends[job.state]) if job.state in ends else last_words(t, job) or t("job_panel.waiting")


def _after_the_end(t: Translator, job: Job) -> None:
    made = str(job.message_values.get("evaluation", "")) if job.state is JobState.SUCCEEDED else ""
    with st.container(horizontal=True):
        if made:
            st.button(
                t("evaluate.read"),
                type="primary",
                on_click=review_state.go,
                kwargs={PARAMETER: made, state.JOB_PARAMETER: ""},
                key="read-new",
            )
        offer_next_steps(t, job, PANEL)


PANEL = JobPanel(lambda job: job.kind == KIND, _in_words, _after_the_end)
