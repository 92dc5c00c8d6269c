"""What a crawl brought: by source and query, by licence, by reason; the way to review it, and its table."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.domain.crawl import Crawl, QueryYield, SourceStanding
from core.messages import Translator
from pages.ui.crawl_live import show_newest, show_standings
from pages.ui.crawl_resources import crawls, names_of_places
from pages.ui.crawl_table import CSV_NAME, report_csv
from pages.ui.crawl_words import source_title
from pages.ui.links import link_to_review
from pages.ui.text import plain

TOTAL_PX = 130


def show_report(t: Translator, crawl: Crawl) -> None:
    """Draw what came of a crawl."""
    kept = crawls()
    yields, standings = kept.yields(crawl.crawl_id), kept.standings(crawl.crawl_id)
    licences = kept.licences(crawl.crawl_id)
    show_newest(t, crawl)
    _totals(t, standings)
    _review(t, yields)
    st.subheader(t("crawl.page.by_source"), anchor=False)
    show_standings(t, standings, at_work=False)
    if yields:
        st.subheader(t("crawl.page.by_query"), anchor=False)
        st.dataframe(yield_table(t, yields), hide_index=True, width="stretch", key=f"crawl-yields-{crawl.crawl_id}")
    _licences(t, licences)
    _download(t, crawl, report_csv(yields, standings, licences))


def yield_table(t: Translator, yields: tuple[QueryYield, ...]) -> pd.DataFrame:
    """Return a row per source, place and query, those that brought most first."""
    names = names_of_places(t)
    ordered = sorted(yields, key=lambda one: -one.kept)
    return pd.DataFrame(
        {
            t("crawl.page.source"): [source_title(one.source) for one in ordered],
            t("crawl.page.place"): [names.get(one.place_slug, one.place_slug) for one in ordered],
            t("crawl.page.query"): [one.query for one in ordered],
            t("crawl.page.found"): [one.found for one in ordered],
            t("crawl.page.kept"): [one.kept for one in ordered],
            t("crawl.page.known"): [one.known for one in ordered],
            t("crawl.page.refused_count"): [one.refused for one in ordered],
        }
    )


def _totals(t: Translator, standings: tuple[SourceStanding, ...]) -> None:
    refused = sum(sum(one.refused.values()) for one in standings)
    named = (
        (t("crawl.page.kept"), sum(one.kept for one in standings)),
        (t("crawl.page.known"), sum(one.known for one in standings)),
        (t("crawl.page.refused_count"), refused),
        (t("crawl.page.found"), sum(one.found for one in standings)),
    )
    grid = st.grid(4, min_column_width=TOTAL_PX, gap="small", key="crawl-totals")
    for name, count in named:
        with grid.cell():
            st.metric(name, t.number(count))


def _review(t: Translator, yields: tuple[QueryYield, ...]) -> None:
    """Draw the ways to these photos in review, one for each place and source that brought any."""
    names, kept = names_of_places(t), dict[tuple[str, str], int]()
    for one in yields:
        kept[one.place_slug, one.source] = kept.get((one.place_slug, one.source), 0) + one.kept
    brought = {pair: count for pair, count in kept.items() if count}
    if not brought:
        st.info(plain(t("crawl.page.brought_nothing")), icon=":material/info:")
        return
    st.subheader(t("crawl.page.review"), anchor=False)
    st.caption(plain(t("crawl.page.review_help")))
    with st.container(key="crawl-review", gap=None):
        for (slug, source), count in brought.items():
            values = {"place": names.get(slug, slug), "source": source_title(source), "photos": t.number(count)}
            link_to_review(t, slug, source, plain(t("crawl.page.review_of", **values)))


def _licences(t: Translator, licences: Mapping[str, int]) -> None:
    if not licences:
        return
    st.subheader(t("crawl.page.licences"), anchor=False)
    ordered = sorted(licences.items(), key=lambda pair: -pair[1])
    told = [f"{licence or t('crawl.page.no_licence')}: {t.number(count)}" for licence, count in ordered]
    st.markdown(plain(" · ".join(told)))
    if licences.get(""):
        st.caption(plain(t("crawl.page.no_licence_means")))


def _download(t: Translator, crawl: Crawl, content: bytes) -> None:
    key, icon = f"crawl-csv-{crawl.crawl_id}", ":material/download:"
    st.download_button(t("crawl.page.download"), content, CSV_NAME, "text/csv", icon=icon, key=key, on_click="ignore")
