"""Which places does it know, and what is known of one? All as cards, or one by `?place=<slug>`; curators edit them."""

import streamlit as st

from pages.ui import resources, state
from pages.ui.access import may_curate
from pages.ui.frame import open_page
from pages.ui.links import link_to_all_places
from pages.ui.place_card import show_place_card
from pages.ui.place_list import show_places
from pages.ui.place_tasks import offer_tasks, show_task
from pages.ui.text import plain

with open_page("page.places.title") as page:
    wanted = state.place_in_address()
    if may_curate() and show_task(page.t, wanted):
        st.stop()
    places = resources.places().list()
    place = next((place for place in places if place.slug == wanted), None)
    if place is not None:
        link_to_all_places(page.t)
        st.title(plain(place.name.get(page.language)), anchor=False)
        other = place.name.get("en" if page.language == "ko" else "ko")
        st.caption(plain(page.t("answer.also", name=other, class_id=place.class_id)))
        show_place_card(page.t, place, resources.places().nearby(place.position) if place.position else ())
    else:
        st.title(page.t("places.question"), anchor=False)
        if wanted is not None:
            st.info(plain(page.t("places.unknown")), icon=":material/info:")
        show_places(page.t, places)
    if may_curate():
        offer_tasks(page.t, place)
