"""The curves of a training while it runs and after: loss and scores by epoch, of one of its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd
import streamlit as st

from core.messages import Translator
from core.metrics.training_log import Cell, LogPart, TrainingLog
from pages.ui.chart_colours import colour_names
from pages.ui.train_words import part_name

HEIGHT_PX = 320
LOSSES = ("box_loss", "cls_loss", "dfl_loss")
# A classifier's stages begin to count anew, so its epochs are numbered by their place in the log.
MARKED = 60  # epochs; with more, points would hide the line


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a chart: its name and a value per epoch."""

    name: str
    values: Sequence[float | None]


def show_curves(t: Translator, log: TrainingLog, epochs: int | None = None) -> None:
    """Draw the part that was at work last. epochs: as many as are planned, where that is known."""
    if not log.parts:
        return
    part = log.parts[-1]
    losses, scores = loss_curves(t, part), score_curves(t, part)
    if not scores and len(log.parts) > 1:
        part = log.parts[-2]  # what ships watches nothing; the last fold did
        losses, scores = loss_curves(t, part), score_curves(t, part)
    st.caption(t("train_page.curves_of", part=part_name(t, part.name), epochs=part.epochs))
    columns = st.columns(2) if scores else [st.container()]
    with columns[0]:
        st.altair_chart(chart(t, losses, t("train_page.loss"), epochs), width="stretch")
    if scores:
        with columns[1]:
            st.altair_chart(chart(t, scores, t("train_page.share"), epochs, is_share=True), width="stretch")


def loss_curves(t: Translator, part: LogPart) -> list[Curve]:
    """Return the losses of a part: on photos that it learns from, and on those that it watches."""
    learned = _sum(part.curves, "train/") or _numbers(part.curves.get("loss"))
    watched = _sum(part.curves, "val/") or _numbers(part.curves.get("val_loss"))
    return _present(Curve(t("train_page.loss_learned"), learned), Curve(t("train_page.loss_watched"), watched))


def score_curves(t: Translator, part: LogPart) -> list[Curve]:
    """Return the scores of a part on photos that it does not learn from."""
    named = {
        "metrics/precision": t("train_page.precision_short"),
        "metrics/recall": t("train_page.recall_short"),
        "metrics/mAP50": "mAP50",
        "metrics/mAP50-95": "mAP50–95",
        "val_accuracy": t("train_page.accuracy"),
    }
    return _present(*(Curve(words, _numbers(part.curves.get(name))) for name, words in named.items()))


def chart(
    t: Translator, curves: Sequence[Curve], title: str, epochs: int | None = None, is_share: bool = False
) -> alt.Chart:
    """Return lines over the epochs; the axis is as long as the training is planned, so the lines grow into it."""
    rows = [
        {"epoch": number, "curve": curve.name, "value": value}
        for curve in curves
        for number, value in enumerate(curve.values, 1)
        if value is not None
    ]
    names = [curve.name for curve in curves]
    last = max(epochs or 0, max((len(curve.values) for curve in curves), default=1), 2)
    steps = alt.Axis(format="d", tickMinStep=1, grid=False)
    across = alt.X("epoch:Q", title=t("train_page.epoch"), scale=alt.Scale(domain=[1, last], nice=False), axis=steps)
    # Labels of one width, so that the charts keep their place while they grow.
    upright = alt.Axis(format="%" if is_share else ".3~r", minExtent=36)
    scale = alt.Scale(domain=[0, 1]) if is_share else alt.Scale(zero=True)
    legend = alt.Legend(title=None, orient="top", values=names, columns=2, symbolType="stroke", symbolSize=200)
    return (
        alt.Chart(pd.DataFrame(rows, columns=["epoch", "curve", "value"]))
        .mark_line(point=len(rows) <= MARKED * len(names))
        .encode(
            x=across,
            y=alt.Y("value:Q", title=title, scale=scale, axis=upright),
            color=alt.Color("curve:N", scale=alt.Scale(domain=colour_names(names)), legend=legend),
            strokeDash=alt.StrokeDash("curve:N", scale=alt.Scale(domain=names), legend=None),
            tooltip=[
                alt.Tooltip("curve:N", title=title),
                alt.Tooltip("epoch:Q", title=t("train_page.epoch")),
                alt.Tooltip("value:Q", format=".1%" if is_share else ".3f", title=t("train_page.value")),
            ],
        )
        .properties(height=HEIGHT_PX)
    )


def _present(*curves: Curve) -> list[Curve]:
    return [curve for curve in curves if any(value is not None for value in curve.values)]


def _sum(curves: Mapping[str, Sequence[Cell]], prefix: str) -> list[float | None]:
    """Return the sum of a detector's losses, which is what it is trained by; nothing where it has none of them."""
    parts = [_numbers(curves[prefix + name]) for name in LOSSES if prefix + name in curves]
    return [None if None in row else sum(filter(None, row)) for row in zip(*parts, strict=True)]


def _numbers(cells: Sequence[Cell] | None) -> list[float | None]:
    return [float(cell) if isinstance(cell, int | float) else None for cell in cells or ()]
