"""How does the library stand? Place by place: how many photos, how varied, what is missing; duplicates and leaks."""

from collections.abc import Mapping, Sequence
from functools import partial

import altair as alt
import pandas as pd
import streamlit as st

from core.dataset.health import ENOUGH_PHOTOS, PlaceHealth
from core.db.places import UNKNOWN
from core.domain.library import Concern
from core.domain.photo import PhotoStatus
from core.messages import Translator
from pages.ui import resources, review_state
from pages.ui.chart_colours import colour_names
from pages.ui.review_filters import ANY, status_names
from pages.ui.text import plain

ROW_PX, AXIS_PX, LABEL_PX = 34, 130, 160
STATUSES = (PhotoStatus.ACCEPTED, PhotoStatus.NEW, PhotoStatus.SET_ASIDE, PhotoStatus.REJECTED)
METRIC_PX = 130
NAMED = 4  # sources and licences that are named, the most frequent first
PARTS_OF_DAY = (range(6), range(6, 12), range(12, 18), range(18, 24))


def show_health(t: Translator) -> None:
    """Draw the library as a whole, then a row for each place."""
    rows, leaks = resources.library_health()
    if not rows:
        st.info(plain(t("health_view.empty")), icon=":material/photo_library:")
        return
    names = place_names(t)
    _totals(t, rows, leaks)
    table = status_rows(t, rows, names)
    st.altair_chart(status_chart(t, table), width="stretch", alt=_in_words(table))
    order = {slug: number for number, slug in enumerate(names)}
    for row in sorted(rows, key=lambda row: order.get(row.slug, len(order))):
        _place(t, row, names)
    without = [name for slug, name in names.items() if slug != UNKNOWN and slug not in {row.slug for row in rows}]
    if without:
        st.caption(plain(t("health_view.without", places=", ".join(without))))


def place_names(t: Translator) -> dict[str, str]:
    """Return the names of places by slug, in their order, "unknown" last."""
    places = resources.places().list()
    return {place.slug: place.name.get(t.language) for place in places} | {UNKNOWN: t("import_plan.unknown")}


def status_rows(t: Translator, rows: Sequence[PlaceHealth], names: Mapping[str, str]) -> pd.DataFrame:
    """Return a row per place and status: `place`, `status` and `photos`, and `order` of the status in the bar."""
    words = status_names(t)
    known = [slug for slug in names if slug in {row.slug for row in rows}]
    by_slug = {row.slug: row for row in rows}
    slugs = [*known, *(row.slug for row in rows if row.slug not in names)]
    return pd.DataFrame(
        [
            (names.get(slug, slug), words[status], by_slug[slug].statuses.get(status.value, 0), number)
            for slug in slugs
            for number, status in enumerate(STATUSES)
        ],
        columns=["place", "status", "photos", "order"],
    )


def status_chart(t: Translator, table: pd.DataFrame) -> alt.LayerChart:
    """Return a bar for each place, in parts by status, and a line where there are enough accepted photos."""
    words = [status_names(t)[status] for status in STATUSES]
    legend = alt.Legend(title=None, orient="bottom", values=words, columns=2)
    names = alt.Axis(title=None, labelLimit=LABEL_PX, ticks=False, domain=False, labelPadding=8)
    bars = (
        alt.Chart(table)
        .mark_bar(height={"band": 0.6})
        .encode(
            x=alt.X("photos:Q", title=t("health_view.photos"), axis=alt.Axis(tickMinStep=1, tickCount=8, format="d")),
            y=alt.Y("place:N", sort=None, axis=names),
            color=alt.Color("status:N", scale=alt.Scale(domain=colour_names(words)), legend=legend),
            order="order:O",
            tooltip=[
                alt.Tooltip("place:N", title=t("health_view.place")),
                alt.Tooltip("status:N", title=t("health_view.status")),
                alt.Tooltip("photos:Q", title=t("health_view.photos")),
            ],
        )
    )
    aim = alt.Chart(pd.DataFrame({"photos": [ENOUGH_PHOTOS]})).mark_rule(strokeDash=[4, 4]).encode(x="photos:Q")
    return alt.layer(bars, aim).properties(height=ROW_PX * table["place"].nunique() + AXIS_PX)


