"""Start a training: what shall learn, from which data, for how long; the rest stands folded away."""

from collections.abc import Mapping

import streamlit as st

from core.classifier.config import TrainConfig
from core.classifier.duration import estimate as classifier_time
from core.dataset.training_data import DataCounts
from core.detector.config import DetectorConfig
from core.detector.duration import estimate as detector_time
from core.domain.library import Snapshot
from core.errors import EodiError, InvalidInput
from core.jobs.start import submit
from core.messages import Translator, describe
from core.metrics.duration import Estimate
from pages.ui import resources, state
from pages.ui.frame import show_error
from pages.ui.text import plain
from pages.ui.train_choices import Choices, choose
from pages.ui.train_fusion import show_fusion_form
from pages.ui.train_resources import (
    CLASSIFIER,
    DETECTOR,
    FUSION,
    KIND,
    classifier_manifests,
    counts_of,
    detector_runs,
    freeze_now,
    library_now,
)
from pages.ui.train_words import duration_in_words, task_name

TASKS = (CLASSIFIER, DETECTOR, FUSION)
NOW = ""  # freeze what is accepted now
AT_ONCE = 1_000  # photos that are frozen while the page waits; more are frozen by the training itself
SHOWN = 20  # snapshots


def show_form(t: Translator) -> None:
    """Draw the form; its button starts a training and puts it in the address."""
    with st.container(key="train-form", border=True):
        st.markdown(f"**{t('train_page.new')}**")
        names = {task: task_name(t, task) for task in TASKS}
        task = st.segmented_control(
            t("train_page.what"),
            list(names),
            default=CLASSIFIER,
            format_func=names.get,
            required=True,
            key="train-task",
        )
        if task == FUSION:
            show_fusion_form(t, lambda words: submit_training(t, words))
            return
        st.caption(t("train_page.about_detector") if task == DETECTOR else t("train_page.about_classifier"))
        snapshot_id = _choose_data(t)
        counts = counts_of(snapshot_id)
        _say_counts(t, task, counts, is_frozen=bool(snapshot_id))
        choices = _choose_rest(t, task)
        why_not = _why_not(t, task, counts)
        if why_not:
            st.info(plain(why_not), icon=":material/info:")
        elif choices is not None:
            st.caption(plain(duration_in_words(t, how_long(choices.config, counts))))
        cannot = choices is None or bool(why_not)
        pressed = st.button(
            t("train_page.start"), type="primary", icon=":material/model_training:", disabled=cannot, key="train-start"
        )
        if pressed and choices is not None:
            start(t, task, snapshot_id, choices.arguments)


def start(t: Translator, task: str, snapshot_id: str, arguments: tuple[str, ...]) -> None:
    """Start a training on a data set and show it. snapshot_id: "" to freeze now."""
    try:
        with st.spinner(t("snapshots.freezing") if not snapshot_id else t("train_page.starting")):
            frozen = snapshot_id or _frozen()
    except EodiError as error:
        show_error(error, t.language)
        return
    submit_training(t, (task, *([f"--snapshot={frozen}"] if frozen else []), *arguments))


def submit_training(t: Translator, words: tuple[str, ...]) -> None:
    """Start a training and show it; a second click finds the first. words: of the command, the task first."""
    try:
        job = submit(resources.jobs(), resources.job_runner(), KIND, words, dedupe_key=" ".join((KIND, *words)))
    except EodiError as error:
        show_error(error, t.language)
        return
    state.put_job_in_address(job.job_id)
    st.rerun()


def how_long(config: TrainConfig | DetectorConfig, counts: DataCounts) -> Estimate:
    """Return how long a training will probably take."""
    if isinstance(config, DetectorConfig):
        return detector_time(config, counts.learned_boxes(config.backgrounds), counts.fixed, detector_runs())
    return classifier_time(config, counts.photos, classifier_manifests())


def _frozen() -> str:
    """Freeze a library that is quickly frozen; "" leaves it to the training."""
    return freeze_now().snapshot_id if len(library_now()) <= AT_ONCE else ""


def _choose_data(t: Translator) -> str:
    snapshots = {snapshot.snapshot_id: snapshot for snapshot in resources.snapshots().list()[:SHOWN]}
    names = {NOW: t("train_page.freeze_now"), **_names(t, snapshots)}
    order = list(names)
    chosen = st.selectbox(t("train_page.data"), order, format_func=names.get, key="train-data")
    return chosen or NOW


def _names(t: Translator, snapshots: Mapping[str, Snapshot]) -> dict[str, str]:
    return {
        key: t("train_page.snapshot", when=t.moment(one.created_at), photos=one.photos, note=one.note).strip(" ·")
        for key, one in snapshots.items()
    }


def _say_counts(t: Translator, task: str, counts: DataCounts, is_frozen: bool) -> None:
    values = {"photos": counts.photos, "places": counts.places, "strangers": counts.strangers, "leaks": counts.leaks}
    words = t("train_page.counts", **values)
    if task == DETECTOR:
        words = f"{words} {t('train_page.box_counts', boxes=counts.boxes, boxed=counts.boxed, empty=counts.empty)}"
    st.caption(plain(words))
    if counts.leaks and not is_frozen:
        st.caption(plain(t("train_page.leaks_go")))


def _choose_rest(t: Translator, task: str) -> Choices | None:
    """Draw the choices folded away; None while they do not go together, which is then said."""
    with st.expander(t("train_page.more"), icon=":material/tune:", key=f"train-more-{task}"):
        try:
            return choose(t, task)
        except InvalidInput as error:
            st.info(plain(describe(error, t.language)), icon=":material/info:")
            return None


def _why_not(t: Translator, task: str, counts: DataCounts) -> str:
    """Return why nothing can be trained from this data, "" where it can."""
    if not counts.photos:
        return t("train_page.no_photos")
    if task == DETECTOR and not counts.boxed:
        return t("train_page.no_boxes")
    if task == CLASSIFIER and not counts.places:
        return t("train_page.no_places")
    return ""
