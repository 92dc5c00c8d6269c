"""Edit the parts of a place that boxes are drawn around: names, colour, order. A part's number never changes."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.db.labels import COLOURS
from core.domain.label import Label
from core.domain.place import LocalText
from core.errors import EodiError
from core.messages import Translator
from pages.ui import label_state, resources
from pages.ui.frame import show_error
from pages.ui.text import plain

PLACE = "parts-place"
NEW = "parts-new"


def show_parts(t: Translator) -> None:
    """Draw the parts of the chosen place, and what adds one."""
    st.markdown(t("label.parts.what"))
    places = resources.places().list()
    if not places:
        st.info(t("welcome.empty"))
        return
    names = {place.slug: place.name.get(t.language) for place in places}
    slug = st.selectbox(t("label.place"), list(names), format_func=lambda one: plain(names[one]), key=PLACE, width=320)
    labels = resources.labels().list(slug, include_retired=True)
    offered = [label for label in labels if not label.retired]
    if not offered:
        st.info(t("label.parts.empty"))
    for position, label in enumerate(offered):
        _show_label(t, label, offered, position)
    _show_new(t, slug)
    _show_retired(t, [label for label in labels if label.retired])


def _show_label(t: Translator, label: Label, offered: list[Label], position: int) -> None:
    keys = f"part-{label.label_id}-"
    with st.container(border=True, key=f"part-{label.label_id}"):
        colour, korean, english = st.columns([1, 4, 4], vertical_alignment="bottom")
        new_colour = colour.color_picker(t("label.parts.colour"), label.colour, key=f"{keys}colour")
        ko = korean.text_input(t("label.parts.name_ko"), label.name.ko, key=f"{keys}ko")
        en = english.text_input(t("label.parts.name_en"), label.name.en, key=f"{keys}en")
        st.caption(plain(t("label.parts.facts", place=position + 1, slug=label.slug, number=label.label_id)))
        with st.container(horizontal=True):
            changed = replace(label, name=LocalText(ko, en), colour=new_colour.lower())
            if st.button(t("label.parts.save"), key=f"{keys}save", disabled=changed == label, type="primary"):
                _do(t, lambda: resources.labels().update(changed), label)
            for step, words, icon in (
                (-1, t("label.parts.up"), "arrow_upward"),
                (1, t("label.parts.down"), "arrow_downward"),
            ):
                outside = not 0 <= position + step < len(offered)
                if st.button(words, key=f"{keys}{step}", icon=f":material/{icon}:", disabled=outside):
                    _do(t, lambda step=step: _move(offered, position, step), label)
            if st.button(t("label.parts.retire"), key=f"{keys}retire", help=t("label.parts.retire.what")):
                _do(t, lambda: resources.labels().retire(label.label_id), label)


def _move(offered: list[Label], position: int, step: int) -> None:
    order = [label.label_id for label in offered]
    order[position], order[position + step] = order[position + step], order[position]
    resources.labels().reorder(offered[0].place_slug, order)


def _do(t: Translator, deed: Callable[[], object], label: Label | None = None) -> None:
    """Do it and draw the page anew, or say why not."""
    try:
        deed()
    except EodiError as error:
        show_error(error, t.language)
        return
    if label is not None:
        label_state.forget(f"part-{label.label_id}-")
    st.rerun()


def _show_new(t: Translator, place_slug: str) -> None:
    used = len(resources.labels().list(include_retired=True))
    with st.form(f"{NEW}-{place_slug}-{used}", border=True):
        st.markdown(f"**{t('label.parts.new')}**")
        colour, korean, english = st.columns([1, 4, 4], vertical_alignment="bottom")
        new_colour = colour.color_picker(t("label.parts.colour"), COLOURS[used % len(COLOURS)])
        ko = korean.text_input(t("label.parts.name_ko"))
        en = english.text_input(t("label.parts.name_en"))
        slug = st.text_input(t("label.parts.slug"), help=t("label.parts.slug.what"), placeholder=f"{place_slug}-tower")
        if st.form_submit_button(t("label.parts.add"), type="primary"):
            _do(t, lambda: resources.labels().add(place_slug, slug.strip(), LocalText(ko, en), new_colour.lower()))


def _show_retired(t: Translator, retired: list[Label]) -> None:
    if not retired:
        return
    with st.expander(t("label.parts.retired", count=len(retired))):
        for label in retired:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(plain(label.name.get(t.language)), width="stretch")
                if st.button(t("label.parts.restore"), key=f"part-{label.label_id}-restore"):
                    _do(t, lambda label=label: resources.labels().update(replace(label, retired=False)), label)
