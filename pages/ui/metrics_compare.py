"""Runs side by side on the same photos: curves overlaid, differences with intervals, and the photos that changed."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.errors import EodiError
from core.messages import Translator
from core.metrics.box_report import box_curves
from core.metrics.compare import (
    Difference,
    changed_photos,
    comparable,
    compare_shares,
    same_photos,
)
from core.metrics.compare_boxes import BoxDifference, changed_boxes, compare_boxes, same_boxes
from core.metrics.epoch_curves import epoch_curve
from core.metrics.figures import known_unknown_curve
from core.metrics.judged_photos import Part
from core.metrics.training_log import BEST_RULES, shown_part
from pages.ui import review_state
from pages.ui.frame import show_error
from pages.ui.links import link_to_run
from pages.ui.metrics_charts import TALL_PX, Axis, Look, lines, shares
from pages.ui.metrics_classifier import error_in_words
from pages.ui.metrics_figure import Figure, show_figure
from pages.ui.metrics_gallery import Shown, show_gallery
from pages.ui.metrics_runs import OpenedRun, opened_run
from pages.ui.metrics_words import PARTS, column_in_words, main_score_in_words, place_names, score_name
from pages.ui.text import plain

MOST = 20
NAME = "compare"


def show_comparison(t: Translator, run_ids: Sequence[str]) -> None:
    """Draw the runs that the address names; the first is what the others are held against."""
    st.button(
        t("metrics_page.all_runs"),
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=partial(review_state.leave_all, but=("lang",)),
        key="back",
    )
    st.title(t("compare.title"), anchor=False)
    runs = _opened(t, run_ids)
    if len(runs) < 2:
        st.info(plain(t("metrics_page.compare_hint")), icon=":material/compare_arrows:")
        return
    names = place_names(t)
    for number, run in enumerate(runs):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            link_to_run(t, run.run_id, f"**{letter(number)}** {plain(run.run_id)}")
            st.caption(plain(main_score_in_words(t, run.manifest)), width="content")
    if len({run.is_detector for run in runs}) > 1:
        st.info(plain(t("compare.other_task")), icon=":material/block:")
        return
    course = course_figure(t, runs)
    if course is not None:
        show_figure(t, course, NAME)
    _against_first(t, runs, names)


def letter(number: int) -> str:
    """Return the short name of a run in tables and legends."""
    return chr(ord("A") + number)


def _opened(t: Translator, run_ids: Sequence[str]) -> list[OpenedRun]:
    runs = []
    for run_id in list(dict.fromkeys(run_ids))[:MOST]:
        try:
            runs.append(opened_run(run_id))
        except EodiError as error:
            show_error(error, t.language)
    return runs


def course_figure(t: Translator, runs: Sequence[OpenedRun]) -> Figure | None:
    """Return one score by epoch for all runs that have it; the first that any has, as the best epoch is chosen by."""
    parts = [(letter(number), shown_part(run.log)) for number, run in enumerate(runs)]
    rules = [part.best_by for _, part in parts if part is not None and part.best_by is not None]
    rule = next((rule for rule in BEST_RULES if rule in rules), None)
    if rule is None:
        return None
    frames = []
    for name, part in parts:
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


def _against_first(t: Translator, runs: Sequence[OpenedRun], names: Mapping[str, str]) -> None:
    first, *others = runs
    if first.is_detector:
        _curves(t, runs, box_overlay)
        number = _chosen_other(t, others)
        _boxes_against(t, first, runs[number], number)
        return
    parts = [part for part in (Part.TEST, Part.HELD_OUT) if any(part in run.parts for run in runs)]
    if not parts:
        st.caption(plain(t("compare.nothing")))
        return
    words = {part: t(PARTS[part]) for part in parts}
    part = Part(
        st.segmented_control(
            t("metrics_page.which_photos"), parts, default=parts[0], format_func=lambda one: words[one], required=True
        )
    )
    _curves(t, runs, partial(known_overlay, part=part))
    number = _chosen_other(t, others)
    _photos_against(t, (first, runs[number]), part, number, names)


def _chosen_other(t: Translator, others: Sequence[OpenedRun]) -> int:
    """Return the number of the run to hold against the first; there is a choice where there are several."""
    numbers = range(1, len(others) + 1)
    if len(others) == 1:
        return 1
    return int(
        st.selectbox(
            t("compare.which", first=letter(0)),
            numbers,
            format_func=lambda number: f"{letter(number)} {others[number - 1].run_id}",
            key="compare-other",
        )
    )


def _curves(t: Translator, runs: Sequence[OpenedRun], overlay: Callable[..., Figure | None]) -> None:
    figure = overlay(t, runs)
    if figure is not None:
        show_figure(t, figure, NAME)


def known_overlay(t: Translator, runs: Sequence[OpenedRun], part: Part) -> Figure | None:
    """Return, for each run, how many known places are named rightly for how many unknown ones let through."""
    rows = [
        (point.let_through.value, point.named.value, letter(number))
        for number, run in enumerate(runs)
        if part in run.parts
        for point in known_unknown_curve(run.parts[part])
        if point.let_through
    ]
    if not rows:
        return None
    across, up = t("figure.let_through"), t("figure.named_rightly")
    return _overlay(
        t, pd.DataFrame(rows, columns=["x", "y", "name"]), (across, up), t("figure.known_title"), "known-unknown"
    )


def box_overlay(t: Translator, runs: Sequence[OpenedRun]) -> Figure | None:
    """Return precision over recall of all labels together, for each run."""
    frames = []
    for number, run in enumerate(runs):
        if run.boxes is not None and run.boxes.photos:
            every = box_curves(run.boxes)[0]
            frames.append(pd.DataFrame({"x": every.recall, "y": every.precision, "name": letter(number)}))
    if not frames:
        return None
    titles = t("figure.recall_axis"), t("figure.precision_axis")
    return _overlay(t, pd.concat(frames, ignore_index=True), titles, t("figure.pr_title"), "precision-recall")


def _overlay(t: Translator, rows: pd.DataFrame, titles: tuple[str, str], title: str, name: str) -> Figure:
    order = list(dict.fromkeys(rows["name"]))
    chart = lines(rows, shares(titles[0]), shares(titles[1]), Look(title, order, plot_px=TALL_PX))
    table = rows.rename(columns={"x": titles[0], "y": titles[1], "name": t("compare.run")})
    return Figure(name, chart, table, title)


# ---- one against the first ----


def _photos_against(
    t: Translator, runs: tuple[OpenedRun, OpenedRun], part: Part, number: int, names: Mapping[str, str]
) -> None:
    first, other = runs
    st.subheader(t("compare.against", first=letter(0), other=letter(number)), anchor=False)
    if part not in first.parts or part not in other.parts:
        st.caption(plain(t("compare.no_part")))
        return
    if not comparable(first.manifest.data, other.manifest.data, part):
        st.warning(plain(t("compare.not_comparable")), icon=":material/block:")
        return
    before, after = first.parts[part], other.parts[part]
    same, _ = same_photos(before, after)
    st.caption(plain(t("compare.same_photos", n=len(same), first=len(before.sha256s), other=len(after.sha256s))))
    differences = compare_shares(before, after)
    if not differences:
        return
    st.dataframe(share_table(t, differences, letter(number), names), hide_index=True, width="stretch")
    changed = changed_photos(before, after)
    _changes(
        t,
        number,
        [Shown(one.sha256, error_in_words(t, after, one.second_row, names)) for one in changed if not one.now_right],
        [Shown(one.sha256, error_in_words(t, before, one.first_row, names)) for one in changed if one.now_right],
    )


def _boxes_against(t: Translator, first: OpenedRun, other: OpenedRun, number: int) -> None:
    st.subheader(t("compare.against", first=letter(0), other=letter(number)), anchor=False)
    if first.boxes is None or other.boxes is None:
        st.caption(plain(t("compare.no_part")))
        return
    if not comparable(first.manifest.data, other.manifest.data, Part.HELD_OUT):
        st.warning(plain(t("compare.not_comparable")), icon=":material/block:")
        return
    before, after = same_boxes(first.boxes, other.boxes)
    counts = {"first": len(first.boxes.photos), "other": len(other.boxes.photos)}
    st.caption(plain(t("compare.same_photos", n=len(before.photos), **counts)))
    thresholds = (first.threshold, other.threshold)
    differences = compare_boxes(before, after, thresholds)
    if not differences:
        return
    st.dataframe(box_table(t, differences, letter(number)), hide_index=True, width="stretch")
    changed = changed_boxes(before, after, thresholds)
    worse, better = t("compare.worse_photo"), t("compare.better_photo")
    _changes(
        t,
        number,
        [Shown(one.sha256, worse) for one in changed if not one.now_right],
        [Shown(one.sha256, better) for one in changed if one.now_right],
        to_boxes=True,
    )


def share_table(
    t: Translator, differences: Mapping[str, Difference], other: str, names: Mapping[str, str]
) -> pd.DataFrame:
    """Return a row for each score of both runs, with the difference and its interval in points."""
    rows = [
        (
            score_name(t, name, names),
            t("metrics.k_of_n", k=one.first, of=one.n, share=t.percent(one.first / one.n)),
            t("metrics.k_of_n", k=one.second, of=one.n, share=t.percent(one.second / one.n)),
            *_difference(t, one),
        )
        for name, one in differences.items()
    ]
    return pd.DataFrame(rows, columns=_titles(t, other))


def box_table(t: Translator, differences: Mapping[str, BoxDifference], other: str) -> pd.DataFrame:
    """Return the same of boxes."""
    rows = [
        (score_name(t, name), t.number(one.first, 3), t.number(one.second, 3), *_difference(t, one))
        for name, one in differences.items()
    ]
    return pd.DataFrame(rows, columns=_titles(t, other))


def _titles(t: Translator, other: str) -> list[str]:
    return [t("metrics.score"), letter(0), other, t("compare.difference"), t("metrics.interval"), t("compare.clear")]


def _difference(t: Translator, one: Difference | BoxDifference) -> tuple[str, str, str]:
    points = [f"{100 * value:+.1f}" for value in (one.value, one.low, one.high)]
    clear = t("compare.yes") if one.is_clear else t("compare.no")
    return t("compare.points", value=points[0]), f"{points[1]} – {points[2]}", clear


def _changes(t: Translator, number: int, lost: list[Shown], gained: list[Shown], to_boxes: bool = False) -> None:
    for key, title, photos in (
        (f"lost-{number}", t("compare.lost", n=len(lost)), lost),
        (f"gained-{number}", t("compare.gained", n=len(gained)), gained),
    ):
        with st.expander(title, expanded=bool(photos) and len(photos) <= 12):
            show_gallery(t, key, photos, to_boxes)
