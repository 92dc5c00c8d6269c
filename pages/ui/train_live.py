"""One training on the page: how far it is, its curves and its log while it runs, and what it left."""

from contextlib import suppress
from pathlib import Path

import streamlit as st

from core.detector.config import DetectorConfig
from core.detector.so_far import child_log, kept_weights, log_so_far
from core.detector.train import can_finish
from core.domain.job import Job
from core.errors import EodiError
from core.jobs.log_tail import read_tail
from core.jobs.runner import log_path
from core.jobs.start import submit
from core.messages import Translator
from core.metrics.live_log import read_live_log, work_of
from core.metrics.training_log import TrainingLog, read_run_log
from core.weights.folder import open_detector_run, open_run
from pages.ui import resources, state
from pages.ui.access import serves_this_machine_only
from pages.ui.job_panel import JobPanel, offer_next_steps
from pages.ui.text import plain
from pages.ui.train_curve import show_curves
from pages.ui.train_resources import DETECTOR, KIND, folder_of
from pages.ui.train_result import show_made
from pages.ui.train_words import in_words, run_of, task_of

FRAMED_LINES = 30
FINISH = "--finish"
NO_LOG = TrainingLog("")


def log_of(job: Job) -> TrainingLog:
    """Return the epochs of a training: of its run where it made one, else those that it wrote so far."""
    run_id, weights_dir = run_of(job), resources.settings().weights_dir
    work = work_of(folder_of(job))
    try:
        if run_id:
            opened = (
                open_detector_run(weights_dir, run_id) if task_of(job) == DETECTOR else open_run(weights_dir, run_id)
            )
            return read_run_log(opened)
        return log_so_far(work) if work is not None else read_live_log(folder_of(job))
    except EodiError:
        return NO_LOG  # what is missing is told by whoever needs it; here it is only a curve


def _while_it_runs(t: Translator, job: Job) -> None:
    log = log_of(job)
    if log.parts:
        show_curves(t, log, planned_epochs(job))
    else:
        waits = t("train_page.first_epoch") if task_of(job) == DETECTOR else t("train_page.no_epochs")
        st.caption(plain(waits))
    _show_log(t, job)


def _after_the_end(t: Translator, job: Job) -> None:
    run_id = run_of(job)
    if run_id:
        show_made(t, run_id)
    elif task_of(job) == DETECTOR:
        _say_what_is_kept(t, job)
    log = log_of(job)
    if log.parts:
        show_curves(t, log)
    _show_log(t, job)
    with st.container(horizontal=True):
        if not run_id and task_of(job) == DETECTOR:
            _offer_finish(t, job)
        offer_next_steps(t, job, TRAINING)


def _offer_finish(t: Translator, job: Job) -> None:
    """Offer to make a run from the weights that a stopped training left."""
    work = work_of(folder_of(job))
    if work is None or not can_finish(work):
        return
    if st.button(t("train_page.finish"), icon=":material/flag:", key=f"finish-{job.job_id}"):
        words = (*job.arguments, *([FINISH] if FINISH not in job.arguments else []))
        made = submit(resources.jobs(), resources.job_runner(), KIND, words, dedupe_key=" ".join((KIND, *words)))
        state.put_job_in_address(made.job_id)
        st.rerun()


def _say_what_is_kept(t: Translator, job: Job) -> None:
    work = work_of(folder_of(job))
    weights = kept_weights(work) if work is not None else None
    if weights is None:
        return
    words = t("train_page.kept_at", file=str(weights)) if serves_this_machine_only() else t("train_page.kept")
    st.caption(plain(words))


def _show_log(t: Translator, job: Job) -> None:
    lines = [line for path in _logs(job) for line in read_tail(path, FRAMED_LINES).splitlines()]
    if not lines:
        return
    with st.expander(t("train_page.log"), icon=":material/terminal:", key=f"train-log-{job.job_id}"):
        st.caption(t("train_page.newest_first"))
        st.code("\n".join(reversed(lines)), language=None, wrap_lines=True, height=280)


def _logs(job: Job) -> list[Path]:
    paths, work = [log_path(resources.settings().jobs_dir, job)], work_of(folder_of(job))
    child = child_log(work) if work is not None else None
    return [*paths, child] if child is not None else paths


def planned_epochs(job: Job) -> int | None:
    """Return how many epochs each part of a detector's training has at most; None for a classifier."""
    if task_of(job) != DETECTOR:
        return None
    named = [word.partition("=")[2] for word in job.arguments if word.startswith("--epochs=")]
    with suppress(ValueError):
        return int(named[-1]) if named else DetectorConfig().epochs
    return None


TRAINING = JobPanel(lambda job: job.kind == KIND, in_words, _after_the_end, while_it_runs=_while_it_runs)
