"""Which photo stands for a place: its accepted photos of known terms, each with author and licence; one click chooses.

Photos whose licence is unknown are never shown to visitors, so they cannot be chosen; how many are left out is said.
"""

import streamlit as st

from core.dataset.place_picture import may_be_shown, picture_of
from core.dataset.thumbnails import thumbnail
from core.domain.library import PhotoFilter
from core.domain.photo import PhotoRecord, PhotoStatus
from core.domain.place import Place, PlacePicture
from core.errors import EodiError
from core.messages import Translator
from pages.ui import curate_state, resources
from pages.ui.place_card import show_picture
from pages.ui.text import plain

CELL_PX = 140
PER_PAGE = 12
LOOKED_AT = 600  # photos of one place that can be chosen among


def choose_picture(t: Translator, place: Place, key: str) -> PlacePicture | None:
    """Draw the picture there is and the photos that could take its place; return the one that is chosen.

    key: under which the choice is kept until the form is saved or left.
    """
    curate_state.start_field(key, place.picture)
    chosen: PlacePicture | None = curate_state.field(key)
    st.markdown(f"**{t('picture_choice.title')}**")
    now, buttons = st.columns([1, 2])
    with now:
        show_picture(t, place, chosen)
    with buttons:
        st.caption(plain(_credit(t, chosen)))
        if chosen is not None and st.button(t("picture_choice.none"), key=f"{key}-none"):
            curate_state.set_field(key, None)
            st.rerun()
    _show_photos(t, place, key, chosen)
    return chosen


def _credit(t: Translator, picture: PlacePicture | None) -> str:
    if picture is None:
        return t("picture_choice.has_none")
    return t("picture.credit", author=picture.author or t("picture_choice.nobody"), licence=picture.licence)


def _show_photos(t: Translator, place: Place, key: str, chosen: PlacePicture | None) -> None:
    accepted = PhotoFilter(place_slug=place.slug, status=PhotoStatus.ACCEPTED)
    found = resources.photos().find(accepted, limit=LOOKED_AT)
    photos = [record for record in found if may_be_shown(record)]
    if len(photos) < len(found):
        st.caption(plain(t("picture_choice.left_out", n=len(found) - len(photos))))
    if not photos:
        st.caption(plain(t("picture_choice.no_photos")))
        return
    page = 1
    if len(photos) > PER_PAGE:
        page = st.pagination(-(-len(photos) // PER_PAGE), key=f"{key}-page")
    grid = st.grid(6, min_column_width=CELL_PX, gap="small", key="picture-choice")
    for record in photos[(page - 1) * PER_PAGE : page * PER_PAGE]:
        with grid.cell():
            _cell(t, record, key, chosen)


def _cell(t: Translator, record: PhotoRecord, key: str, chosen: PlacePicture | None) -> None:
    picture = picture_of(record)
    try:
        st.image(thumbnail(record, resources.library()), width="stretch", alt=record.original_name)
    except EodiError:
        st.caption(plain(t("picture_choice.gone")))
        return
    st.caption(plain(_credit(t, picture)))
    is_chosen = chosen is not None and chosen.file == picture.file
    label = t("picture_choice.chosen") if is_chosen else t("picture_choice.choose")
    if st.button(label, key=f"{key}-{record.sha256}", disabled=is_chosen):
        curate_state.set_field(key, picture)
        st.rerun()
