"""Add a place, edit, retire and bring one back, remove one that nothing uses; on the places page, for curators."""

import re
import unicodedata
from dataclasses import replace
from functools import partial

import streamlit as st

from core.domain.place import LocalText, Place, PlaceState, PlaceStatus
from core.errors import Conflict, EodiError, InvalidInput
from core.messages import Translator
from pages.ui import curate_state, resources
from pages.ui.frame import show_error
from pages.ui.picture_choice import choose_picture
from pages.ui.place_form import PREFIX, draw_form, form_key
from pages.ui.text import plain

NOTHING = LocalText("", "")
EMPTY = Place(
    class_id=0,
    slug="",
    name=NOTHING,
    summary=NOTHING,
    description=NOTHING,
    address=NOTHING,
    position=None,
    status=PlaceStatus(PlaceState.CHECK, NOTHING, None, ""),
    picture=None,
)


def show_place_adding(t: Translator) -> None:
    """Draw the form of a new place."""
    st.title(t("place_editor.add"), anchor=False)
    st.caption(plain(t("place_editor.number_is_given")))
    slug = st.text_input(
        t("place_editor.slug"), "", 64, key=form_key("", "slug"), placeholder=t("place_editor.slug_from_name")
    )
    draft = _form(t, EMPTY)
    _save(t, "", replace(draft, slug=slug or slug_of(draft.name.en)) if draft else None)


def show_place_editing(t: Translator, place: Place) -> None:
    """Draw the form of a place, filled, and below it what else can become of the place."""
    name = place.name.get(t.language)
    st.title(plain(t("place_editor.edit", place=name)), anchor=False)
    st.caption(plain(t("place_editor.number_is_fixed", class_id=place.class_id, slug=place.slug)))
    curate_state.start_field(form_key(place.slug, "from"), place)
    draft = _form(t, place)
    picture = choose_picture(t, place, form_key(place.slug, "picture"))
    _save(t, place.slug, replace(draft, picture=picture) if draft else None)
    _retire_or_not(t, place)


def slug_of(name: str) -> str:
    """Return a slug for a name; "" when nothing of it is left."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:64].strip("-")


def _form(t: Translator, place: Place) -> Place | None:
    """Draw the fields; None when what they hold cannot be a place, and why was drawn."""
    others = [other for other in resources.places().list() if other.slug != place.slug]
    try:
        return draw_form(t, place, others, resources.map_tiles())
    except InvalidInput as error:
        show_error(error, t.language)
        return None


def _save(t: Translator, slug: str, draft: Place | None) -> None:
    with st.container(horizontal=True):
        wanted = st.button(t("place_editor.save"), type="primary", disabled=draft is None, key=form_key(slug, "save"))
        st.button(t("place_editor.leave"), type="tertiary", on_click=partial(_leave, slug))
    if not wanted or draft is None:
        return
    try:
        stored = _write(slug, draft)
    except EodiError as error:
        show_error(error, t.language)
        return
    curate_state.leave_notice(t("place_editor.saved", place=stored.name.get(t.language), class_id=stored.class_id))
    _leave(stored.slug)
    st.rerun()


def _write(slug: str, draft: Place) -> Place:
    """Write a new place, or an edited one unless someone else has changed it since the form was opened.

    Raises:
        EodiError: as `PlaceRepository.add` and `update`; Conflict "place.changed_meanwhile".
    """
    places = resources.places()
    if not slug:
        return places.add(replace(draft, class_id=places.next_class_id()))
    if places.get(slug) != curate_state.field(form_key(slug, "from")):
        raise Conflict("place.changed_meanwhile")
    return places.update(draft)


def _leave(slug: str) -> None:
    curate_state.forget_fields(PREFIX)
    curate_state.open_task("", slug)


def _retire_or_not(t: Translator, place: Place) -> None:
    with st.expander(t("place_editor.more")):
        if place.retired:
            st.markdown(plain(t("place_editor.is_retired")))
            _do(t, place, t("place_editor.restore"), partial(resources.places().restore, place.slug))
        else:
            st.markdown(plain(t("place_editor.what_retiring_does")))
            _do(t, place, t("place_editor.retire"), partial(resources.places().retire, place.slug))
        _removal(t, place)


def _removal(t: Translator, place: Place) -> None:
    """Offer to remove a place that nothing uses; say what uses one that cannot be removed."""
    in_models = place.class_id in resources.class_numbers_in_models()
    photos = resources.places().uses(place.slug).photos
    if photos or in_models:
        st.caption(plain(t("place_editor.in_models") if in_models else t("place_editor.has_photos", n=photos)))
        return
    st.markdown(plain(t("place_editor.what_removing_does")))
    sure = st.checkbox(t("place_editor.sure"), key=form_key(place.slug, "sure"))
    _do(t, place, t("place_editor.remove"), partial(resources.places().remove, place.slug, in_models=in_models), sure)


def _do(t: Translator, place: Place, label: str, action: partial[object], enabled: bool = True) -> None:
    """Draw a button that does something with the place and then shows all places."""
    if not st.button(label, disabled=not enabled):
        return
    try:
        action()
    except EodiError as error:
        show_error(error, t.language)
        return
    curate_state.leave_notice(t("place_editor.done", place=place.name.get(t.language)))
    _leave("")
    st.rerun()
