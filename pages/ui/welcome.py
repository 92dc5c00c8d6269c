"""What the start page shows before any photo: the places that can be recognised, as cards."""

from collections.abc import Sequence

import streamlit as st

from core.domain.place import Place
from core.messages import Translator
from pages.ui.place_card import show_picture
from pages.ui.text import plain

CARD_PX = 150  # a card's smallest width: three to a row on a laptop, two on a phone


def show_welcome(t: Translator, places: Sequence[Place]) -> None:
    """Draw a card for each known place."""
    if not places:
        st.info(t("welcome.empty"))
        return
    st.subheader(t("welcome.title"), anchor=False)
    grid = st.grid(3, min_column_width=CARD_PX, gap=("medium", "small"), key="welcome")
    for place in places:
        with grid.cell():
            show_picture(t, place)
            st.markdown(f"**{plain(place.name.get(t.language))}**  \n{plain(place.summary.get(t.language))}")
