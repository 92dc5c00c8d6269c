"""What a training made: its scores beside those of the run in service, and the click that puts it in service."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.domain.score import Score
from core.errors import EodiError
from core.identify.promotion import promote_run
from core.messages import Translator
from core.weights.manifest_file import AnyManifest
from pages.ui import resources
from pages.ui.frame import show_error
from pages.ui.links import link_to_comparison, link_to_run
from pages.ui.text import plain
from pages.ui.train_comparison import compare_runs
from pages.ui.train_resources import CLASSIFIER, FUSION, manifest_of, serving
from pages.ui.train_words import score_in_words


def show_made(t: Translator, run_id: str) -> None:
    """Draw how good a run is on photos that it had not seen, beside the run in service, and its next steps."""
    made = manifest_of(run_id)
    if made is None:
        st.info(plain(t("train_page.run_gone", run_id=run_id)), icon=":material/info:")
        return
    current = serving(made.task)
    other = manifest_of(current) if current not in ("", run_id) else None
    st.dataframe(score_table(t, made, other), hide_index=True, width="stretch", key=f"scores-{run_id}")
    if other is not None and made.task != FUSION:
        _compare(t, made, other)
    with st.container(horizontal=True, vertical_alignment="center"):
        link_to_run(t, run_id, t("train_page.to_metrics"))
        if other is not None and made.task != FUSION:
            link_to_comparison(t, (other.run_id, run_id), t("train_page.to_comparison"))
        if current == run_id:
            st.badge(t("train_job.in_service"), icon=":material/check:", color="green")
    if current != run_id:
        _offer_promotion(t, made)


def score_table(t: Translator, made: AnyManifest, other: AnyManifest | None) -> pd.DataFrame:
    """Return a row per score of photos that were held out, and a column per run."""
    names = score_names(t)
    shown = [name for name in names if name in made.scores or (other is not None and name in other.scores)]
    table = {t("train_page.score_name"): [names[name] for name in shown]}
    table[t("train_page.this_run")] = [_cell(t, made.scores, name) for name in shown]
    if other is not None:
        table[t("train_page.run_in_service")] = [_cell(t, other.scores, name) for name in shown]
    return pd.DataFrame(table)


def score_names(t: Translator) -> dict[str, str]:
    """Return what the scores of held-out photos are called, the telling ones first."""
    return {
        "held_out_right": t("train_job.held_out"),
        "held_out_best_guess": t("train_page.best_guess"),
        "held_out_false_accepts": t("train_page.false_accepts"),
        "test_right": t("train_job.test"),
        "held_out_fused_right": t("train_job.held_out"),
        "held_out_fused_false_accepts": t("train_page.false_accepts"),
        "held_out_precision": t("train_page.precision"),
        "held_out_recall": t("train_page.recall"),
        "held_out_map50": t("metrics.map50"),
        "held_out_map50_95": t("metrics.map50_95"),
        "held_out_strangers_marked": t("metrics.strangers_marked"),
    }


def _cell(t: Translator, scores: Mapping[str, Score], name: str) -> str:
    return score_in_words(t, scores[name]) if name in scores else "–"


def _compare(t: Translator, made: AnyManifest, other: AnyManifest) -> None:
    """Draw how both do on the photos that they share; scores of other photos say little about a small difference."""
    found = compare_runs(t, other.run_id, made.run_id)
    if found is None:
        st.caption(plain(t("train_page.other_data", run_id=other.run_id)))
        return
    st.markdown(f"**{plain(t('train_page.same_photos', photos=found.photos))}**")
    narrow = {str(found.table.columns[0]): st.column_config.TextColumn(width="medium")}
    key = f"same-photos-{made.run_id}"
    st.dataframe(found.table, hide_index=True, width="stretch", column_config=narrow, key=key)


def _offer_promotion(t: Translator, made: AnyManifest) -> None:
    run_id = made.run_id
    drop = made.task == CLASSIFIER and st.checkbox(t("train_job.allow_drop"), key=f"drop-{run_id}")
    if not st.button(t("train_job.promote"), icon=":material/rocket_launch:", key=f"promote-{run_id}"):
        return
    try:
        promote_run(made.run_id, resources.service(), allow_drop=drop)
    except EodiError as error:
        show_error(error, t.language)
        return
    st.rerun()
