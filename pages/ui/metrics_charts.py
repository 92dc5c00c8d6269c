"""The shapes of charts on the page of metrics: lines, points and cells, with titles and units, right in any theme.

A chart tells its lines apart by colour and by dashes, so that it is read without colours too.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from pages.ui.chart_colours import COLOURS, colour_names, write_in_ink

PLOT_PX, TALL_PX = 220, 280  # of the plot alone; the page fits title, axis and legend into a chart's height as well
AROUND_PX, LEGEND_ROW_PX, LEGEND_COLUMNS = 90, 26, 2
LETTER, MOST_COLUMNS = 2, 5  # the short names of runs that are compared
SHORT_NAME = 14  # letters; two such names stand side by side on a phone
CELLS_AROUND_PX = 190
ROOM = 1.08  # an upright axis of shares ends beyond 100 %, where the words of a mark stand
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

    def axis(self) -> alt.Axis:
        """Return the axis; one of shares is marked at every fifth."""
        values = {"values": [0, 0.2, 0.4, 0.6, 0.8, 1]} if self.form == SHARES else {"tickCount": 6}
        return alt.Axis(format=self.form, **values)  # type: ignore[arg-type]  # altair's stubs want one kind of value

    def scale(self, room: float = 1.0) -> alt.Scale:
        """Return how values become places; room: how far beyond a fixed end it goes on."""
        if self.log:
            return alt.Scale(type="log", nice=True)
        if self.least is None or self.most is None:
            return alt.Scale(zero=False, nice=True)
        return alt.Scale(domain=[self.least, self.most * room], nice=False)


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
    points: bool = False
    plot_px: int = PLOT_PX


def lines(rows: pd.DataFrame, across: Axis, up: Axis, look: Look) -> alt.Chart:
    """Return a line for each name. rows: `x`, `y`, `name`, and the column that `look.dash` names."""
    return (
        alt.Chart(rows, title=alt.TitleParams(look.title, anchor="start"))
        .mark_line(clip=True, strokeWidth=2, point={"size": 50} if look.points else False)
        .encode(
            x=alt.X("x:Q", title=across.title, scale=across.scale(), axis=across.axis()),
            y=alt.Y("y:Q", title=up.title, scale=up.scale(ROOM), axis=up.axis()),
            color=alt.Color("name:N", scale=alt.Scale(domain=domain(look.order)), legend=_legend(look.order)),
            strokeDash=_dashes(look),
            tooltip=[
                alt.Tooltip("name:N", title=" "),
                alt.Tooltip("x:Q", title=across.title, format=across.form),
                alt.Tooltip("y:Q", title=up.title, format=".4~g" if up.form != SHARES else ".1%"),
            ],
        )
        .properties(height=_height(look))
    )


def _height(look: Look) -> int:
    """Return the height of a whole chart."""
    below = -(-len(look.order) // _columns(look.order)) if len(look.order) > 1 else 0
    above = -(-len(look.dash_order) // _columns(look.dash_order)) if look.dash else 0
    return look.plot_px + AROUND_PX + LEGEND_ROW_PX * (below + above)


def domain(names: Sequence[str]) -> list[str]:
    """Return the domain of colours: up to four names keep the ink for text, more take their turns with it."""
    return colour_names(names) if len(names) < COLOURS else list(names)


def _legend(names: Sequence[str]) -> alt.Legend | None:
    return _strokes(names, "bottom") if len(names) > 1 else None


def _strokes(names: Sequence[str], orient: str) -> alt.Legend:
    return alt.Legend(
        title=None,
        orient=orient,  # type: ignore[arg-type]  # a word of altair's own list
        columns=_columns(names),
        values=list(names),
        labelLimit=LEGEND_PX,
        symbolSize=160,
        symbolType="stroke",
    )


def _columns(names: Sequence[str]) -> int:
    """Return how many names stand in a row of a legend that has to fit a phone."""
    longest = max(map(len, names), default=0)
    if longest <= LETTER:
        return MOST_COLUMNS
    return LEGEND_COLUMNS if longest <= SHORT_NAME else 1


def _dashes(look: Look) -> alt.StrokeDash:
    if look.dash:
        order = list(look.dash_order)
        scale = alt.Scale(domain=order, range=[list(dash) for dash in DASHES[: len(order)]])
        return alt.StrokeDash(f"{look.dash}:N", scale=scale, legend=_strokes(order, "top"))
    turns = [number if len(look.order) < COLOURS else number // COLOURS for number in range(len(look.order))]
    scale = alt.Scale(domain=list(look.order), range=[list(DASHES[turn % len(DASHES)]) for turn in turns])
    return alt.StrokeDash("name:N", scale=scale, legend=None)


def mark_at(chart: alt.Chart, marks: Sequence[tuple[float, str]]) -> alt.LayerChart:
    """Return the chart with an upright line and words at each x, in the colour of text."""
    table = pd.DataFrame(marks, columns=["x", "words"])
    rules = alt.Chart(table).mark_rule(strokeDash=[4, 3], opacity=0.7).encode(x="x:Q")
    words = (
        alt.Chart(table)
        .mark_text(align="left", baseline="top", dx=4, dy=2)
        .encode(x="x:Q", y=alt.value(0), text="words:N")
    )
    return alt.layer(chart, write_in_ink(rules), write_in_ink(words)).resolve_scale(color="independent")


def cells(
    rows: pd.DataFrame, across: str, up: str, title: str, order: tuple[Sequence[str], Sequence[str]]
) -> alt.LayerChart:
    """Return a table of counts with the larger ones darker. rows: `true`, `said`, `photos`, `share` of the row."""
    side = max(26, min(44, math.ceil(480 / max(1, len(order[0])))))
    base = alt.Chart(rows, title=alt.TitleParams(title, anchor="start")).encode(
        x=alt.X("said:N", sort=list(order[1]), title=across, axis=alt.Axis(labelAngle=-40, labelLimit=110)),
        y=alt.Y("true:N", sort=list(order[0]), title=up, axis=alt.Axis(labelLimit=110)),
    )
    strength = alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 0.85]), legend=None)
    rects = base.mark_rect().encode(
        opacity=strength, tooltip=[alt.Tooltip(f"{n}:N") for n in ("true", "said", "photos")]
    )
    numbers = base.mark_text().encode(text="photos:Q")
    return alt.layer(rects, write_in_ink(numbers)).properties(height=side * len(order[0]) + CELLS_AROUND_PX)
