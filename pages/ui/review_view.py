"""Review the library: a row of filters, a grid of photos, decisions by mouse, keys and touch; or one photo alone."""

from collections.abc import Collection

import streamlit as st

from core.db.places import UNKNOWN, UNSORTED
from core.domain.library import PhotoOrder
from core.domain.place import Place
from core.messages import Translator
from pages.ui import resources, review_filters, review_state
from pages.ui.photo_detail import key_alone, show_photo_alone
from pages.ui.review_deeds import Desk, attempt, carry_out, destinations, held_pictures, notice, stays, undo
from pages.ui.review_filters import Wanted, wanted_in_address
from pages.ui.review_grid import GridPage, show_grid
from pages.ui.review_tiles import TileLook, tiles
from pages.ui.text import plain


def show_review(t: Translator) -> None:
    """Carry out what was asked for, then draw the photos that the address asks for."""
    places = resources.places().list(include_retired=True)
    run_id = resources.run_in_service()
    desk = Desk(t, names_of(t, places), lambda: wanted_in_address(run_id), review_state.memory())
    key = f"review-grid-{t.language}"
    asked = review_state.asked(key)
    for one in (asked, review_state.asked(key_alone(key))):
        carry_out(desk, one)
    wanted = desk.read()
    with st.container(key="review"):
        if wanted.photo:
            show_photo_alone(desk, key, wanted, offered(places))
        else:
            _show_page(desk, key, wanted, held_pictures(asked))


def names_of(t: Translator, places: tuple[Place, ...]) -> dict[str, str]:
    """Return what each place is called, "unknown", "unsorted" and "" for unsorted among them."""
    names = {place.slug: place.name.get(t.language) for place in places}
    unsorted = t("review.place.unsorted")
    return names | {UNKNOWN: t("review.place.unknown"), UNSORTED: unsorted, "": unsorted}


def offered(places: tuple[Place, ...]) -> list[str]:
    """Return the places that photos can be moved to."""
    return [place.slug for place in places if not place.retired]


def _show_page(desk: Desk, key: str, wanted: Wanted, there: Collection[str]) -> None:
    places = resources.places().list(include_retired=True)
    facets = resources.photos().facets()
    total = resources.photos().count_matching(wanted.filter)
    if not facets.places:
        _no_photos(desk.t)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="review-filters"):
        review_filters.show_filters(desk.t, places, facets)
    if total == 0:
        _nothing_matches(desk)
        return
    wanted = wanted.on_page(min(wanted.page, -(-total // wanted.size)))
    show_grid(desk.t, key, _grid_page(desk, wanted, total, there), destinations(desk.names, offered(places)))
    desk.memory.focus = ""


def _grid_page(desk: Desk, wanted: Wanted, total: int, there: Collection[str]) -> GridPage:
    records = resources.photos().find(wanted.filter, wanted.order, wanted.size, wanted.first)
    opinions = resources.opinions().get_many([record.sha256 for record in records], wanted.filter.run_id)
    last = wanted.first + len(records)
    number = desk.t.number
    return GridPage(
        token=f"{wanted.filter}{wanted.order}{wanted.first}/{wanted.size}",
        photos=tiles(
            desk.t,
            records,
            desk.names,
            opinions,
            TileLook(wanted.filter.place_slug is not None, wanted.order is PhotoOrder.LOOK, there),
        ),
        page=wanted.page,
        extent=desk.t("review.range", first=number(wanted.first + 1), last=number(last), total=number(total)),
        has_before=wanted.page > 1,
        has_after=last < total,
        can_undo=bool(desk.memory.decided),
        stays=stays(wanted, desk.names),
        handled=desk.memory.handled,
        focus=desk.memory.focus,
        notice=notice(desk),
    )


def _no_photos(t: Translator) -> None:
    st.info(plain(t("review.no_photos")), icon=":material/photo_library:")
    st.button(t("review.to_import"), type="primary", on_click=review_state.go, kwargs={"view": "import"})


def _nothing_matches(desk: Desk) -> None:
    t = desk.t
    said = notice(desk)
    if said:
        st.caption(plain(said["text"]))
    only_status = not any(review_state.in_address(name) for name in review_filters.FILTERS)
    st.info(plain(t("review.all_done") if only_status else t("review.nothing_matches")), icon=":material/check:")
    with st.container(horizontal=True):
        if not only_status:
            st.button(t("review.clear"), on_click=review_filters.clear_filters)
        st.button(t("review.show_all"), on_click=review_filters.show_all)
        if desk.memory.decided and st.button(t("review.undo"), icon=":material/undo:"):
            attempt(desk, lambda: undo(desk))
            st.rerun()
