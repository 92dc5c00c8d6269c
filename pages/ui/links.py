"""The table of pages that visitors reach by a link, and the links: they keep the session and the language.

The navigation is ours, not Streamlit's: that one stays open over the page on a phone, and is missing where a page was
opened by deep link on a fresh server.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from core.domain.place import Place
from core.messages import Translator
from pages.ui import state
from pages.ui.access import may_curate
from pages.ui.text import plain


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page: its file, its title as a key of the catalogues, its icon."""

    file: str
    title_key: str
    icon: str


IDENTIFY = PageEntry("pages/identify.py", "page.identify.title", ":material/photo_camera:")
PLACES = PageEntry("pages/places.py", "page.places.title", ":material/map:")
CRAWL = PageEntry("pages/crawl.py", "page.crawl.title", ":material/travel_explore:")
PHOTOS = PageEntry("pages/photos.py", "page.photos.title", ":material/photo_library:")
LABEL = PageEntry("pages/label.py", "page.label.title", ":material/select_all:")
TRAIN = PageEntry("pages/train.py", "page.train.title", ":material/model_training:")
METRICS = PageEntry("pages/metrics.py", "page.metrics.title", ":material/monitoring:")
PAGES = (IDENTIFY, PLACES, CRAWL, PHOTOS, LABEL, TRAIN, METRICS)
FOR_CURATORS = (CRAWL, PHOTOS, LABEL, TRAIN, METRICS)


def show_navigation(t: Translator) -> None:
    """Draw the app's name and a link to each page."""
    st.markdown(f"**{t('app.name')}**", width="content")
    with st.container(key="navigation", horizontal=True, width="content"):
        for page in PAGES:
            if page in FOR_CURATORS and not may_curate():
                continue
            _link(t, page, t(page.title_key), icon=page.icon)


def link_to_place(t: Translator, place: Place) -> None:
    """Draw a place's name as the link to its page."""
    _link(t, PLACES, plain(place.name.get(t.language)), {state.PLACE_PARAMETER: place.slug})


def link_to_all_places(t: Translator) -> None:
    """Draw the way back from one place to all."""
    _link(t, PLACES, t("places.all"), icon=":material/arrow_back:")


def link_to_photo(t: Translator, sha256: str, label: str) -> None:
    """Draw the way to one photo of the library, in review."""
    _link(t, PHOTOS, label, {"photo": sha256}, ":material/photo:")


def link_to_review(t: Translator, place_slug: str, source: str, label: str) -> None:
    """Draw the way to what is still to be reviewed of one place and source."""
    _link(t, PHOTOS, label, {"place": place_slug, "source": source}, ":material/photo_library:")


def link_to_boxes(t: Translator, sha256: str, label: str) -> None:
    """Draw the way to the boxes of one photo of the library."""
    _link(t, LABEL, label, {"photo": sha256}, ":material/select_all:")


def link_to_run(t: Translator, run_id: str, label: str) -> None:
    """Draw the way to the figures of one run."""
    _link(t, METRICS, label, {"run": run_id})


def link_to_comparison(t: Translator, run_ids: Sequence[str], label: str) -> None:
    """Draw the way to the figures of some runs side by side; the first is what the others are held against."""
    _link(t, METRICS, label, {"compare": ",".join(run_ids)}, ":material/compare_arrows:")


def _link(t: Translator, page: PageEntry, label: str, address: dict[str, str] | None = None, icon: str = "") -> None:
    parameters = {**(address or {}), state.LANGUAGE_PARAMETER: t.language}
    try:
        st.page_link(page.file, label=label, icon=icon, query_params=parameters)
    except StreamlitPageNotFoundError:
        st.markdown(f"**{label}**", width="content")  # a page run as a program of its own knows no other page
