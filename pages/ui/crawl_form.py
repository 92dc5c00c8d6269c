"""Plan a crawl and start it: places, numbers, search words, sources, and what it will cost."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.crawl.sources.registry import SOURCES
from core.crawl.submit import submit_crawl
from core.domain.crawl import CrawlSpec
from core.domain.place import Place
from core.errors import EodiError
from core.messages import Translator
from pages.ui import resources, state
from pages.ui.crawl_cost import Cost, cost_of, least_time_s
from pages.ui.crawl_file import offer_files
from pages.ui.crawl_plan import Numbers, choose_numbers, choose_places, choose_queries, spec_of
from pages.ui.crawl_resources import crawls, ready_sources, requests_today
from pages.ui.crawl_sources import choose_sources
from pages.ui.frame import show_error
from pages.ui.links import link_to_all_places
from pages.ui.text import plain


def show_form(t: Translator) -> None:
    """Draw the plan; its button starts a crawl and puts it in the address."""
    with st.container(key="crawl-form", border=True):
        st.markdown(f"**{t('crawl.page.new')}**")
        catalogue = resources.places().list()
        if not catalogue:
            st.info(plain(t("crawl.page.no_places")), icon=":material/map:")
            link_to_all_places(t)
            return
        places = choose_places(t, catalogue)
        numbers = choose_numbers(t)
        queries = choose_queries(t, places) if places else {}
        costs = costs_of(places, queries, numbers)
        sources = choose_sources(t, places, numbers.free_only, costs)
        spec = spec_of(places, sources, queries, numbers)
        why_not = _why_not(t, spec)
        st.caption(plain(why_not or summary(t, spec, costs)))
        label, icon = t("crawl.page.start"), ":material/travel_explore:"
        if st.button(label, type="primary", icon=icon, disabled=bool(why_not), key="crawl-start"):
            start(t, spec)
        offer_files(t, catalogue, numbers)


def costs_of(places: Sequence[Place], queries: Mapping[str, Sequence[str]], numbers: Numbers) -> dict[str, Cost]:
    """Return what the plan costs at each source that can be asked; nothing while no place is chosen."""
    if not places:
        return {}
    return {
        name: cost_of(SOURCES[name], _query_counts(name, places, queries), numbers.limit, requests_today(name))
        for name in ready_sources()
    }


def _query_counts(source: str, places: Sequence[Place], queries: Mapping[str, Sequence[str]]) -> list[int]:
    """Return how many queries a source is asked for each place; one where it only looks around a position."""
    if SOURCES[source].INFO.needs_position:
        return [int(place.position is not None) for place in places]
    return [len(queries.get(place.slug, ())) for place in places]


def summary(t: Translator, spec: CrawlSpec, costs: Mapping[str, Cost]) -> str:
    """Return what the plan comes to: photos at most, the least time, and sources whose requests may not suffice."""
    planned = [(SOURCES[name].INFO, costs[name]) for name in spec.sources]
    photos = spec.limit * len(spec.place_slugs) * len(spec.sources)
    minutes = max(1, round(least_time_s(planned, len(spec.place_slugs), spec.limit) / 60))
    words = [t("crawl.page.comes_to", photos=t.number(photos), minutes=t.number(minutes))]
    short = [info.title for info, cost in planned if not cost.fits]
    if short:
        words.append(t("crawl.page.quota_short", sources=", ".join(short)))
    return " ".join(words)


def start(t: Translator, spec: CrawlSpec) -> None:
    """Start a crawl and show it; a second click on the same finds the first."""
    try:
        with st.spinner(t("crawl.page.starting")):
            job = submit_crawl(spec, crawls(), resources.jobs(), resources.job_runner())
    except EodiError as error:
        show_error(error, t.language)
        return
    state.put_job_in_address(job.job_id)
    st.rerun()


def _why_not(t: Translator, spec: CrawlSpec) -> str:
    """Return what is still to be chosen, "" when nothing is."""
    if not spec.place_slugs:
        return t("crawl.page.choose_place")
    if not spec.sources:
        return t("crawl.page.choose_source")
    return ""
