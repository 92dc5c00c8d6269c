"""None of these: what another share of false accepts would mean for known places, by photos that were held out."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.messages import Translator
from core.metrics.figures import KnownUnknownPoint, known_unknown_curve
from core.metrics.judged_photos import JudgedPhotos
from pages.ui.metrics_charts import Axis, Look, lines, mark_at, shares
from pages.ui.metrics_figure import Figure, show_figure
from pages.ui.metrics_words import interval_in_words, score_value
from pages.ui.text import plain

HIGHEST = 0.25  # of false accepts that can be chosen: beyond it "none of these" says nothing
STEP = 0.005
POINTS = 1000


def show_refusal(t: Translator, photos: JudgedPhotos, run_name: str) -> None:
    """Draw the trade-off, a slider for the share of false accepts, and what the choice would change."""
    points = [point for point in known_unknown_curve(photos, POINTS) if point.let_through is not None]
    if not points:
        return
    st.subheader(t("refusal.title"), anchor=False)
    st.caption(plain(t("refusal.what")))
    ships = next(point for point in points if point.threshold == photos.threshold)
    wanted = st.slider(
        t("refusal.slider"),
        0.0,
        HIGHEST * 100,
        min(_share(ships), HIGHEST) * 100,
        STEP * 100,
        format="%.1f%%",
        key=f"refusal-{run_name}",
    )
    chosen = point_at(points, wanted / 100)
    chosen = ships if _counts(chosen) == _counts(ships) else chosen
    show_figure(t, trade_off_figure(t, points, ships, chosen), run_name)
    st.table(comparison(t, ships, chosen).map(plain), hide_index=True, border="horizontal")
    st.caption(plain(t("refusal.optimistic")))
    st.caption(plain(t("refusal.how", share=t.percent(wanted / 100, 1))))


def point_at(points: Sequence[KnownUnknownPoint], most: float) -> KnownUnknownPoint:
    """Return the threshold that lets at most this share of strangers through and names the most known places.

    points: by ascending threshold, their strangers let through falling. Of equal ones the lowest threshold is named.
    """
    allowed = [point for point in points if _share(point) <= most + 1e-9]
    return allowed[0] if allowed else points[-1]


def _counts(point: KnownUnknownPoint) -> tuple[int | None, int | None]:
    return point.named.k, point.let_through.k if point.let_through is not None else None


def _share(point: KnownUnknownPoint) -> float:
    return point.let_through.value if point.let_through is not None else 0.0


def trade_off_figure(
    t: Translator, points: Sequence[KnownUnknownPoint], ships: KnownUnknownPoint, chosen: KnownUnknownPoint
) -> Figure:
    """Return known places named rightly over strangers let through, with what ships and the choice marked."""
    named, passed = t("figure.named_rightly"), t("figure.let_through")
    ours = t("figure.this_model")
    most = max(HIGHEST, _share(ships), _share(chosen))
    drawn = [(_share(p), p.named.value, ours) for p in points if _share(p) <= most]
    across = Axis(passed, "~%", 0, most)
    rows = pd.DataFrame(drawn, columns=["x", "y", "name"])
    chart = lines(rows, across, shares(named), Look(t("refusal.figure"), [ours]))
    marks = [(_share(ships), t("refusal.ships"))]
    if chosen.threshold != ships.threshold:
        marks.append((_share(chosen), t("refusal.chosen")))
    table = pd.DataFrame(
        [(p.threshold, p.named.value, _share(p)) for p in points], columns=[t("figure.threshold"), named, passed]
    )
    said = f"{t('refusal.figure')}: {score_value(t, chosen.named)}"
    return Figure("trade-off", mark_at(chart, marks), table, said)


def comparison(t: Translator, ships: KnownUnknownPoint, chosen: KnownUnknownPoint) -> pd.DataFrame:
    """Return what ships beside what was chosen, with counts and intervals."""
    rows = []
    for title, point in ((t("refusal.ships"), ships), (t("refusal.chosen"), chosen)):
        strangers = point.let_through
        rows.append(
            (
                title,
                t.number(point.threshold, 3),
                f"{score_value(t, point.named)}, {interval_in_words(t, point.named)}",
                f"{score_value(t, strangers)}, {interval_in_words(t, strangers)}" if strangers else "–",
            )
        )
    columns = [" ", t("figure.threshold"), t("figure.named_rightly"), t("figure.let_through")]
    return pd.DataFrame(rows, columns=columns)
