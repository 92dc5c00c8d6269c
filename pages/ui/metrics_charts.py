"""The shapes of charts on the page of metrics: lines, points and cells, with titles and units, right in any theme.

A chart tells its lines apart by colour and by dashes, so that it is read without colours too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from pages.ui.chart_colours import COLOURS, colour_names, write_in_ink

HEIGHT_PX, TALL_PX = 280, 340
SHARES = ".0%"
DASHES = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
LEGEND_PX = 220


@dataclass(frozen=True, slots=True)
class Axis:
    """One direction of a chart. title: with its unit; form: d3's of the numbers; least, most: None fits the values."""

    title: str
    form: str = "~g"
    least: float | None = None
    most: float | None = None
    log: bool = False

    def scale(self) -> alt.Scale:
        """Return how values become places."""
        if self.log:
            return alt.Scale(type="log", nice=True)
        if self.least is None or self.most is None:
            return alt.Scale(zero=False, nice=True)
        return alt.Scale(domain=[self.least, self.most])


def shares(title: str) -> Axis:
    """Return an axis of 0 to 100 %."""
    return Axis(title, SHARES, 0, 1)


@dataclass(frozen=True, slots=True)
class Look:
    """How lines are drawn. title: of the chart; order: names of the lines; dash: the column that tells dashes."""

    title: str
    order: Sequence[str]
    dash: str = ""
    dash_order: Sequence[str] = ()
    steps: bool = False
    height_px: int = HEIGHT_PX


def lines(rows: pd.DataFrame, across: Axis, up: Axis, look: Look) -> alt.Chart:
    """Return a line for each name. rows: `x`, `y`, `name`, and the column that `look.dash` names."""
    return (
        alt.Chart(rows, title=alt.TitleParams(look.title, anchor="start"))
        .mark_line(clip=True, strokeWidth=2, interpolate="step-after" if look.steps else "linear")
        .encode(
            x=alt.X("x:Q", title=across.title, scale=across.scale(), axis=alt.Axis(format=across.form, tickCount=6)),
            y=alt.Y("y:Q", title=up.title, scale=up.scale(), axis=alt.Axis(format=up.form, tickCount=6)),
            color=alt.Color("name:N", scale=alt.Scale(domain=domain(look.order)), legend=_legend(look.order)),
            strokeDash=_dashes(look),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("x:Q", title=across.title, format=across.form),
                alt.Tooltip("y:Q", title=up.title, format=".4~g" if up.form != SHARES else ".1%"),
            ],
        )
        .properties(height=look.height_px)
    )


def domain(names: Sequence[str]) -> list[str]:
    """Return the domain of colours: up to four names keep the ink for text, more take their turns with it."""
    return colour_names(names) if len(names) < COLOURS else list(names)


def _legend(names: Sequence[str]) -> alt.Legend | None:
    if len(names) < 2:
        return None
    return alt.Legend(title=None, orient="bottom", columns=2, values=list(names), labelLimit=LEGEND_PX, symbolSize=160)


def _dashes(look: Look) -> alt.StrokeDash:
    if look.dash:
        legend = alt.Legend(title=None, orient="bottom", columns=2, labelLimit=LEGEND_PX, symbolSize=160)
        order = list(look.dash_order)
        scale = alt.Scale(domain=order, range=[list(dash) for dash in DASHES[: len(order)]])
        return alt.StrokeDash(f"{look.dash}:N", scale=scale, legend=legend)
    wraps = [list(DASHES[number // COLOURS % len(DASHES)]) for number in range(len(look.order))]
    if len(look.order) <= COLOURS - 1:
        wraps = [list(DASHES[number % len(DASHES)]) for number in range(len(look.order))]
    return alt.StrokeDash("name:N", scale=alt.Scale(domain=list(look.order), range=wraps), legend=None)


def mark_at(chart: alt.Chart, marks: Sequence[tuple[float, str]], names: Sequence[str]) -> alt.LayerChart:
    """Return the chart with an upright line and words at each x."""
    table = pd.DataFrame(marks, columns=["x", "words"])
    rules = alt.Chart(table).mark_rule(strokeDash=[4, 3], opacity=0.7).encode(x="x:Q")
    words = (
        alt.Chart(table)
        .mark_text(align="left", baseline="top", dx=4, dy=2)
        .encode(x="x:Q", y=alt.value(0), text="words:N")
    )
    if len(names) >= COLOURS:  # the ink is a line's own colour by then
        return alt.layer(chart, rules, words)
    return alt.layer(chart, write_in_ink(rules, names), write_in_ink(words, names))


def cells(rows: pd.DataFrame, across: str, up: str, title: str, order: tuple[Sequence[str], Sequence[str]]) -> alt.LayerChart:
    """Return a table of counts with the larger ones darker. rows: `true`, `said`, `photos`, `share` of the row."""
    side = max(26, min(44, math.ceil(480 / max(1, len(order[0])))))
    base = alt.Chart(rows, title=alt.TitleParams(title, anchor="start")).encode(
        x=alt.X("said:N", sort=list(order[1]), title=across, axis=alt.Axis(labelAngle=-40, labelLimit=110)),
        y=alt.Y("true:N", sort=list(order[0]), title=up, axis=alt.Axis(labelLimit=110)),
    )
    strength = alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 0.85]), legend=None)
    rects = base.mark_rect().encode(opacity=strength, tooltip=[alt.Tooltip(f"{n}:N") for n in ("true", "said", "photos")])
    numbers = base.mark_text().encode(text="photos:Q")
    return alt.layer(rects, write_in_ink(numbers)).properties(height=side * len(order[0]))
