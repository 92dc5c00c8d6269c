"""Draw boxes: which photos, how far, the canvas. It runs by itself, so that a save redraws only this part."""

from collections.abc import Sequence

import streamlit as st

from core.dataset.label_rules import find_faults
from core.dataset.suggestions import merge_suggestions
from core.db.places import UNKNOWN
from core.domain.label import Box, BoxFault, BoxOrigin, Label, LabelOrder, PhotoLabels, WorkOrder
from core.domain.photo import PhotoRecord
from core.errors import EodiError, NotFound, PhotoRefused, StorageUnavailable
from core.messages import Translator
from pages.ui import label_state, resources
from pages.ui.access import current_actor
from pages.ui.box_canvas import CanvasLabel, CanvasPhoto, CanvasView, box_canvas, read_request
from pages.ui.frame import STYLES, show_error, worded
from pages.ui.label_desk import Desk, begin_anew, carry_out, go_on, open_photo
from pages.ui.label_pictures import SHARP_PX, put_picture, source_key
from pages.ui.label_progress import show_progress
from pages.ui.label_state import LabelMemory
from pages.ui.label_words import canvas_words, fault_words, reason_words
from pages.ui.text import plain

KEYS = 9
ALL_PLACES = ""
LOOK_AHEAD = 12
WIDE_PX = 270


@st.fragment
def show_labelling(t: Translator) -> None:
    """Draw this part of the page."""
    st.html(STYLES / "label.css")
    with worded(t.language):
        memory = label_state.memory()
        desk = make_desk(memory)
        work = st.container(key="label-work", horizontal=True, vertical_alignment="center")
        _follow_address(memory, desk)
        record = _shown_record(memory)
        _draw_canvas(t, desk, memory, record)
        with work:  # after the canvas, which waits to hear "saved"
            _choose_work(t, desk, memory)
            show_progress(t, memory.place, desk.actor)
        if record is None:
            st.info(_empty_words(t, memory))
        else:
            _put_pictures(t, memory, desk, record)


def make_desk(memory: LabelMemory) -> Desk:
    """Put together what labelling needs."""
    actor = current_actor()
    holder = label_state.holder(actor)
    return Desk(resources.boxes(), resources.labels(), resources.photos(), actor, holder, lambda: _order(memory))


def _order(memory: LabelMemory) -> WorkOrder:
    return WorkOrder(memory.order, resources.detector_in_service(), resources.run_in_service())


def _on_request(t: Translator) -> None:
    """Carry out what the canvas asked, before this part of the page is drawn anew."""
    memory = label_state.memory()
    try:
        request = read_request(label_state.request_of_canvas())
    except EodiError as error:
        show_error(error, t.language)
        return
    if request is not None:
        carry_out(request, memory, make_desk(memory), t)


def _choose_work(t: Translator, desk: Desk, memory: LabelMemory) -> None:
    """Draw the choice of place and order; a new choice begins with its first photo."""
    names = _place_names(t, desk)
    if (memory.place or ALL_PLACES) not in names:
        memory.place = None
    label_state.follow(label_state.PLACE_WIDGET, memory.place or ALL_PLACES)
    label_state.follow(label_state.ORDER_WIDGET, memory.order)
    orders = {
        LabelOrder.ARRIVAL: t("label.order.arrival"),
        LabelOrder.PLACE: t("label.order.place"),
        LabelOrder.UNSURE: t("label.order.unsure"),
        LabelOrder.DISAGREE: t("label.order.disagree"),
    }
    offered = list(orders) if desk.order().detector_run else [LabelOrder.ARRIVAL, LabelOrder.PLACE]
    st.selectbox(
        t("label.place"),
        list(names),
        format_func=lambda slug: names[slug],
        key=label_state.PLACE_WIDGET,
        on_change=_begin_anew,
        label_visibility="collapsed",
        width=WIDE_PX,
    )
    st.selectbox(
        t("label.order"),
        offered,
        format_func=lambda order: orders[order],
        key=label_state.ORDER_WIDGET,
        on_change=_begin_anew,
        label_visibility="collapsed",
        width=WIDE_PX,
    )


def _place_names(t: Translator, desk: Desk) -> dict[str, str]:
    """Return the places that have photos to label, each with how far it is."""
    progress = desk.boxes.progress_by_place()
    names = {place.slug: place.name.get(t.language) for place in resources.places().list()}
    unknown = desk.boxes.progress(UNKNOWN)
    choices = {ALL_PLACES: t("label.place.all")}
    for slug, one in [*progress.items(), *([(UNKNOWN, unknown)] if unknown.photos else [])]:
        name = t("label.place.unknown") if slug == UNKNOWN else names.get(slug, slug)
        choices[slug] = plain(t("label.place.progress", place=name, done=one.decided, photos=one.photos))
    return choices


