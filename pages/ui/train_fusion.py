"""Fit the fusion tree: from what which classifier and which detector said of photos that they had not seen."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.messages import Translator
from core.metrics.box_table import BOXES_FILE
from core.weights.manifest_file import AnyManifest
from core.weights.records import PREDICTIONS_FILE
from pages.ui.metrics_words import main_score_in_words
from pages.ui.text import plain
from pages.ui.train_resources import CLASSIFIER, DETECTOR, FUSION, manifest_of, manifests, serving

RECORDS = {CLASSIFIER: PREDICTIONS_FILE, DETECTOR: BOXES_FILE}  # without them there is nothing to fit on


def show_fusion_form(t: Translator, start: Callable[[tuple[str, ...]], None]) -> None:
    """Draw which runs the tree shall join, and the button. start: given the words of the command."""
    st.caption(plain(t("train_page.about_fusion")))
    chosen = {task: _choose(t, task) for task in (CLASSIFIER, DETECTOR)}
    if not chosen[CLASSIFIER]:
        st.info(plain(t("train_page.nothing_to_fuse")), icon=":material/info:")
    pressed = st.button(
        t("train_page.start"),
        type="primary",
        icon=":material/account_tree:",
        disabled=not chosen[CLASSIFIER],
        key="train-start",
    )
    if pressed:
        start((FUSION, *fusion_options(chosen)))


def fusion_options(chosen: dict[str, str]) -> tuple[str, ...]:
    """Return runs as options of `train fusion`: none for those in service, else both, for one alone means no other."""
    if all(run_id == serving(task) for task, run_id in chosen.items()):
        return ()
    return tuple(f"--{task}={run_id}" for task, run_id in chosen.items() if run_id)


def _choose(t: Translator, task: str) -> str:
    """Draw the choice of a run, the one in service first; "" where there is none."""
    now = manifest_of(serving(task))
    found: Sequence[AnyManifest] = [now] if now is not None else []
    known = [*found, *(one for one in manifests() if one.task == task and one is not now)]
    usable = {one.run_id: one for one in known if RECORDS[task] in one.files}
    if not usable:
        return ""
    label = t("train_page.classifier") if task == CLASSIFIER else t("train_page.detector")
    words = {run_id: f"{run_id} · {main_score_in_words(t, one)}" for run_id, one in usable.items()}
    return str(st.selectbox(label, list(usable), format_func=words.get, key=f"fusion-{task}"))
