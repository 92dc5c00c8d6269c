"""Train a classifier on a snapshot, where it is shown; the train page has all choices and the job."""

import streamlit as st

from core.classifier.backbones import BACKBONES, IMAGENET, NONE
from core.classifier.config import TrainConfig
from core.domain.library import Snapshot
from core.errors import EodiError
from core.jobs.start import submit
from core.messages import Translator
from pages.ui import resources, state
from pages.ui.frame import show_error
from pages.ui.train_choices import SERVICE, as_options, weights_in_service
from pages.ui.train_resources import KIND

SIZES = (96, 160, 224, 320, 448)
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


def _choices(t: Translator, key: str) -> tuple[str, ...]:
    """Draw what can be chosen, and return it as options of `train classifier`."""
    backbones, sizes = list(BACKBONES), list(SIZES)
    backbone = st.selectbox(t("train_job.backbone"), backbones, backbones.index(DEFAULTS.backbone), key=f"{key}-net")
    kept = weights_in_service(backbone)
    starts = {SERVICE: t("train_job.from_service")} if kept else {}
    starts |= {IMAGENET: t("train_job.imagenet"), NONE: t("train_job.from_nothing")}
    start = st.selectbox(t("train_job.start"), list(starts), format_func=starts.get, key=f"{key}-start")
    size = st.selectbox(t("train_job.size"), sizes, sizes.index(DEFAULTS.size_px), key=f"{key}-size")
    pretrained = kept if start == SERVICE else start
    return as_options(TrainConfig(backbone=backbone, pretrained=pretrained, size_px=size))
