"""The charts of the label page's quality view, in the theme's colours."""

from collections.abc import Sequence

import altair as alt
import numpy as np
import numpy.typing as npt
import pandas as pd

from core.dataset.label_quality import LabelSummary
from core.domain.label import LabelProgress
from core.messages import Translator
from pages.ui.chart_colours import colour_names, write_in_ink

ROW_PX = 34
AXIS_PX = 56
LABEL_PX = 150  # the widest name; narrow enough for a phone
HEAT_PX = 340  # fits a phone
ROOM = 1.25  # for the number behind the longest bar


def balance_chart(t: Translator, summaries: Sequence[LabelSummary]) -> alt.LayerChart:
    """Return a bar for each label: its boxes; photos and usual size in the tip."""
    rows = pd.DataFrame(
        {
            "name": [_name(t, one, summaries) for one in summaries],
            "boxes": [one.boxes for one in summaries],
            "photos": [one.photos for one in summaries],
            "share": [t.percent(one.share, 1) for one in summaries],
            "least": [t.percent(one.least_share, 1) for one in summaries],
            "largest": [t.percent(one.largest_share, 1) for one in summaries],
        }
    )
    most = max([1, *(one.boxes for one in summaries)]) * ROOM
    across = alt.X(
        "boxes:Q", title=t("label.quality.boxes"), scale=alt.Scale(domain=[0, most]), axis=alt.Axis(format="d")
    )
    tip = [
        alt.Tooltip("name:N", title=t("label.quality.part")),
        alt.Tooltip("boxes:Q", title=t("label.quality.boxes")),
        alt.Tooltip("photos:Q", title=t("label.quality.photos")),
        alt.Tooltip("share:N", title=t("label.quality.usual_size")),
        alt.Tooltip("least:N", title=t("label.quality.least_size")),
        alt.Tooltip("largest:N", title=t("label.quality.largest_size")),
    ]
    base = alt.Chart(rows).encode(x=across, y=_names("name"))
    bars = base.mark_bar(cornerRadiusEnd=4, height={"band": 0.6}).encode(tooltip=tip)
    words = base.mark_text(align="left", dx=6).transform_calculate(
        value="datum.boxes > 0 ? datum.boxes + ' · ' + datum.share : '0'"
    )
    return alt.layer(bars, write_in_ink(words.encode(text="value:N"))).properties(height=_height(len(rows)))


def progress_chart(t: Translator, progress: Sequence[tuple[str, LabelProgress]]) -> alt.Chart:
    """Return a bar for each place: photos done, photos with nothing on them, photos left."""
    kinds = [t("label.quality.done"), t("label.quality.nothing"), t("label.quality.open_photos")]
    rows = pd.DataFrame(
        [
            {"name": name, "kind": kind, "photos": count, "at": at, "strength": (1.0, 1.0, 0.3)[at]}
            for name, one in progress
            for at, (kind, count) in enumerate(
                zip(kinds, (one.done, one.nothing, one.photos - one.decided), strict=True)
            )
        ]
    )
    colour = alt.Color(
        "kind:N", scale=alt.Scale(domain=colour_names(kinds)), legend=alt.Legend(title=None, orient="top", values=kinds)
    )
    strength = alt.Opacity("strength:Q", scale=None, legend=None)
    return (
        alt.Chart(rows)
        .mark_bar(height={"band": 0.6})
        .encode(
            x=alt.X("photos:Q", title=t("label.quality.photos"), axis=alt.Axis(format="d")),
            y=_names("name"),
            color=colour,
            opacity=strength,
            order="at:O",
            tooltip=[alt.Tooltip("name:N", title=t("label.place")), "kind:N", "photos:Q"],
        )
        .properties(height=_height(len(progress)) + 32)
    )


def heat_chart(t: Translator, counts: npt.NDArray[np.int64]) -> alt.Chart:
    """Return how many boxes cover each part of the photos. counts: (cells, cells), rows from top to bottom."""
    rows, columns = np.indices(counts.shape)
    table = pd.DataFrame({"row": rows.ravel(), "column": columns.ravel(), "boxes": counts.ravel()})
    strength = alt.Opacity(
        "boxes:Q", scale=alt.Scale(domain=[0, max(1, int(counts.max()))], range=[0.03, 1]), legend=None
    )
    bare = alt.Axis(labels=False, ticks=False, title=None, domain=False, grid=False)
    return (
        alt.Chart(table)
        .mark_rect()
        .encode(
            x=alt.X("column:O", axis=bare, scale=alt.Scale(padding=0)),
            y=alt.Y("row:O", axis=bare, scale=alt.Scale(padding=0)),
            opacity=strength,
            tooltip=[alt.Tooltip("boxes:Q", title=t("label.quality.boxes"))],
        )
        .properties(width=HEAT_PX, height=round(HEAT_PX * 0.75))
    )


def _names(field: str) -> alt.Y:
    axis = alt.Axis(labelLimit=LABEL_PX, labelPadding=8, ticks=False, domain=False)
    return alt.Y(f"{field}:N", sort=None, title=None, axis=axis)


def _name(t: Translator, one: LabelSummary, every: Sequence[LabelSummary]) -> str:
    """Return a label's name, with its slug where another label has the same name."""
    name = one.label.name.get(t.language)
    alone = sum(other.label.name.get(t.language) == name for other in every) == 1
    return name if alone else f"{name} ({one.label.slug})"


def _height(rows: int) -> int:
    return ROW_PX * rows + AXIS_PX
