"""Curves of several runs in one figure: over the epochs, and on the photos that all of them may be compared on."""

from collections.abc import Mapping, Sequence

import pandas as pd

from core.messages import Translator
from core.metrics.box_report import box_curves
from core.metrics.box_table import BoxTable
from core.metrics.epoch_curves import epoch_curve
from core.metrics.figures import known_unknown_curve
from core.metrics.judged_photos import JudgedPhotos
from core.metrics.training_log import BEST_RULES, TrainingLog, shown_part
from pages.ui.metrics_charts import TALL_PX, Axis, Look, lines, shares
from pages.ui.metrics_figure import Figure
from pages.ui.metrics_words import column_in_words


def course_figure(t: Translator, logs: Mapping[str, TrainingLog]) -> Figure | None:
    """Return one score by epoch for all runs that have it; the first that any has, as the best epoch is chosen by."""
    parts = {name: shown_part(log) for name, log in logs.items()}
    rules = [part.best_by for part in parts.values() if part is not None and part.best_by is not None]
    rule = next((rule for rule in BEST_RULES if rule in rules), None)
    if rule is None:
        return None
    frames = []
    for name, part in parts.items():
        if part is not None and rule.column in part.curves:
            curve = epoch_curve(part, rule.column)
            frames.append(pd.DataFrame({"x": curve.epochs, "y": curve.values, "name": name}))
    rows = pd.concat(frames, ignore_index=True)
    measure = column_in_words(t, rule.column)
    order = list(dict.fromkeys(rows["name"]))
    title = t("compare.course", score=measure)
    up = Axis(measure) if rule.wanted == "lowest" else shares(measure)
    chart = lines(rows, Axis(t("figure.epoch"), "d"), up, Look(title, order))
    table = rows.rename(columns={"x": t("figure.epoch"), "y": measure, "name": t("compare.run")})
    return Figure("course", chart, table, title)


def known_overlay(t: Translator, runs: Mapping[str, JudgedPhotos]) -> Figure | None:
    """Return, for each run, how many known places are named rightly for how many unknown ones let through."""
    best: dict[tuple[str, float], float] = {}  # of thresholds that let as many unknown ones through, the best
    for name, photos in runs.items():
        for point in known_unknown_curve(photos):
            if point.let_through:
                at = name, point.let_through.value
                best[at] = max(best.get(at, 0.0), point.named.value)
    if not best:
        return None
    rows = pd.DataFrame([(x, y, name) for (name, x), y in best.items()], columns=["x", "y", "name"])
    titles = t("figure.let_through"), t("figure.named_rightly")
    return _overlay(t, rows, titles, t("figure.known_title"), "known-unknown")


def box_overlay(t: Translator, runs: Mapping[str, BoxTable]) -> Figure | None:
    """Return precision over recall of all labels together, for each run."""
    frames = []
    for name, table in runs.items():
        every = box_curves(table)[0]
        frames.append(pd.DataFrame({"x": every.recall, "y": every.precision, "name": name}))
    if not frames:
        return None
    titles = t("figure.recall_axis"), t("figure.precision_axis")
    return _overlay(t, pd.concat(frames, ignore_index=True), titles, t("figure.pr_title"), "precision-recall")


def _overlay(t: Translator, rows: pd.DataFrame, titles: Sequence[str], title: str, name: str) -> Figure:
    order = list(dict.fromkeys(rows["name"]))
    chart = lines(rows, shares(titles[0]), shares(titles[1]), Look(title, order, plot_px=TALL_PX))
    table = rows.rename(columns={"x": titles[0], "y": titles[1], "name": t("compare.run")})
    return Figure(name, chart, table, title)
