"""What is planned while the form stands: places, numbers, sources and search words, read from its widgets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from core.crawl.queries import suggest_queries
from core.domain.crawl import CrawlSpec
from core.domain.place import Place
from core.messages import Translator
from pages.ui.text import plain

USUAL = CrawlSpec((), ())
MOST_PHOTOS, MOST_PX = 1_000, 4_000
MOST_WORDS = 2_000  # characters of the search words of one place


@dataclass(frozen=True, slots=True)
class Numbers:
    """How many photos of each place from each source, how large at least, and on which terms."""

    limit: int
    min_size_px: int
    free_only: bool


def choose_places(t: Translator, places: Sequence[Place]) -> tuple[Place, ...]:
    """Draw the choice of places, by their names."""
    by_slug = {place.slug: place for place in places}
    chosen = st.multiselect(
        t("crawl.page.places"),
        list(by_slug),
        format_func=lambda slug: by_slug[slug].name.get(t.language),
        placeholder=t("crawl.page.places_hint"),
        key="crawl-places",
    )
    return tuple(by_slug[slug] for slug in chosen if slug in by_slug)


def choose_numbers(t: Translator) -> Numbers:
    """Draw how many, how large, on which terms."""
    left, middle, right = st.columns([1, 1, 1], vertical_alignment="bottom")
    help_limit, help_size = t("crawl.page.limit_help"), t("crawl.page.size_help")
    limit = left.number_input(
        t("crawl.page.limit"), 1, MOST_PHOTOS, USUAL.limit, 10, key="crawl-limit", help=help_limit
    )
    size = middle.number_input(
        t("crawl.page.size"), 0, MOST_PX, USUAL.min_size_px, 40, key="crawl-size", help=help_size
    )
    free = right.toggle(t("crawl.page.free_only"), key="crawl-free", help=t("crawl.page.free_help"))
    return Numbers(int(limit), int(size), bool(free))


def choose_queries(t: Translator, places: Sequence[Place]) -> dict[str, tuple[str, ...]]:
    """Draw what is searched for, a line each, with what is suggested written in; return it by place."""
    queries = {}
    with st.expander(t("crawl.page.words"), icon=":material/edit_note:", key="crawl-words"):
        st.caption(t("crawl.page.words_help"))
        for place in places:
            label, suggested = plain(place.name.get(t.language)), "\n".join(suggest_queries(place))
            key = f"crawl-words-{place.slug}"
            text = st.text_area(label, suggested, key=key, max_chars=MOST_WORDS, height="content")
            queries[place.slug] = as_queries(text or "")
    return queries


def as_queries(text: str) -> tuple[str, ...]:
    """Return the lines of a text without blanks around them, each once, in order."""
    return tuple(dict.fromkeys(line for line in (" ".join(line.split()) for line in text.splitlines()) if line))


def spec_of(
    places: Sequence[Place], sources: Sequence[str], queries: Mapping[str, tuple[str, ...]], numbers: Numbers
) -> CrawlSpec:
    """Return what is asked for; a place whose search words were all taken out gets the suggested ones again."""
    return CrawlSpec(
        tuple(place.slug for place in places),
        tuple(sources),
        numbers.limit,
        {slug: words for slug, words in queries.items() if words},
        numbers.free_only,
        numbers.min_size_px,
    )
