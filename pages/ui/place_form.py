"""The fields of a place: names and texts in two languages, where it is, whether it is open. No button, no writing.

Called by the editor. What the fields hold becomes a `Place` again in `read_form`; nothing is stripped or changed.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial

import streamlit as st

from core.domain.place import LANGUAGES, LocalText, Place, PlaceState, PlaceStatus, Position
from core.errors import InvalidInput
from core.messages import Translator
from pages.ui import curate_state
from pages.ui.language import NAMES
from pages.ui.map_picker import Tiles, pick_position

PREFIX = "place-"
SHORT, LONG = 300, 10_000  # characters: a line, a text; the database holds 65,535 bytes
AREA_PX = {"summary": 80, "description": 200}
STEP = 0.001  # degrees, about 100 m: one press of a number field's button


def form_key(slug: str, name: str) -> str:
    """Return the key of a field of the form for a place, "" for a new one."""
    return f"{PREFIX}{slug or '+'}-{name}"


def draw_form(t: Translator, place: Place, others: Sequence[Place], tiles: Tiles) -> Place:
    """Draw the fields, filled with `place`, and return the place as they say; its picture and number are left alone.

    Raises:
        InvalidInput: only one of the two degrees is there.
    """
    titles = {
        "name": t("place_form.name"),
        "summary": t("place_form.summary"),
        "description": t("place_form.description"),
        "address": t("place_form.address"),
    }
    texts = {name: _in_both(place, name, title) for name, title in titles.items()}
    phone = st.text_input(t("place_form.phone"), place.phone, SHORT, key=form_key(place.slug, "phone"))
    status = _status(t, place)
    latitude, longitude = _where(t, place, others, tiles)
    if (latitude is None) != (longitude is None):
        raise InvalidInput("place.half_position")
    position = Position(latitude, longitude) if latitude is not None and longitude is not None else None
    return replace(place, **texts, phone=phone, status=status, position=position)


def _in_both(place: Place, name: str, title: str) -> LocalText:
    """Draw a text's two fields side by side, on a phone one below the other."""
    filled: LocalText = getattr(place, name)
    given = []
    for column, language in zip(st.columns(2), LANGUAGES, strict=True):
        label, key = f"{title} · {NAMES[language]}", form_key(place.slug, f"{name}_{language}")
        text = getattr(filled, language)
        with column:
            if name in AREA_PX:
                given.append(st.text_area(label, text, AREA_PX[name], LONG, key=key))
            else:
                given.append(st.text_input(label, text, SHORT, key=key))
    return LocalText(*given)


def _status(t: Translator, place: Place) -> PlaceStatus:
    key = partial(form_key, place.slug)
    status = place.status
    names = {
        PlaceState.OPEN: t("status.open"),
        PlaceState.CLOSED: t("status.closed"),
        PlaceState.CHECK: t("status.check"),
    }
    state = st.segmented_control(
        t("place_form.status"),
        list(PlaceState),
        format_func=names.get,
        default=status.state,
        key=key("state"),
        required=True,
    )
    note = _note(t, place)
    when, whence = st.columns(2)
    earliest, latest = date(1900, 1, 1), date(2100, 1, 1)
    as_of = when.date_input(t("place_form.as_of"), status.as_of, earliest, latest, key=key("as_of"))
    source = whence.text_input(t("place_form.source"), status.source, SHORT, key=key("source"))
    return PlaceStatus(state, note, as_of, source)


def _note(t: Translator, place: Place) -> LocalText:
    note = []
    for column, language in zip(st.columns(2), LANGUAGES, strict=True):
        label, key = f"{t('place_form.note')} · {NAMES[language]}", form_key(place.slug, f"note_{language}")
        note.append(column.text_input(label, getattr(place.status.note, language), LONG, key=key))
    return LocalText(*note)


def _where(t: Translator, place: Place, others: Sequence[Place], tiles: Tiles) -> tuple[float | None, float | None]:
    """Draw the two numbers and the map, which follow each other."""
    keys = form_key(place.slug, "latitude"), form_key(place.slug, "longitude")
    first = (place.position.latitude, place.position.longitude) if place.position else (None, None)
    fields = []
    limits = (90.0, 180.0)
    labels = (t("place_form.latitude"), t("place_form.longitude"))
    for column, key, degrees, limit, label in zip(st.columns(2), keys, first, limits, labels, strict=True):
        curate_state.start_field(key, degrees)
        fields.append(
            column.number_input(label, -limit, limit, None, STEP, "%.6f", key=key, placeholder=t("place_form.degrees"))
        )
    latitude, longitude = fields
    pin = Position(latitude, longitude) if latitude is not None and longitude is not None else None
    map_key = form_key(place.slug, "map")
    pick_position(t, pin, others, tiles, map_key, partial(_take, map_key, keys))
    return latitude, longitude


def _take(map_key: str, keys: tuple[str, str]) -> None:
    """Write into the number fields where the pin was put."""
    position = curate_state.picked(map_key)
    if position is not None:
        curate_state.set_field(keys[0], position.latitude)
        curate_state.set_field(keys[1], position.longitude)
