"""A figure of the page of metrics: its chart, the table behind it, and both to take away as PNG and CSV.

On the page Streamlit gives a chart the theme's colours; in files, which have no theme, `PAPER` gives the light ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from core.dataset.csv_cells import write_csv
from core.messages import Translator
from pages.ui.text import plain

WIDTH_PX, SCALE = 640, 2
INK, RULE = "#1d2527", "#dedad2"
# The light theme's `chartCategoricalColors` of `.streamlit/config.toml`; a test compares the two.
COLOURS = ["#0b7a75", "#b45309", "#7c4dbe", "#2563b0", "#1d2527"]
FONT = "Noto Sans CJK KR, Noto Sans, sans-serif"
PAPER: dict[str, Any] = {
    "background": "#ffffff",
    "font": FONT,
    "range": {"category": COLOURS},
    "mark": {"color": COLOURS[0]},
    "view": {"stroke": None},
    "axis": {"labelColor": INK, "titleColor": INK, "gridColor": RULE, "domainColor": RULE, "labelFontSize": 12},
    "legend": {"labelColor": INK, "titleColor": INK, "labelFontSize": 12, "labelLimit": 260, "symbolSize": 160},
    "title": {"color": INK, "fontSize": 15},
    "padding": 12,
}
Chart = alt.Chart | alt.LayerChart


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """A chart and what it shows. name: of its files; words: what it says to those who do not see it.

    table: as it goes into the CSV file, its titles in the reader's language.
    """

    name: str
    chart: Chart
    table: pd.DataFrame
    words: str


def show_figure(t: Translator, figure: Figure, run_name: str) -> None:
    """Draw a figure with its downloads beneath; run_name: begins the names of its files."""
    with st.container(key=f"figure-{figure.name}"):
        st.altair_chart(figure.chart, width="stretch", alt=plain(figure.words))
        with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
            _offer(t("figure.csv"), partial(figure_csv, figure.table), f"{run_name}-{figure.name}.csv", "text/csv")
            _offer(t("figure.png"), partial(figure_png, figure.chart), f"{run_name}-{figure.name}.png", "image/png")


def _offer(label: str, make: Any, file: str, mime: str) -> None:
    """Draw a button whose file is made when it is pressed, and not before."""
    st.download_button(
        label, make, file, mime, key=f"take-{file}", type="tertiary", icon=":material/download:", on_click="ignore"
    )


def figure_csv(table: pd.DataFrame) -> bytes:
    """Return a table as CSV that a spreadsheet opens safely."""
    return write_csv([str(title) for title in table.columns], [_cells(row) for row in table.itertuples(index=False)])


def _cells(row: Sequence[Any]) -> list[str | int | float | None]:
    return [None if pd.isna(cell) else cell.item() if hasattr(cell, "item") else cell for cell in row]


def figure_png(chart: Chart) -> bytes:
    """Return a chart as a picture, dark on white, at two pixels a point."""
    import vl_convert

    content: bytes = vl_convert.vegalite_to_png(_on_paper(chart), scale=SCALE, allowed_base_urls=[])
    return content


def figure_svg(chart: Chart) -> str:
    """Return a chart as an SVG element, dark on white, that refers to nothing outside."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(_on_paper(chart), allowed_base_urls=[])
    return svg


def _on_paper(chart: Chart) -> dict[str, Any]:
    spec = chart.properties(width=WIDTH_PX).to_dict()
    spec["config"] = {**spec.get("config", {}), **PAPER}
    spec["autosize"] = {"type": "fit", "contains": "padding"}  # as on the page
    return spec
