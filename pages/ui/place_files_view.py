"""The catalogue in and out as one CSV or YAML file: what a file would do is shown first, then done or not at all."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.dataset.place_files import PlacePlan, apply_places, plan_places, write_places
from core.domain.place import Place
from core.errors import EodiError
from core.messages import Translator, describe
from pages.ui import curate_state, resources
from pages.ui.frame import show_error
from pages.ui.text import plain

TYPES = ("csv", "yaml", "yml")
NAMES_SHOWN, FAULTS_SHOWN = 20, 50
FILE_NAME = "eodi-places"


def show_place_files(t: Translator) -> None:
    """Draw both ways."""
    st.title(t("place_files.title"), anchor=False)
    _export(t)
    _import(t)


def _export(t: Translator) -> None:
    places = resources.places().list(include_retired=True)
    st.subheader(t("place_files.export"), anchor=False)
    st.caption(plain(t("place_files.export_what", count=len(places))))
    with st.container(horizontal=True):
        for ending, mime in (("csv", "text/csv"), ("yaml", "application/yaml")):
            name = f"{FILE_NAME}.{ending}"
            label = t("place_files.download", form=ending.upper())
            content = partial(write_places, name, places)
            st.download_button(label, content, name, mime, icon=":material/download:", on_click="ignore")


def _import(t: Translator) -> None:
    st.subheader(t("place_files.import"), anchor=False)
    st.caption(plain(t("place_files.import_what")))
    with st.container(key="place-file"):
        given = st.file_uploader(t("place_files.file"), TYPES, key="place-file-upload", label_visibility="collapsed")
    if given is None:
        return
    try:
        plan = plan_places(given.name, given.getvalue(), resources.places())
    except EodiError as error:
        show_error(error, t.language)
        return
    _show_plan(t, plan)


def _show_plan(t: Translator, plan: PlacePlan) -> None:
    if plan.faults:
        st.error(plain(t("place_files.faults", n=len(plan.faults))), icon=":material/info:")
        lines = [f"{plan.file}:{fault.line} {describe(fault.error, t.language)}" for fault in plan.faults]
        st.markdown("\n".join(f"- {plain(line)}" for line in lines[:FAULTS_SHOWN]))
        return
    st.markdown(
        plain(t("place_files.plan", added=len(plan.added), changed=len(plan.changed), same=len(plan.unchanged)))
    )
    _list(t, t("place_files.added"), plan.added)
    _list(t, t("place_files.changed"), plan.changed)
    if not (plan.added or plan.changed):
        return
    if not st.button(t("place_files.confirm"), type="primary"):
        return
    try:
        apply_places(plan, resources.places())
    except EodiError as error:
        show_error(error, t.language)
        return
    curate_state.leave_notice(t("place_files.done", n=len(plan.added) + len(plan.changed)))
    curate_state.open_task("")
    st.rerun()


def _list(t: Translator, title: str, places: Sequence[Place]) -> None:
    if not places:
        return
    lines = [f"- {plain(place.name.get(t.language))} ({plain(place.slug)})" for place in places[:NAMES_SHOWN]]
    if len(places) > NAMES_SHOWN:
        lines.append(f"- {plain(t('place_files.and_more', count=len(places) - NAMES_SHOWN))}")
    st.markdown(f"**{title}**\n" + "\n".join(lines))
