"""How far the labelling is, how fast it goes, and when it would be done, in one line above the canvas."""

from datetime import UTC, datetime, timedelta

import streamlit as st

from core.dataset.label_progress import measure_pace, time_left_s
from core.domain.label import LabelProgress
from core.messages import Translator
from pages.ui import resources
from pages.ui.text import plain

WINDOW = timedelta(hours=1)


def show_progress(t: Translator, place: str | None, actor: str) -> None:
    """Draw the line for a place, or for all."""
    progress = resources.boxes().progress(place)
    if progress.photos == 0:
        return
    state = t("label.progress", done=progress.decided, photos=progress.photos, boxes=progress.boxes)
    st.caption(plain(" · ".join([state, *_pace(t, progress, actor)])), width="content")


def _pace(t: Translator, progress: LabelProgress, actor: str) -> list[str]:
    """Say boxes per hour and the time left, once enough was done to know."""
    boxes, since = resources.boxes(), datetime.now(UTC) - WINDOW
    pace = measure_pace(boxes.drawn_since(since, actor), boxes.decided_since(since, actor))
    left_s = time_left_s(progress, pace)
    words = [t("label.pace", boxes=round(pace.boxes_per_hour))] if pace.boxes_per_hour else []
    return [*words, t("label.time_left", minutes=max(1, round(left_s / 60)))] if left_s else words
