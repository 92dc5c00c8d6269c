"""A classifier's figures: counts per place, confusion, reliability, known or unknown, and the photos it erred on."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.messages import Translator
from core.metrics.figures import (
    answer_name,
    calibration_error,
    confusion_counts,
    known_unknown_curve,
    mistakes,
    photos_in_cell,
    quality_per_place,
    reliability,
)
from core.metrics.judged_photos import JudgedPhotos
from core.weights.records import UNKNOWN
from pages.ui.metrics_charts import Axis, Look, cells, lines, mark_at, shares
from pages.ui.metrics_explain import explain_calibration, explain_confusion, explain_refusal
from pages.ui.metrics_figure import Figure, show_figure
from pages.ui.metrics_gallery import Shown, show_gallery
from pages.ui.metrics_refusal import show_refusal
from pages.ui.metrics_words import interval_in_words, score_value
from pages.ui.text import plain

ROW_PX, TABLE_PX = 35, 620
DRAWN_PLACES = 30  # a picture of more is not read; the table on the page has all


def show_classifier(t: Translator, photos: JudgedPhotos, names: Mapping[str, str], run_name: str) -> None:
    """Draw the figures of one part of a run's photos."""
    st.subheader(t("metrics_page.per_place"), anchor=False)
    st.dataframe(place_table(t, photos, names), hide_index=True, width="stretch")
    st.subheader(t("figure.confusion_title"), anchor=False)
    explain_confusion(t)
    _show_confusion(t, photos, names, run_name)
    st.subheader(t("metrics_page.errors"), anchor=False)
    _show_mistakes(t, photos, names)
    st.subheader(t("metrics_page.sureness"), anchor=False)
    explain_calibration(t)
    show_figure(t, reliability_figure(t, photos), run_name)
    explain_refusal(t)
    if photos.known.any():
        show_figure(t, known_unknown_figure(t, photos), run_name)
        show_refusal(t, photos, run_name)


def place_table(t: Translator, photos: JudgedPhotos, names: Mapping[str, str]) -> pd.DataFrame:
    """Return precision and recall of each place with counts and intervals; the worst recall first."""
    found = [one for one in quality_per_place(photos) if one.recall or one.precision]
    found.sort(key=lambda one: one.recall.value if one.recall else 2.0)
    rows = [
        (
            _name(t, photos, one.label, names),
            score_value(t, one.recall) if one.recall else "–",
            interval_in_words(t, one.recall) if one.recall else "–",
            score_value(t, one.precision) if one.precision else "–",
            interval_in_words(t, one.precision) if one.precision else "–",
        )
        for one in found
    ]
    interval = t("metrics.interval")
    titles = [t("metrics.place"), t("figure.recall"), f"{interval} ", t("figure.precision"), f"{interval}  "]
    return pd.DataFrame(rows, columns=titles)


# ---- confusion ----


def confusion_table(t: Translator, photos: JudgedPhotos, names: Mapping[str, str]) -> pd.DataFrame:
    """Return the counts, a row for each true place, a column for each answer; unique names, "no place" last."""
    columns = [*range(len(photos.slugs)), UNKNOWN]
    rows = _unique([_name(t, photos, column, names) for column in columns])
    answers = _unique([*rows[:-1], t("figure.no_answer")])
    return pd.DataFrame(confusion_counts(photos), index=rows, columns=answers)


def _unique(names: list[str]) -> list[str]:
    return [name if names.count(name) == 1 else f"{name} ({number})" for number, name in enumerate(names)]


def _show_confusion(t: Translator, photos: JudgedPhotos, names: Mapping[str, str], run_name: str) -> None:
    table = confusion_table(t, photos, names)
    shown = table[table.sum(axis=1) > 0]
    strength = shown.div(shown.sum(axis=1), axis=0)
    styled = shown.style.apply(lambda _: _shades(strength, shown), axis=None)
    picked = st.dataframe(
        styled,
        width="stretch",
        height=min(TABLE_PX, ROW_PX * (len(shown) + 1) + 3),
        on_select="rerun",
        selection_mode="single-cell",
        key=f"confusion-{run_name}",
    )
    figure = confusion_figure(t, photos, names)
    show_downloads_of(t, figure, run_name)
    for row, column in picked.selection.cells[:1]:
        true, said = table.index.get_loc(shown.index[row]), table.columns.get_loc(column)
        _show_cell(t, photos, (int(true), int(said)), names)


def show_downloads_of(t: Translator, figure: Figure, run_name: str) -> None:
    """Fold a figure away whose table stands above, with its downloads."""
    with st.expander(t("figure.as_picture")):
        show_figure(t, figure, run_name)


def _shades(strength: pd.DataFrame, counts: pd.DataFrame) -> pd.DataFrame:
    """Return how each cell is shaded: right ones green, wrong ones orange, by their share of the row."""
    shades = pd.DataFrame("", index=counts.index, columns=counts.columns)
    for row, name in enumerate(counts.index):
        for column in range(len(counts.columns)):
            share = float(strength.iloc[row, column])
            if share > 0:
                right = _is_right(str(name), column, counts)
                colour = "47, 181, 173" if right else "217, 119, 6"
                shades.iloc[row, column] = f"background-color: rgba({colour}, {0.15 + 0.6 * share:.2f})"
    return shades


def _is_right(name: str, column: int, counts: pd.DataFrame) -> bool:
    last = len(counts.columns) - 1
    return str(counts.columns[column]) == name or (column == last and name not in counts.columns)


