"""A place's card: names, picture with its author and licence, description, address, status, map, what lies near."""

import logging
from collections.abc import Sequence

import streamlit as st

from core.domain.place import Nearby, NearbyKind, Place, PlacePicture, PlaceState
from core.errors import EodiError
from core.messages import Translator
from pages.ui import resources
from pages.ui.place_map import show_map
from pages.ui.text import link, plain

log = logging.getLogger(__name__)


def show_place_card(t: Translator, place: Place, nearby: Sequence[Nearby]) -> None:
    """Draw what is known about a place."""
    picture, facts = st.columns([1, 1], gap="medium")
    with picture:
        if show_picture(t, place, place.picture):
            _credit(t, place)
    with facts:
        st.markdown(plain(place.description.get(t.language)))
        _contact(place, t)
        _status(t, place)
    if place.position is None:
        return
    where, around = st.columns([1, 1], gap="medium")
    with where:
        show_map(t, place, place.position, nearby)
    with around:
        _nearby(t, nearby)


def show_picture(t: Translator, place: Place, picture: PlacePicture | None) -> bool:
    """Draw a picture of a place; one that cannot be read, or may not be shown any more, leaves the space out: False."""
    if picture is None:
        return False
    try:
        content = resources.place_picture(picture.file)
    except (EodiError, OSError) as error:
        log.warning("no picture for %s: %s", place.slug, error)
        return False
    st.image(content, width="stretch", alt=t("picture.alt", place=place.name.get(t.language)))
    return True


def _credit(t: Translator, place: Place) -> None:
    picture = place.picture
    if picture is not None:
        credit = t("picture.credit", author=picture.author, licence=picture.licence)
        st.caption(link(credit, picture.source_url))


def _contact(place: Place, t: Translator) -> None:
    facts = {":material/location_on:": place.address.get(t.language), ":material/call:": place.phone}
    lines = [f"{icon} {plain(text)}" for icon, text in facts.items() if text]
    if lines:
        st.markdown("  \n".join(lines))


def _status(t: Translator, place: Place) -> None:
    status = place.status
    note = plain(status.note.get(t.language))
    source = ""
    if status.as_of is not None:
        source = plain(t("status.as_of", month=t.month(status.as_of), source=status.source))
    if status.state is PlaceState.OPEN:
        st.badge(t("status.open"), icon=":material/check:", color="green")
    elif status.state is PlaceState.CLOSED:
        st.badge(t("status.closed"), icon=":material/block:", color="red")
    else:
        st.badge(t("status.check"), icon=":material/info:", color="orange")
    st.caption("  \n".join(text for text in (note, source) if text))


def _nearby(t: Translator, nearby: Sequence[Nearby]) -> None:
    st.markdown(f"**{t('nearby.title')}**")
    if not nearby:
        st.caption(t("nearby.empty"))
        return
    titles = {
        NearbyKind.SIGHT: t("nearby.sight"),
        NearbyKind.FOOD: t("nearby.food"),
        NearbyKind.LODGING: t("nearby.lodging"),
    }
    for kind, title in titles.items():
        points = [near for near in nearby if near.point.kind is kind]
        if points:
            st.markdown(title + "\n" + "\n".join(_line(t, near) for near in points))
    oldest = min(near.point.as_of for near in nearby)
    st.caption(t("nearby.old", month=t.month(oldest)))


def _line(t: Translator, near: Nearby) -> str:
    return f"- {plain(near.point.name.get(t.language))} · {plain(t.distance(near.distance_m))}"
