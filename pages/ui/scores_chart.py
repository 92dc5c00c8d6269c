"""A bar for every place the classifier knows, and one for "none of these"; the answer's bar in the accent colour."""

from collections.abc import Sequence

import altair as alt
import pandas as pd
import streamlit as st

from core.domain.answer import Identification, PlaceScore
from core.messages import Translator
from pages.ui.chart_colours import write_in_ink

ROW_PX = 34
AXIS_PX = 64
LABEL_PX = 136  # wide enough for the longest name of the catalogue, narrow enough for a phone
ROOM_FOR_VALUE = 1.3  # the axis ends beyond 100 % so that "over 99%" beside a full bar is not cut on a phone


def show_scores(t: Translator, answer: Identification) -> None:
    """Draw the probabilities of all places and of none of them."""
    rows = score_rows(t, answer.scores, answer.place.class_id if answer.place else None)
    st.altair_chart(scores_chart(t, rows), width="stretch", alt=_in_words(rows))


def score_rows(t: Translator, scores: Sequence[PlaceScore], class_id: int | None) -> pd.DataFrame:
    """Return a row per bar, most probable first: `name`, `share` (0..1), `value` (in words), `part` (answer or other).

    class_id: the place that was answered, None for none of these.
    """
    bars = [(s.place.name.get(t.language), s.probability, s.place.class_id == class_id) for s in scores]
    none_share = max(0.0, 1.0 - sum(score.probability for score in scores))
    bars.append((t("scores.none"), none_share, class_id is None))
    bars.sort(key=lambda bar: -bar[1])
    return pd.DataFrame(
        {
            "name": [name for name, _, _ in bars],
            "share": [share for _, share, _ in bars],
            "value": [t.probability(share) for _, share, _ in bars],
            "part": ["answer" if answered else "other" for _, _, answered in bars],
        }
    )


def scores_chart(t: Translator, rows: pd.DataFrame) -> alt.LayerChart:
    """Return the chart; bars have the theme's first colour, the accent, and only the answer's at full strength."""
    names = alt.Y(
        "name:N", sort=None, title=None, axis=alt.Axis(labelLimit=LABEL_PX, labelPadding=8, ticks=False, domain=False)
    )
    shares = alt.X(
        "share:Q",
        title=t("scores.axis"),
        scale=alt.Scale(domain=[0, ROOM_FOR_VALUE], nice=False),
        axis=alt.Axis(format=".0%", values=[0, 0.25, 0.5, 0.75, 1]),
    )
    strength = alt.Opacity("part:N", scale=alt.Scale(domain=["answer", "other"], range=[1.0, 0.4]), legend=None)
    bars = alt.Chart(rows).mark_bar(cornerRadiusEnd=4, height={"band": 0.6}).encode(x=shares, y=names, opacity=strength)
    values = alt.Chart(rows).mark_text(align="left", dx=6).encode(x=shares, y=names, text="value:N")
    tip = [alt.Tooltip("name:N", title=t("scores.place")), alt.Tooltip("value:N", title=t("scores.axis"))]
    return alt.layer(bars.encode(tooltip=tip), write_in_ink(values)).properties(height=ROW_PX * len(rows) + AXIS_PX)


def _in_words(rows: pd.DataFrame) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(rows["name"], rows["value"], strict=True))
