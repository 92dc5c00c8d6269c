"""Train a classifier on a snapshot: the choices, the live job, its held-out score, and putting it in service."""

import streamlit as st

from core.classifier.backbone_file import BACKBONE_FILE, shares_backbone
from core.classifier.backbones import BACKBONES, IMAGENET, NONE
from core.classifier.config import TrainConfig
from core.domain.job import Job, JobState
from core.domain.library import Snapshot
from core.domain.score import Score
from core.errors import EodiError
from core.jobs.start import submit
from core.messages import Translator
from core.weights.folder import open_run
from pages.ui import resources, state
from pages.ui.frame import show_error
from pages.ui.job_panel import JobPanel, last_words, offer_next_steps
from pages.ui.text import plain

KIND = "train"
SERVICE = "service"
SIZES = (96, 160, 224, 320, 448)
MADE = "train.made"
DEFAULTS = TrainConfig()


def offer_training(t: Translator, snapshot: Snapshot) -> None:
    """Draw the button that trains on a snapshot, with its choices folded away."""
    key = f"train-{snapshot.snapshot_id}"
    with st.container(horizontal=True, vertical_alignment="center"):
        started = st.button(t("train_job.train"), type="primary", icon=":material/model_training:", key=key)
        with st.popover(t("train_job.choices"), icon=":material/tune:", key=f"{key}-choices"):
            arguments = _choices(t, key)
    if not started:
        return
    words = ("classifier", f"--snapshot={snapshot.snapshot_id}", *arguments)
    try:
        job = submit(resources.jobs(), resources.job_runner(), KIND, words, dedupe_key=" ".join((KIND, *words)))
    except EodiError as error:
        show_error(error, t.language)
        return
    state.put_job_in_address(job.job_id)
    st.rerun()


def _choices(t: Translator, key: str) -> list[str]:
    """Draw what can be chosen, and return it as options of `train classifier`; nothing changed is no option."""
    backbones, sizes = list(BACKBONES), list(SIZES)
    backbone = st.selectbox(t("train_job.backbone"), backbones, backbones.index(DEFAULTS.backbone), key=f"{key}-net")
    kept = _weights_in_service(backbone)
    starts = {SERVICE: t("train_job.from_service")} if kept else {}
    starts |= {IMAGENET: t("train_job.imagenet"), NONE: t("train_job.from_nothing")}
    start = st.selectbox(t("train_job.start"), list(starts), format_func=starts.get, key=f"{key}-start")
    size = st.selectbox(t("train_job.size"), sizes, sizes.index(DEFAULTS.size_px), key=f"{key}-size")
    return [
        *([f"--backbone={backbone}"] if backbone != DEFAULTS.backbone else []),
        *([f"--pretrained={kept if start == SERVICE else start}"] if start != DEFAULTS.pretrained else []),
        *([f"--imgsz={size}"] if size != DEFAULTS.size_px else []),
    ]


def _weights_in_service(backbone: str) -> str:
    """Return the file of weights of the model in service, "" where it has none for this network."""
    run_id, weights_dir = resources.run_in_service(), resources.settings().weights_dir
    if not run_id:
        return ""
    try:
        run = open_run(weights_dir, run_id)
    except EodiError:
        return ""
    return str(run.folder / BACKBONE_FILE) if shares_backbone(run, backbone) else ""


# ---- the job ----


def _in_words(t: Translator, job: Job) -> str:
    words = last_words(t, job)
    if job.state is JobState.RUNNING and words and job.total:
        return f"{words} ({t.percent(min(1.0, job.done / job.total))})"
    ends = {JobState.CANCELLED: "train_job.cancelled", JobState.INTERRUPTED: "train_job.interrupted"}
    return t(ends[job.state]) if job.state in ends else words or t("job_panel.waiting")


def _after_the_end(t: Translator, job: Job) -> None:
    run_id = str(job.message_values.get("run_id", "")) if job.message == MADE else ""
    if run_id:
        _made(t, run_id)
    with st.container(horizontal=True):
        offer_next_steps(t, job, TRAINING)


def _made(t: Translator, run_id: str) -> None:
    """Draw how good the run is on photos it had not seen, and the button that puts it in service."""
    scores = open_run(resources.settings().weights_dir, run_id).manifest.scores
    for name, words in (("held_out_right", t("train_job.held_out")), ("test_right", t("train_job.test"))):
        if name in scores:
            st.markdown(plain(f"{words}: {score_in_words(t, scores[name])}"))
    if resources.run_in_service() == run_id:
        st.badge(t("train_job.in_service"), icon=":material/check:", color="green")
        return
    drop = st.checkbox(t("train_job.allow_drop"), key=f"drop-{run_id}")
    if st.button(t("train_job.promote"), icon=":material/rocket_launch:"):
        try:
            resources.put_in_service(run_id, allow_drop=drop)
        except EodiError as error:
            show_error(error, t.language)
            return
        st.rerun()


def score_in_words(t: Translator, score: Score) -> str:
    """Return a share with its count and interval, such as "17 of 35, 49% (95% interval 34% to 64%)"."""
    shares = {"value": t.percent(score.value), "low": t.percent(score.low), "high": t.percent(score.high)}
    return t("train_job.score", k=score.k or 0, count=score.n, **shares)


TRAINING = JobPanel(lambda job: job.kind == KIND, _in_words, _after_the_end)