def _show_cell(t: Translator, photos: JudgedPhotos, cell: tuple[int, int], names: Mapping[str, str]) -> None:
    true, said = (UNKNOWN if column == len(photos.slugs) else column for column in cell)
    rows = photos_in_cell(photos, true, said)
    words = {"true": _name(t, photos, true, names), "said": _answer(t, photos, said, names)}
    st.markdown(f"**{plain(t('metrics_page.cell', n=len(rows), **words))}**")
    show_gallery(t, f"cell-{true}-{said}", [_shown(t, photos, row, names) for row in rows])


def confusion_figure(t: Translator, photos: JudgedPhotos, names: Mapping[str, str]) -> Figure:
    """Return the confusion as a picture, of the places with the most errors where there are many."""
    table = confusion_table(t, photos, names)
    shown = table[table.sum(axis=1) > 0]
    if len(shown) > DRAWN_PLACES:
        right = [int(shown.loc[name, name]) if name in shown.columns else 0 for name in shown.index]
        worst = (shown.sum(axis=1) - right).sort_values(ascending=False).index[:DRAWN_PLACES]
        shown = shown.loc[[name for name in shown.index if name in worst]]
    kept = [column for column in shown.columns if column in shown.index or shown[column].sum() > 0]
    rows = shown[kept].rename_axis("true").reset_index().melt("true", var_name="said", value_name="photos")
    rows["share"] = rows["photos"] / rows.groupby("true")["photos"].transform("sum").clip(lower=1)
    across, up = t("figure.answer"), t("figure.true_place")
    chart = cells(rows, across, up, t("figure.confusion_title"), (list(shown.index), kept))
    out = rows[["true", "said", "photos"]].rename(
        columns={"true": up, "said": across, "photos": t("figure.photo_count")}
    )
    worst_cells = rows[rows["true"] != rows["said"]].nlargest(3, "photos")
    said = "; ".join(f"{r.true} → {r.said}: {r.photos}" for r in worst_cells.itertuples())
    return Figure("confusion", chart, out, f"{t('figure.confusion_title')}: {said}")


# ---- errors ----


def _show_mistakes(t: Translator, photos: JudgedPhotos, names: Mapping[str, str]) -> None:
    rows = mistakes(photos)
    if not rows:
        st.caption(plain(t("metrics_page.no_errors", n=len(photos.sha256s))))
        return
    st.caption(plain(t("metrics_page.errors_of", n=len(rows), photos=len(photos.sha256s))))
    show_gallery(t, "mistakes", [_shown(t, photos, row, names) for row in rows])


def _shown(t: Translator, photos: JudgedPhotos, row: int, names: Mapping[str, str]) -> Shown:
    return Shown(photos.sha256s[row], error_in_words(t, photos, row, names))


def error_in_words(t: Translator, photos: JudgedPhotos, row: int, names: Mapping[str, str]) -> str:
    """Say what is true of a photo, what was said, and how surely."""
    said = int(photos.decided[row])
    words = {"true": _name(t, photos, int(photos.truth[row]), names), "said": _answer(t, photos, said, names)}
    return t("metrics_page.said_of", share=t.probability(float(photos.certainty[row])), **words)


def _name(t: Translator, photos: JudgedPhotos, column: int, names: Mapping[str, str]) -> str:
    slug = answer_name(photos, column)
    return t("metrics.no_known_place") if slug is None else names.get(slug, slug)


def _answer(t: Translator, photos: JudgedPhotos, column: int, names: Mapping[str, str]) -> str:
    return t("figure.no_answer") if column == UNKNOWN else _name(t, photos, column, names)


# ---- sureness ----


def reliability_figure(t: Translator, photos: JudgedPhotos) -> Figure:
    """Return how often it was right, by how sure it was; on the diagonal its word can be taken."""
    bins, error = reliability(photos), calibration_error(photos)
    ours, ideal = t("figure.this_model"), t("figure.ideal")
    points = [(one.confidence, one.right, ours) for one in bins]
    rows = pd.DataFrame([*points, (0.0, 0.0, ideal), (1.0, 1.0, ideal)], columns=["x", "y", "name"])
    value = t.percent(error.value, 1) if error else "–"
    title = t("figure.reliability_title", error=value)
    chart = lines(
        rows, shares(t("figure.said_sure")), shares(t("figure.was_right")), Look(title, [ours, ideal], points=True)
    )
    table = pd.DataFrame(
        [(b.low, b.high, b.confidence, b.right, b.photos) for b in bins],
        columns=[
            t("figure.bin_from"),
            t("figure.bin_to"),
            t("figure.said_sure"),
            t("figure.was_right"),
            t("figure.photo_count"),
        ],
    )
    return Figure("reliability", chart, table, title)


def known_unknown_figure(t: Translator, photos: JudgedPhotos) -> Figure:
    """Return what other thresholds would do to known and to unknown places, with the chosen one marked."""
    points = known_unknown_curve(photos)
    named, passed = t("figure.named_rightly"), t("figure.let_through")
    rows = [(p.threshold, p.named.value, named) for p in points]
    rows += [(p.threshold, p.let_through.value, passed) for p in points if p.let_through]
    order = [named, passed] if any(p.let_through for p in points) else [named]
    chosen = t("figure.chosen", value=t.number(photos.threshold, 2))
    look = Look(t("figure.known_title"), order)
    chart = lines(
        pd.DataFrame(rows, columns=["x", "y", "name"]),
        Axis(t("figure.threshold"), ".1f", 0, 1),
        shares(t("figure.share_axis")),
        look,
    )
    table = pd.DataFrame(
        [(p.threshold, p.named.value, p.let_through.value if p.let_through else None) for p in points],
        columns=[t("figure.threshold"), named, passed],
    )
    return Figure("known-unknown", mark_at(chart, [(photos.threshold, chosen)]), table, f"{look.title}, {chosen}")
