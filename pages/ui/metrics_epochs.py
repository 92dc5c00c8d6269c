"""A training's course: losses and scores by epoch, the best one marked, smoothed and on a log scale if wanted."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.messages import Translator
from core.metrics.epoch_curves import epoch_curve, watched_columns
from core.metrics.training_log import LogPart, TrainingLog, shown_part
from core.metrics.verdict import TRAIN_LOSSES, WATCHED_LOSSES, epoch_number
from pages.ui.metrics_charts import Axis, Look, lines, mark_at, shares
from pages.ui.metrics_figure import Figure, show_figure
from pages.ui.metrics_words import column_in_words, part_in_words
from pages.ui.text import plain

QUALITY = (
    "accuracy",
    "val_accuracy",
    *(f"metrics/{name}{mark}" for mark in ("", "(B)") for name in ("precision", "recall", "mAP50", "mAP50-95")),
    "metrics/mAP_0.5",
    "metrics/mAP_0.5:0.95",
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """How curves are drawn. smoothing: 0 to below 1; log: whether losses go on a log scale."""

    smoothing: float = 0.0
    log: bool = False


def show_epochs(t: Translator, log: TrainingLog, run_name: str) -> None:
    """Draw the choices, then the figures; or why there are none."""
    part = shown_part(log)
    if part is None:
        st.caption(plain(t("metrics.no_epochs", file=log.file) if log.file else t("metrics.no_log")))
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="epochs-choices"):
        if len(log.parts) > 1:
            names = {one.name: one for one in log.parts}
            part = names[
                st.selectbox(
                    t("metrics.part"),
                    list(names),
                    index=list(names).index(part.name),
                    format_func=lambda name: part_in_words(t, name),
                    width=220,
                )
            ]
        smoothing = st.slider(t("figure.smoothing"), 0.0, 0.95, 0.0, 0.05, width=220, help=t("figure.smoothing_help"))
        log_scale = st.toggle(t("figure.log_scale"))
    figures = epoch_figures(t, part, Drawn(smoothing, log_scale))
    for figure in figures:
        show_figure(t, figure, run_name)
    if not figures:
        st.caption(plain(t("figure.no_watched")))
    if log.dropped_lines:
        st.caption(plain(t("metrics.dropped", file=log.file, lines=", ".join(map(str, log.dropped_lines)))))


def epoch_figures(t: Translator, part: LogPart, drawn: Drawn) -> tuple[Figure, ...]:
    """Return the figure of losses and that of scores, those of them that the log has."""
    losses = watched_columns([part], (*TRAIN_LOSSES, *WATCHED_LOSSES))
    quality = watched_columns([part], QUALITY)
    figures = []
    if losses:
        figures.append(_figure(t, part, losses, drawn, "losses"))
    if quality:
        figures.append(_figure(t, part, quality, drawn, "scores"))
    return tuple(figures)


def _figure(t: Translator, part: LogPart, columns: Sequence[str], drawn: Drawn, name: str) -> Figure:
    is_loss = name == "losses"
    rows = _rows(t, part, columns, drawn.smoothing)
    kinds = list(dict.fromkeys(rows["name"]))
    up = Axis(t("figure.loss_axis"), log=drawn.log) if is_loss else shares(t("figure.share_axis"))
    title = t("figure.losses_title") if is_loss else t("figure.scores_title")
    dashes = list(dict.fromkeys(rows["watched"]))
    chart = lines(rows, Axis(t("figure.epoch"), "d"), up, Look(title, kinds, "watched", dashes))
    last = {kind: rows[rows["name"] == kind]["y"].iloc[-1] for kind in kinds}
    said = f"{title}: " + ", ".join(f"{kind} {value:.3g}" for kind, value in last.items())
    table = rows.rename(columns={"x": t("figure.epoch"), "y": t("figure.value"), "name": t("figure.curve")})
    table = table.rename(columns={"watched": t("figure.photos")})
    if part.best_row is None:
        return Figure(name, chart, table, said)
    best = epoch_number(part, part.best_row)
    return Figure(name, mark_at(chart, [(best, t("figure.best_epoch", epoch=best))]), table, said)


def _rows(t: Translator, part: LogPart, columns: Sequence[str], smoothing: float) -> pd.DataFrame:
    frames = []
    for column in columns:
        curve = epoch_curve(part, column, smoothing)
        watched = column.startswith(("val", "metrics/"))
        frames.append(
            pd.DataFrame(
                {
                    "x": curve.epochs,
                    "y": curve.values,
                    "name": column_in_words(t, column),
                    "watched": t("figure.watched") if watched else t("figure.learned"),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
