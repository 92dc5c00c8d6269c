"""The known places as cards, each a way to its own page; on the start page before any photo, and on `places`."""

from collections.abc import Sequence

import streamlit as st

from core.domain.place import Place
from core.messages import Translator
from pages.ui.links import link_to_place
from pages.ui.place_card import show_picture
from pages.ui.text import plain

CARD_PX = 150  # a card's smallest width: three to a row on a laptop, two on a phone


def show_places(t: Translator, places: Sequence[Place]) -> None:
    """Draw a card for each known place."""
    if not places:
        st.info(t("welcome.empty"))
        return
    grid = st.grid(3, min_column_width=CARD_PX, gap=("medium", "small"), key="welcome")
    for place in places:
        with grid.cell():
            show_picture(t, place, place.picture)
            link_to_place(t, place)
            st.markdown(plain(place.summary.get(t.language)))
