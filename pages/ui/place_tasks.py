"""What a curator can do on the places page, as `?do=…` in the address: edit, add, files. Visitors see none of it."""

from functools import partial

import streamlit as st

from core.domain.place import Place
from core.errors import NotFound
from core.messages import Translator
from pages.ui import curate_state, resources
from pages.ui.links import link_to_all_places
from pages.ui.place_editor import show_place_adding, show_place_editing
from pages.ui.place_files_view import show_place_files
from pages.ui.place_form import PREFIX
from pages.ui.text import plain

ADD, EDIT, FILES = "add", "edit", "files"


def show_task(t: Translator, slug: str | None) -> bool:
    """Draw the task that the address names; False when it names none that can be done."""
    notice = curate_state.take_notice()
    if notice:
        st.success(plain(notice), icon=":material/check:")
    task = curate_state.task_in_address()
    if task == ADD:
        link_to_all_places(t)
        show_place_adding(t)
    elif task == FILES:
        link_to_all_places(t)
        show_place_files(t)
    elif task == EDIT and slug:
        try:
            place = resources.places().get(slug)
        except NotFound:
            return False
        link_to_all_places(t)
        show_place_editing(t, place)
    else:
        return False
    return True


def offer_tasks(t: Translator, place: Place | None) -> None:
    """Draw the buttons that begin a task: for one place, or for the whole catalogue."""
    with st.container(key="curating", horizontal=True):
        if place is not None:
            st.button(t("place_tasks.edit"), icon=":material/edit:", on_click=partial(_begin, EDIT, place.slug))
            return
        st.button(t("place_tasks.add"), icon=":material/add_location_alt:", on_click=partial(_begin, ADD))
        st.button(t("place_tasks.files"), icon=":material/table_view:", on_click=partial(_begin, FILES))
    retired = [place for place in resources.places().list(include_retired=True) if place.retired]
    if not retired:
        return
    with st.expander(t("place_tasks.retired", count=len(retired))):
        st.caption(plain(t("place_tasks.retired_what")))
        for gone in retired:
            label = plain(gone.name.get(t.language))
            st.button(label, key=f"retired-{gone.slug}", type="tertiary", on_click=partial(_begin, EDIT, gone.slug))


def _begin(task: str, slug: str = "") -> None:
    """Go to a task with an empty form, whatever was left in one before."""
    curate_state.forget_fields(PREFIX)
    curate_state.open_task(task, slug)
