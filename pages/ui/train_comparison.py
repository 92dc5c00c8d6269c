"""A run beside the one in service, photo by photo: only photos that both were scored on and neither learned from."""

from dataclasses import dataclass
from itertools import product

import pandas as pd
import streamlit as st

from core.errors import EodiError
from core.messages import Translator
from core.metrics.compare import compare_shares, same_photos
from core.metrics.compare_boxes import compare_boxes, same_boxes
from core.metrics.judged_photos import JudgedPhotos, Part
from pages.ui.metrics_compare import box_table, share_table
from pages.ui.metrics_runs import OpenedRun, opened_run

UNSEEN = (Part.HELD_OUT, Part.TEST)
PER_PLACE = "/"  # in the name of a score of one place


@dataclass(frozen=True, slots=True)
class Comparison:
    """A row per score, with both runs' and their difference; photos: on how many."""

    table: pd.DataFrame
    photos: int


@st.cache_data(show_spinner=False, max_entries=16)
def compare_runs(_t: Translator, language: str, serving_id: str, made_id: str) -> Comparison | None:
    """Return how two runs differ on the photos that they share; None where they share none, or one cannot be read.

    language: that of `_t`, by which the tables are kept apart.
    """
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
    pairs = [
        (serving.parts[before], made.parts[after])
        for before, after in product(UNSEEN, UNSEEN)
        if before in serving.parts and after in made.parts
    ]
    if not pairs:
        return None
    first, second = max(pairs, key=lambda pair: _shared(*pair))
    found = {name: one for name, one in compare_shares(first, second).items() if PER_PLACE not in name}
    return Comparison(share_table(t, found, "B", {}), _shared(first, second))


def _shared(first: JudgedPhotos, second: JudgedPhotos) -> int:
    return len(same_photos(first, second)[0])


def _boxes(t: Translator, serving: OpenedRun, made: OpenedRun) -> Comparison | None:
    if serving.boxes is None or made.boxes is None:
        return None
    first, second = same_boxes(serving.boxes, made.boxes)
    found = compare_boxes(first, second, (serving.threshold, made.threshold))
    return Comparison(box_table(t, found, "B"), len(first.photos))
