"""A detector's figures: precision over recall, F1 over confidence, and what a threshold misses and finds wrongly."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.messages import Translator
from core.metrics.box_report import (
    BoxCurve,
    LabelCounts,
    PhotoCounts,
    box_curves,
    counts_at,
    photo_counts,
    wrongly_found_and_missed,
)
from core.metrics.box_table import BoxTable
from core.metrics.detection import BoxesOnPhoto, Floats
from pages.ui.metrics_charts import TALL_PX, Axis, Look, lines, mark_at, shares
from pages.ui.metrics_explain import explain_boxes
from pages.ui.metrics_figure import Figure, show_figure
from pages.ui.metrics_gallery import Mark, Shown, show_gallery
from pages.ui.metrics_words import interval_in_words, score_value
from pages.ui.text import plain

DRAWN_LABELS = 8  # lines that can still be told apart; those with the most boxes, the CSV has all
METRIC_PX = 150


def show_boxes(t: Translator, table: BoxTable, chosen: float, names: Mapping[str, str], run_name: str) -> None:
    """Draw the curves, then what a threshold does, each time anew that it is moved."""
    st.subheader(t("metrics_page.boxes"), anchor=False)
    explain_boxes(t)
    st.fragment(_show_threshold)(t, table, chosen, names, run_name)


def _show_threshold(t: Translator, table: BoxTable, chosen: float, names: Mapping[str, str], run_name: str) -> None:
    at = st.slider(
        t("figure.box_threshold"),
        0.0,
        1.0,
        chosen,
        0.01,
        key=f"threshold-{run_name}",
        help=t("figure.box_threshold_help", value=t.number(chosen, 3)),
    )
    every, *each = counts_at(table, at)
    _totals(t, every, at)
    curves = box_curves(table)
    show_figure(t, f1_figure(t, curves, names, at), run_name)
    show_figure(t, precision_recall_figure(t, curves, names), run_name)
    st.dataframe(label_table(t, each, curves, names), hide_index=True, width="stretch")
    _wrong_photos(t, table, at)


def _totals(t: Translator, every: LabelCounts, at: float) -> None:
    grid = st.grid(4, min_column_width=METRIC_PX, gap="small", key="box-totals")
    for title, value in (
        (t("figure.boxes_right"), every.right),
        (t("figure.boxes_missed"), every.missed),
        (t("figure.boxes_wrong"), every.wrong),
        ("F1", t.number(every.f1, 3)),
    ):
        grid.cell().metric(title, value)
    st.caption(plain(t("figure.at_threshold", value=t.number(at, 2), truth=every.right + every.missed)))


def label_table(
    t: Translator, counts: list[LabelCounts], curves: tuple[BoxCurve, ...], names: Mapping[str, str]
) -> pd.DataFrame:
    """Return a row for each label with its counts, precision, recall and average precision."""
    average = {curve.label: curve.average_precision for curve in curves}
    rows = [
        (
            names.get(one.label, one.label),
            one.right,
            one.missed,
            one.wrong,
            score_value(t, one.precision) if one.precision else "–",
            interval_in_words(t, one.precision) if one.precision else "–",
            score_value(t, one.recall) if one.recall else "–",
            interval_in_words(t, one.recall) if one.recall else "–",
            "–" if average.get(one.label) is None else t.number(float(average[one.label] or 0), 3),
        )
        for one in counts
        if one.label in average
    ]
    interval = t("metrics.interval")
    titles = [t("figure.part"), t("figure.boxes_right"), t("figure.boxes_missed"), t("figure.boxes_wrong")]
    titles += [t("figure.precision"), f"{interval} ", t("figure.recall"), f"{interval}  ", "AP50"]
    return pd.DataFrame(rows, columns=titles)


def precision_recall_figure(t: Translator, curves: tuple[BoxCurve, ...], names: Mapping[str, str]) -> Figure:
    """Return precision over recall, a line for all labels and one for each."""
    drawn = _drawn(curves)
    rows = _rows(t, drawn, names, "recall", "precision")
    order = [_name(t, curve, names) for curve in drawn]
    title = t("figure.pr_title")
    look = Look(title, order, plot_px=TALL_PX)
    chart = lines(rows, shares(t("figure.recall_axis")), shares(t("figure.precision_axis")), look)
    every = curves[0].average_precision
    return Figure(
        "precision-recall", chart, _table(t, curves, names), f"{title}: mAP50 {0.0 if every is None else every:.3f}"
    )


def f1_figure(t: Translator, curves: tuple[BoxCurve, ...], names: Mapping[str, str], at: float) -> Figure:
    """Return F1 over confidence, with the threshold marked."""
    drawn = _drawn(curves)
    order = [_name(t, curve, names) for curve in drawn]
    look = Look(t("figure.f1_title"), order)
    rows = _rows(t, drawn, names, "confidences", "f1")
    chart = lines(rows, Axis(t("figure.confidence"), ".1f", 0, 1), Axis("F1", ".1f", 0, 1), look)
    marked = mark_at(chart, [(at, t("figure.threshold_at", value=t.number(at, 2)))])
    return Figure("f1-confidence", marked, _table(t, curves, names), look.title)


def _drawn(curves: tuple[BoxCurve, ...]) -> tuple[BoxCurve, ...]:
    every, *each = curves
    most = sorted(each, key=lambda curve: -curve.truth)[: DRAWN_LABELS - 1]
    return (every, *most) if len(each) > 1 else tuple(each) or (every,)


def _name(t: Translator, curve: BoxCurve, names: Mapping[str, str]) -> str:
    return names.get(curve.label, curve.label) if curve.label else t("figure.all_labels")


def _rows(t: Translator, curves: tuple[BoxCurve, ...], names: Mapping[str, str], across: str, up: str) -> pd.DataFrame:
    frames = [
        pd.DataFrame({"x": getattr(curve, across), "y": getattr(curve, up), "name": _name(t, curve, names)})
        for curve in curves
    ]
    return pd.concat(frames, ignore_index=True)


def _table(t: Translator, curves: tuple[BoxCurve, ...], names: Mapping[str, str]) -> pd.DataFrame:
    frames = [
        pd.DataFrame(
            {
                t("figure.part"): _name(t, curve, names),
                t("figure.confidence"): curve.confidences,
                t("figure.precision"): curve.precision,
                t("figure.recall"): curve.recall,
                "F1": curve.f1,
            }
        )
        for curve in curves
    ]
    return pd.concat(frames, ignore_index=True)


def _wrong_photos(t: Translator, table: BoxTable, at: float) -> None:
    counts = photo_counts(table, at)
    boxes = {photo.sha256: photo.boxes for photo in table.photos}
    wrong = [one for one in counts if one.wrong or one.missed]
    wrong.sort(key=lambda one: (-one.surest_wrong, -one.missed, one.sha256))
    st.markdown(f"**{plain(t('metrics_page.wrong_photos', n=len(wrong), photos=len(counts)))}**")
    st.caption(plain(t("metrics_page.marks")))
    shown = [Shown(one.sha256, box_error_in_words(t, one), box_marks(boxes[one.sha256], at)) for one in wrong]
    show_gallery(t, "boxes", shown, to_boxes=True)


def box_marks(boxes: BoxesOnPhoto, at: float) -> tuple[Mark, ...]:
    """Return what to draw on a photo: boxes that were missed, and boxes that are wrong."""
    wrong, missed = wrongly_found_and_missed(boxes, at)
    there = [Mark(_corners(boxes.truth[row]), missed=True) for row in missed]
    return (*there, *(Mark(_corners(boxes.found[row]), missed=False) for row in wrong))


def _corners(xyxyn: Floats) -> tuple[float, float, float, float]:
    left, top, right, bottom = (min(1.0, max(0.0, side)) for side in xyxyn.tolist())
    return left, top, right, bottom


def box_error_in_words(t: Translator, one: PhotoCounts) -> str:
    """Say how many boxes of a photo are right, missed and wrong."""
    return t("metrics_page.boxes_of", right=one.right, missed=one.missed, wrong=one.wrong)