def _totals(t: Translator, rows: Sequence[PlaceHealth], leaks: int) -> None:
    accepted = sum(row.accepted for row in rows)
    every = sum(sum(row.statuses.values()) for row in rows)
    enough = sum(row.accepted >= ENOUGH_PHOTOS for row in rows if row.slug != UNKNOWN)
    titles = {
        t("health_view.every"): t.number(every),
        t("health_view.accepted"): t.number(accepted),
        t("health_view.enough", aim=ENOUGH_PHOTOS): t.number(enough),
        t("health_view.leaks"): t.number(leaks),
    }
    grid = st.grid(4, min_column_width=METRIC_PX, key="health-totals")
    for title, value in titles.items():
        grid.cell().metric(title, value)
    st.caption(plain(t("health_view.no_leaks") if leaks == 0 else t("health_view.some_leaks")))


def _place(t: Translator, row: PlaceHealth, names: Mapping[str, str]) -> None:
    with st.container(key=f"health-{row.slug}", border=True):
        title, aim = st.columns([3, 2], vertical_alignment="center")
        title.markdown(f"**{plain(names.get(row.slug, row.slug))}**")
        done = min(1.0, row.accepted / ENOUGH_PHOTOS)
        aim.progress(done, plain(t("health_view.of_aim", count=row.accepted, aim=ENOUGH_PHOTOS)))
        facts, missing = st.columns(2)
        facts.caption("  \n".join(plain(line) for line in _facts(t, row)))
        findings = [f"- {plain(t(finding.key, **finding.values))}" for finding in row.findings]
        missing.markdown("\n".join(findings) if findings else plain(t("health_view.nothing_missing")))
        for slug, count in row.alike.items():
            _alike(t, row, names.get(slug, slug), slug, count)


def _facts(t: Translator, row: PlaceHealth) -> list[str]:
    """Return how varied the accepted photos are, a line for each side that is known."""
    if not row.accepted:
        return [t("health_view.none_accepted")]
    sizes = {
        "large": t("health_view.large"),
        "medium": t("health_view.medium"),
        "small": t("health_view.small"),
    }
    seasons = {
        "spring": t("health_view.spring"),
        "summer": t("health_view.summer"),
        "autumn": t("health_view.autumn"),
        "winter": t("health_view.winter"),
    }
    parts = (t("health_view.night"), t("health_view.morning"), t("health_view.afternoon"), t("health_view.evening"))
    hours = [sum(row.hours.get(hour, 0) for hour in part) for part in PARTS_OF_DAY]
    lines = {
        t("health_view.sources"): _counted(t, row.sources, {"": t("health_view.not_known")}),
        t("health_view.licences"): _counted(t, row.licences, {"": t("health_view.not_known")}),
        t("health_view.sizes"): _counted(t, row.sizes, sizes),
        t("health_view.seasons"): _counted(t, row.seasons, seasons),
        t("health_view.hours"): _counted(t, dict(zip(parts, hours, strict=True)), {}),
    }
    said = [f"{title}: {counts}" for title, counts in lines.items() if counts]
    return [*said, t("health_view.groups", count=row.groups)]


def _counted(t: Translator, counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    found = [(words.get(name, name), count) for name, count in counts.items() if count]
    said = [f"{name} {t.number(count)}" for name, count in found[:NAMED]]
    return " · ".join([*said, *(["…"] if len(found) > NAMED else [])])


def _alike(t: Translator, row: PlaceHealth, name: str, slug: str, count: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(plain(t("health_view.alike", n=count, place=name)), width="content")
        st.button(
            t("health_view.look"),
            key=f"health-{row.slug}-{slug}",
            type="tertiary",
            icon=":material/compare:",
            on_click=partial(_review, row.slug),
        )


def _review(slug: str) -> None:
    """Go to the near-duplicates of a place, side by side."""
    review_state.leave_all(but=("lang",))
    review_state.go(place=slug, status=ANY, concern=Concern.NEAR_DUPLICATES.value, order="look")


def _in_words(table: pd.DataFrame) -> str:
    shown = table[table["photos"] > 0]
    return ", ".join(f"{p}: {s} {n}" for p, s, n in zip(shown["place"], shown["status"], shown["photos"], strict=True))
