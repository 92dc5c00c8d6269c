"""The list of sources with a tick each: those that can be asked now, those that lack a key, those that are off."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.crawl.source import SourceInfo
from core.crawl.sources.registry import SOURCES, default_sources
from core.domain.place import Place
from core.messages import Translator
from pages.ui.crawl_cost import Cost
from pages.ui.crawl_resources import is_switched_on, missing_settings, ready_sources
from pages.ui.crawl_words import offer_of
from pages.ui.text import link, plain


def choose_sources(
    t: Translator, places: Sequence[Place], free_only: bool, costs: Mapping[str, Cost]
) -> tuple[str, ...]:
    """Draw the sources, and return those that are ticked, in the order in which they are asked."""
    infos = [source.INFO for source in SOURCES.values()]
    ready = [SOURCES[name].INFO for name in ready_sources()]
    off = [info for info in infos if not is_switched_on(info.name)]
    keyless = [info for info in infos if info not in ready and info not in off]
    st.markdown(f"**{t('crawl.page.sources')}**")
    nowhere = [place.name.get(t.language) for place in places if place.position is None]
    chosen = []
    for info in ready:
        key = t("crawl.page.key_there") if info.key_settings else ""
        passes = t("crawl.page.no_position", places=", ".join(nowhere)) if nowhere and info.needs_position else ""
        words = " ".join(filter(None, (offer_of(t, info), key, cost_in_words(t, costs.get(info.name)), passes)))
        if _tick(info, words, is_useless=free_only and not info.states_licence):
            chosen.append(info.name)
    if not ready:
        st.caption(plain(t("crawl.page.no_source_ready")))
    _fold(t, t("crawl.page.need_keys", count=len(keyless)), ":material/key:", keyless)
    _fold(t, t("crawl.page.switched_off", count=len(off)), ":material/toggle_off:", off)
    return tuple(chosen)


def _tick(info: SourceInfo, words: str, is_useless: bool) -> bool:
    """Draw a source that can be asked; return whether it shall be."""
    key, usual = f"crawl-source-{info.name}", info.name in default_sources()
    with st.container(key=f"crawl-offer-{info.name}", gap=None):
        ticked = st.checkbox(plain(info.title), usual, key=key, disabled=is_useless)
        st.caption(plain(words))
    return ticked and not is_useless


def _fold(t: Translator, label: str, icon: str, infos: Sequence[SourceInfo]) -> None:
    """Draw sources that cannot be asked now, folded away, each with what it takes."""
    if not infos:
        return
    with st.expander(label, icon=icon):
        for info in infos:
            with st.container(key=f"crawl-offer-{info.name}", gap=None):
                st.checkbox(plain(info.title), key=f"crawl-off-{info.name}", disabled=True)
                st.caption(plain(offer_of(t, info)))
                for line in _what_it_takes(t, info):
                    st.caption(line)


def _what_it_takes(t: Translator, info: SourceInfo) -> list[str]:
    """Say which keys are missing, where to get them and where to put them, and what to switch on; as Markdown."""
    lines = []
    missing = missing_settings(info.name)
    if missing:
        names = ", ".join(f"`EODI_{name.upper()}`" for name in missing)
        lines.append(f"{plain(t('crawl.page.key_missing'))} {names}. {_where(t, info)}")
    if not is_switched_on(info.name):
        lines.append(plain(t("crawl.page.switch_on")))
    return lines


def _where(t: Translator, info: SourceInfo) -> str:
    if not info.key_page:
        return plain(t("crawl.page.key_put"))
    return f"{plain(t('crawl.page.key_get'))} {link(info.key_page, info.key_page)}. {plain(t('crawl.page.key_put'))}"


def cost_in_words(t: Translator, cost: Cost | None) -> str:
    """Return how many requests a source will get, and how many are left; "" while nothing is planned."""
    if cost is None or not cost.most:
        return ""
    if cost.left is None:
        return t("crawl.page.cost", least=cost.least, most=cost.most)
    return t("crawl.page.cost_of", least=cost.least, most=cost.most, left=t.number(cost.left))