def _begin_anew() -> None:
    memory = label_state.memory()
    wanted = (label_state.chosen(label_state.PLACE_WIDGET) or None, label_state.chosen(label_state.ORDER_WIDGET))
    if wanted == (memory.place, memory.order):
        return  # Streamlit tells of a change, too, when a run is cut short in which the widget was set
    memory.place, memory.order = wanted
    begin_anew(memory, make_desk(memory))


def _follow_address(memory: LabelMemory, desk: Desk) -> None:
    """Show what the address names when a person changed it, else make the address name what is shown."""
    asked = label_state.photo_in_address()
    if asked and asked != memory.addressed:
        open_photo(asked, memory, desk)
    elif not memory.shown:
        go_on(memory, desk)
    memory.addressed = memory.shown
    label_state.put_photo_in_address(memory.shown)


def _shown_record(memory: LabelMemory) -> PhotoRecord | None:
    found = resources.photos().get_many([memory.shown]) if memory.shown else ()
    return found[0] if found else None


def _empty_words(t: Translator, memory: LabelMemory) -> str:
    return t("label.empty.place") if memory.place else t("label.empty")


def _draw_canvas(t: Translator, desk: Desk, memory: LabelMemory, record: PhotoRecord | None) -> None:
    standing = desk.boxes.get(record.sha256) if record else None
    every = desk.labels.list(include_retired=True)
    view = CanvasView(
        words=canvas_words(t),
        photo=_canvas_photo(t, memory, record) if record else None,
        labels=_canvas_labels(t, every, record.place_slug if record else None),
        standing=standing,
        answer=memory.answer,
        suggestions=_suggestions(record, standing) if record and standing else (),
        previous=memory.copied,
        faults=_faults(t, standing, record, every) if record and standing else (),
        reasons=reason_words(t),
        has_previous=memory.at > 0,
        work=f"{memory.place} {memory.order}",
    )
    box_canvas(view, label_state.CANVAS_KEY, lambda: _on_request(t))


def _canvas_photo(t: Translator, memory: LabelMemory, record: PhotoRecord) -> CanvasPhoto:
    sharp = source_key(record.sha256, SHARP_PX) if memory.sharp == record.sha256 else ""
    source = source_key(record.sha256)
    parts = [record.original_name, record.author, record.licence or t("label.no_licence")]
    credit = " · ".join(part for part in parts if part)
    return CanvasPhoto(record.sha256, record.width_px, record.height_px, source, sharp, credit, locked=memory.locked)


def _canvas_labels(t: Translator, every: Sequence[Label], place_slug: str | None) -> list[CanvasLabel]:
    """Return all labels, those of the photo's place with keys; a box of another place's label still has a name."""
    own = [label.label_id for label in every if label.place_slug == place_slug and not label.retired]
    return [
        CanvasLabel(
            label.label_id,
            label.name.get(t.language),
            label.colour,
            own.index(label.label_id) + 1 if label.label_id in own[:KEYS] else 0,
            offered=label.label_id in own,
        )
        for label in every
    ]


def _suggestions(record: PhotoRecord, standing: PhotoLabels) -> list[tuple[Box, float]]:
    """Return what the detector in service offers; its numbers are only for this run of the canvas."""
    offered = merge_suggestions(standing.boxes, resources.suggestions(record))
    return [
        (Box(f"{number:032x}", one.label_id, one.xyxyn, BoxOrigin.ACCEPTED), one.confidence)
        for number, one in enumerate(offered)
    ]


def _faults(
    t: Translator, standing: PhotoLabels, record: PhotoRecord, every: Sequence[Label]
) -> list[tuple[BoxFault, str]]:
    faults = find_faults(standing, record, {label.label_id: label for label in every})
    return [(fault, fault_words(t, fault)) for fault in faults]


def _put_pictures(t: Translator, memory: LabelMemory, desk: Desk, record: PhotoRecord) -> None:
    """Put the shown photo's picture, its larger one where that was asked for, and the next photo's."""
    with st.container(key="label-sources"):
        try:
            put_picture(record)
            if memory.sharp == record.sha256:
                put_picture(record, SHARP_PX)
        except (NotFound, PhotoRefused, StorageUnavailable) as error:
            show_error(error, t.language)
            return
        ahead = [sha for sha in desk.boxes.queue(memory.place, desk.order(), LOOK_AHEAD) if sha not in memory.way]
        for follower in resources.photos().get_many(ahead[:1]):
            try:
                put_picture(follower)
            except (NotFound, PhotoRefused, StorageUnavailable):
                return  # said when its turn comes
