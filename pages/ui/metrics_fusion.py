"""A fusion tree's run: what was fitted on what, and each witness's answers beside the ones that the tree joins."""

import pandas as pd
import streamlit as st

from core.domain.score import Score
from core.messages import Translator
from core.weights.fusion_manifest import FusionManifest
from pages.ui.links import link_to_run
from pages.ui.metrics_words import interval_in_words, score_name, score_value
from pages.ui.text import plain

COLUMNS = ("right", "wrong", "false_accepts", "auroc")
MINUS = "_minus_"
PREFIXES = {"test_": "metrics_page.part_test", "held_out_": "metrics_page.part_held_out"}


def show_fusion(t: Translator, manifest: FusionManifest) -> None:
    """Draw the scores by witness, and the runs that the tree was fitted on."""
    for prefix, key in PREFIXES.items():
        table = witness_table(t, manifest, prefix)
        if len(table):
            st.markdown(f"**{t(key)}**")
            st.dataframe(table, hide_index=True, width="stretch")
    st.caption(plain(t("metrics_page.fitted_on")))
    for fitted in (manifest.classifier, manifest.detector):
        if fitted is not None:
            link_to_run(t, fitted.run_id, plain(fitted.run_id))


def witness_table(t: Translator, manifest: FusionManifest, prefix: str) -> pd.DataFrame:
    """Return a row for each witness with its scores and their intervals; differences between them are left out."""
    names = {
        "fused": t("metrics_page.fused"),
        "classifier": t("metrics_page.classifier"),
        "detector": t("metrics_page.detector"),
        "gallery": t("metrics_page.gallery_witness"),
    }
    found: dict[str, dict[str, Score]] = {}
    for name, score in manifest.scores.items():
        witness, _, of = name.removeprefix(prefix).partition("_")
        if name.startswith(prefix) and MINUS not in name and of in COLUMNS:
            found.setdefault(witness, {})[of] = score
    rows = [
        (names.get(witness, witness), *(_cell(t, scores.get(column)) for column in COLUMNS))
        for witness, scores in found.items()
    ]
    return pd.DataFrame(rows, columns=[t("metrics_page.witness"), *(score_name(t, column) for column in COLUMNS)])


def _cell(t: Translator, score: Score | None) -> str:
    return "–" if score is None else f"{score_value(t, score)}, {interval_in_words(t, score)}"
