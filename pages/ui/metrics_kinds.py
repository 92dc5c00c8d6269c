"""How a run fares by source, light and season of its photos, as far as the library knows them."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from core.dataset.health import season_of
from core.domain.library import DARK_BELOW
from core.domain.photo import PhotoRecord
from core.messages import Translator
from core.metrics.by_kind import shares_by_kind
from core.metrics.judged_photos import Bools
from pages.ui import resources
from pages.ui.metrics_words import interval_in_words, score_value
from pages.ui.text import plain

BRIGHT_FROM = 0.4  # of mean brightness 0..1; daylight photos of the library lie above
Kind = Callable[[PhotoRecord], str]


def show_kinds(t: Translator, sha256s: Sequence[str], right: Bools) -> None:
    """Draw a table for each side that tells photos apart. right: (N,) whether each photo was decided rightly."""
    records = resources.photos().get_many(sha256s)
    if not records:
        return
    with st.expander(t("kinds.title"), icon=":material/tune:"):
        st.caption(plain(t("kinds.known", n=len(records), photos=len(sha256s))))
        for title, kind_of in _sides(t).items():
            table = kind_table(t, title, sha256s, right, _kinds(records, kind_of))
            if len(table):
                st.table(table.map(plain), hide_index=True, border="horizontal")


def kind_table(
    t: Translator, title: str, sha256s: Sequence[str], right: Bools, kinds: Mapping[str, str]
) -> pd.DataFrame:
    """Return a row for each kind with its share of right photos and the interval."""
    rows = [
        (kind, score_value(t, score), interval_in_words(t, score))
        for kind, score in shares_by_kind(sha256s, right, kinds).items()
    ]
    return pd.DataFrame(rows, columns=[title, t("kinds.right"), t("metrics.interval")])


def _kinds(records: Sequence[PhotoRecord], kind_of: Kind) -> dict[str, str]:
    found = {record.sha256: kind_of(record) for record in records}
    return {sha256: kind for sha256, kind in found.items() if kind}


def _sides(t: Translator) -> dict[str, Kind]:
    seasons = {
        "spring": t("health_view.spring"),
        "summer": t("health_view.summer"),
        "autumn": t("health_view.autumn"),
        "winter": t("health_view.winter"),
    }

    def light(record: PhotoRecord) -> str:
        if record.brightness is None:
            return ""
        if record.brightness < DARK_BELOW:
            return t("kinds.dark")
        return t("kinds.bright") if record.brightness >= BRIGHT_FROM else t("kinds.dim")

    def season(record: PhotoRecord) -> str:
        return seasons[season_of(record.taken_at.month, record)] if record.taken_at else ""

    return {t("kinds.source"): lambda record: record.source, t("kinds.light"): light, t("kinds.season"): season}
