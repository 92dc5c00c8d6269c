"""A run beside the one in service, photo by photo, by the rule that the page of metrics goes by as well."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.errors import EodiError
from core.messages import Translator
from core.metrics.compare import compare_shares
from core.metrics.compare_boxes import compare_boxes, same_boxes
from core.metrics.opened_run import OpenedRun, evaluated_at
from pages.ui import resources
from pages.ui.metrics_compare import box_table, share_table
from pages.ui.metrics_runs import opened_run

PER_PLACE = "/"  # in the name of a score of one place


@dataclass(frozen=True, slots=True)
class Comparison:
    """A row per score, with both runs' and their difference; photos: on how many."""

    table: pd.DataFrame
    photos: int


def compare_runs(t: Translator, serving_id: str, made_id: str) -> Comparison | None:
    """Return how two runs differ on the photos that they share; None where they share none, or one cannot be read."""
    evaluated = tuple(evaluated_at(resources.settings().data_dir, run_id) for run_id in (serving_id, made_id))
    return _compared(t, t.language, serving_id, made_id, evaluated)


@st.cache_data(show_spinner=False, max_entries=16)
def _compared(
    _t: Translator, language: str, serving_id: str, made_id: str, evaluated: tuple[int, ...]
) -> Comparison | None:
    """Compare, once for each language and evaluation."""
    try:
        serving, made = opened_run(serving_id), opened_run(made_id)
    except EodiError:
        return None
    found = _boxes(_t, serving, made) if made.is_detector else _shares(_t, serving, made)
    if found is None or not found.photos:
        return None
    score, _, _, *rest = found.table.columns
    titles = [score, _t("train_page.run_in_service"), _t("train_page.this_run"), *rest]
    return Comparison(found.table.set_axis(titles, axis="columns"), found.photos)


def _shares(t: Translator, serving: OpenedRun, made: OpenedRun) -> Comparison | None:
    if serving.judged is None or made.judged is None:
        return None
    differences = compare_shares(serving.judged, made.judged)
    found = {name: one for name, one in differences.items() if PER_PLACE not in name}
    return Comparison(share_table(t, found, "B", {}), found["accuracy"].n) if found else None


def _boxes(t: Translator, serving: OpenedRun, made: OpenedRun) -> Comparison | None:
    if serving.judged_boxes is None or made.judged_boxes is None:
        return None
    first, second = same_boxes(serving.judged_boxes, made.judged_boxes)
    found = compare_boxes(first, second, (serving.threshold, made.threshold))
    return Comparison(box_table(t, found, "B"), len(first.photos))
