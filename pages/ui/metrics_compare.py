"""Runs side by side on the same photos: curves overlaid, differences with intervals, and the photos that changed."""

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.errors import EodiError
from core.messages import Translator
from core.metrics.compare import Difference, changed_photos, compare_shares, same_photos
from core.metrics.compare_boxes import BoxDifference, changed_boxes, compare_boxes, same_boxes
from core.metrics.judged_photos import JudgedPhotos
from core.metrics.opened_run import OpenedRun, data_of
from pages.ui import review_state
from pages.ui.frame import show_error
from pages.ui.links import link_to_run
from pages.ui.metrics_classifier import error_in_words
from pages.ui.metrics_figure import show_figure
from pages.ui.metrics_gallery import Shown, show_gallery
from pages.ui.metrics_overlay import box_overlay, course_figure, known_overlay
from pages.ui.metrics_reevaluate import offer_for_comparison, show_evaluation_job
from pages.ui.metrics_runs import opened_run
from pages.ui.metrics_words import main_score_in_words, place_names, score_name
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
    for number, run in enumerate(runs):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            link_to_run(t, run.run_id, f"**{letter(number)}** {plain(run.run_id)}")
            st.caption(plain(main_score_in_words(t, run.manifest)), width="content")
    if len({run.manifest.task for run in runs}) > 1:
        st.info(plain(t("compare.other_task")), icon=":material/block:")
        return
    show_evaluation_job(t)
    course = course_figure(t, {letter(number): run.log for number, run in enumerate(runs)})
    if course is not None:
        show_figure(t, course, NAME)
    _overlay(t, runs)
    number = _chosen_other(t, runs[1:])
    st.subheader(t("compare.against", first=letter(0), other=letter(number)), anchor=False)
    show = _boxes_against if runs[0].is_detector else _photos_against
    show(t, (runs[0], runs[number]), number, place_names(t))


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


# ---- curves on the same photos ----


def _overlay(t: Translator, runs: Sequence[OpenedRun]) -> None:
    """Draw the curves of all runs that share photos with the first, on the photos that all of these share."""
    common = common_photos(runs)
    if len(common) < 2:
        return
    if runs[0].is_detector:
        figure = box_overlay(t, {name: run.judged_boxes.take(sha256s) for name, (run, sha256s) in common.items()})
    else:
        figure = known_overlay(t, {name: _taken(run.judged, sha256s) for name, (run, sha256s) in common.items()})
    if figure is None:
        return
    photos = len(next(iter(common.values()))[1])
    st.caption(plain(t("compare.overlaid", n=photos, runs=", ".join(common))))
    show_figure(t, figure, NAME)


def common_photos(runs: Sequence[OpenedRun]) -> dict[str, tuple[OpenedRun, tuple[str, ...]]]:
    """Return by letter the runs that can be drawn together, the first always, with the photos that all of them share.

    A run that shares none with those before it is left out.
    """
    first, *others = runs
    shared: list[str] | None = None
    kept = {letter(0): first}
    for number, run in enumerate(others, 1):
        theirs = set(_pairs(first, run))
        both = [sha256 for sha256 in shared if sha256 in theirs] if shared is not None else _pairs(first, run)
        if both:
            shared, kept[letter(number)] = both, run
    return {name: (run, tuple(shared or ())) for name, run in kept.items()}


def _pairs(first: OpenedRun, other: OpenedRun) -> list[str]:
    """Return the photos that two runs may be compared on."""
    if first.judged is not None and other.judged is not None:
        return [first.judged.sha256s[row] for row in same_photos(first.judged, other.judged)[0]]
    if first.judged_boxes is not None and other.judged_boxes is not None:
        return [photo.sha256 for photo in same_boxes(first.judged_boxes, other.judged_boxes)[0].photos]
    return []


def _taken(photos: JudgedPhotos, sha256s: Sequence[str]) -> JudgedPhotos:
    at = {sha256: row for row, sha256 in enumerate(photos.sha256s)}
    return photos.take([at[sha256] for sha256 in sha256s])


# ---- one against the first ----


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


def _photos_against(t: Translator, runs: tuple[OpenedRun, OpenedRun], number: int, names: Mapping[str, str]) -> None:
    before, after = runs[0].judged, runs[1].judged
    same = same_photos(before, after)[0] if before is not None and after is not None else []
    if not _say_photos(t, runs, number, len(same)) or before is None or after is None:
        return
    _show_table(t, share_table(t, compare_shares(before, after), letter(number), names))
    changed = changed_photos(before, after)
    _changes(
        t,
        number,
        [Shown(one.sha256, error_in_words(t, after, one.second_row, names)) for one in changed if not one.now_right],
        [Shown(one.sha256, error_in_words(t, before, one.first_row, names)) for one in changed if one.now_right],
    )


def _boxes_against(t: Translator, runs: tuple[OpenedRun, OpenedRun], number: int, names: Mapping[str, str]) -> None:
    first, other = runs[0].judged_boxes, runs[1].judged_boxes
    pair = same_boxes(first, other) if first is not None and other is not None else None
    if not _say_photos(t, runs, number, len(pair[0].photos) if pair else 0) or pair is None:
        return
    thresholds = (runs[0].threshold, runs[1].threshold)
    _show_table(t, box_table(t, compare_boxes(*pair, thresholds), letter(number)))
    changed = changed_boxes(*pair, thresholds)
    worse, better = t("compare.worse_photo"), t("compare.better_photo")
    _changes(
        t,
        number,
        [Shown(one.sha256, worse) for one in changed if not one.now_right],
        [Shown(one.sha256, better) for one in changed if one.now_right],
        to_boxes=True,
    )


def _show_table(t: Translator, table: pd.DataFrame) -> None:
    """Draw a table whose first column leaves room for the others on a phone."""
    narrow = {t("metrics.score"): st.column_config.TextColumn(width="medium")}
    st.dataframe(table, hide_index=True, width="stretch", column_config=narrow)


def _say_photos(t: Translator, runs: tuple[OpenedRun, OpenedRun], number: int, shared: int) -> bool:
    """Say what two runs are compared on, or why they are not, and offer what would give more; whether they are."""
    first, other = runs
    counts = [_judged_count(run) for run in runs]
    if shared:
        st.caption(plain(t("compare.same_photos", n=shared, first=counts[0], other=counts[1])))
    elif all(counts):
        st.warning(plain(t("compare.not_comparable")), icon=":material/block:")
    else:
        st.caption(plain(t("compare.no_part") if any(counts) else t("compare.nothing")))
    if data_of(first.manifest) != data_of(other.manifest):
        if shared:
            st.caption(plain(t("compare.other_data")))
        offer_for_comparison(t, {letter(0): first, letter(number): other})
    return shared > 0


def _judged_count(run: OpenedRun) -> int:
    if run.judged is not None:
        return len(run.judged.sha256s)
    return len(run.judged_boxes.photos) if run.judged_boxes is not None else 0


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
