"""Ask a run about another data set: the job that does it, where it is offered, and what came of it."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.domain.job import Job
from core.domain.library import Snapshot
from core.errors import EodiError
from core.jobs.start import submit
from core.messages import Translator
from core.metrics.evaluations import Evaluation
from core.metrics.opened_run import OpenedRun, snapshot_of
from core.weights.manifest import MODEL_FILE
from pages.ui import resources, state
from pages.ui.frame import show_error
from pages.ui.job_panel import JobPanel, last_words, offer_next_steps, show_job
from pages.ui.metrics_words import score_in_words, score_name
from pages.ui.text import plain

KIND = "evaluate-run"
SHOWN = 20  # snapshots, newest first
PER_PLACE = "/"  # in the name of a score of one place


def show_evaluation_job(t: Translator) -> None:
    """Draw the evaluation that the address names, if any."""
    job_id = state.job_in_address()
    if job_id is not None:
        show_job(t, job_id, EVALUATING)


def show_evaluations(t: Translator, run: OpenedRun, names: Mapping[str, str]) -> None:
    """Draw what a run was asked about beside its own data, and offer to ask it about another data set."""
    snapshots = {one.snapshot_id: one for one in resources.snapshots().list()[:SHOWN]}
    others = [snapshot_id for snapshot_id in snapshots if snapshot_id != snapshot_of(run.manifest)]
    if not run.evaluations and not (others and _can_be_asked(run)):
        return
    st.subheader(t("reevaluate.title"), anchor=False)
    for evaluation in run.evaluations:
        _show(t, evaluation, names)
    if others and _can_be_asked(run):
        with st.container(horizontal=True, vertical_alignment="bottom", key="reevaluate"):
            words = {snapshot_id: snapshot_name(t, snapshots[snapshot_id]) for snapshot_id in others}
            label, help_text = t("reevaluate.which"), t("reevaluate.help")
            chosen = st.selectbox(label, others, format_func=words.get, key=f"reevaluate-{run.run_id}", help=help_text)
            _offer(t, run.run_id, str(chosen), t("reevaluate.start"))


def offer_for_comparison(t: Translator, runs: Mapping[str, OpenedRun]) -> None:
    """Offer to ask each of two runs about the other's data set, where that is known here. runs: by their letters."""
    known = {one.snapshot_id for one in resources.snapshots().list()}
    wanted = [
        (letter, run, snapshot_of(other.manifest))
        for letter, run in runs.items()
        for other in runs.values()
        if other is not run and snapshot_of(other.manifest) != snapshot_of(run.manifest)
    ]
    possible = [
        (letter, run, snapshot_id)
        for letter, run, snapshot_id in wanted
        if snapshot_id in known and _can_be_asked(run) and not is_evaluated(run, snapshot_id)
    ]
    if not possible:
        return
    st.caption(plain(t("reevaluate.why")))
    with st.container(horizontal=True, key="reevaluate"):
        for letter, run, snapshot_id in possible:
            _offer(t, run.run_id, snapshot_id, t("reevaluate.of_other", run=letter))


def is_evaluated(run: OpenedRun, snapshot_id: str) -> bool:
    """Whether a run was asked about a data set already."""
    return any(one.snapshot_id == snapshot_id for one in run.evaluations)


def _can_be_asked(run: OpenedRun) -> bool:
    return MODEL_FILE in run.manifest.files


def snapshot_name(t: Translator, snapshot: Snapshot) -> str:
    """Return a data set in words."""
    words = t("train_page.snapshot", when=t.moment(snapshot.created_at), photos=snapshot.photos, note=snapshot.note)
    return words.strip(" ·")


def score_rows(t: Translator, evaluation: Evaluation, names: Mapping[str, str]) -> pd.DataFrame:
    """Return a row for each score of an evaluation but those of single places."""
    rows = [
        (score_name(t, name, names), score_in_words(t, score))
        for name, score in evaluation.scores.items()
        if PER_PLACE not in name
    ]
    return pd.DataFrame(rows, columns=[t("metrics.score"), t("figure.value")])


def _show(t: Translator, evaluation: Evaluation, names: Mapping[str, str]) -> None:
    with st.expander(plain(t("reevaluate.on", snapshot=evaluation.snapshot_id, photos=evaluation.photos))):
        counts = {"seen": evaluation.seen, "beside": evaluation.beside, "unreadable": evaluation.unreadable}
        st.caption(plain(t("reevaluate.counts", when=t.moment(evaluation.created_at), **counts)))
        st.table(score_rows(t, evaluation, names).map(plain), hide_index=True, border="horizontal")


def _offer(t: Translator, run_id: str, snapshot_id: str, label: str) -> None:
    pressed = st.button(label, icon=":material/quiz:", key=f"evaluate-{run_id}-{snapshot_id}")
    if not pressed:
        return
    words = (run_id, f"--snapshot={snapshot_id}")
    try:
        job = submit(resources.jobs(), resources.job_runner(), KIND, words, dedupe_key=" ".join((KIND, *words)))
    except EodiError as error:
        show_error(error, t.language)
        return
    state.put_job_in_address(job.job_id)
    st.rerun()


def _in_words(t: Translator, job: Job) -> str:
    return last_words(t, job) or t("job_panel.waiting")


def _after_the_end(t: Translator, job: Job) -> None:
    with st.container(horizontal=True):
        offer_next_steps(t, job, EVALUATING)


EVALUATING = JobPanel(lambda job: job.kind == KIND, _in_words, _after_the_end)
