"""One photo of the library alone: large, with everything known about it, what models think, and what looks like it."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.dataset.removal import delete_photos
from core.dataset.sniff import EXTENSIONS
from core.domain.photo import PhotoRecord, PhotoStatus
from core.errors import EodiError, NotFound
from core.messages import Translator
from pages.ui import resources, review_state
from pages.ui.photo_facts import show_facts, show_history, show_opinion, show_visitors_word
from pages.ui.review_deeds import Desk, attempt, close, decide, destinations, notice, stays
from pages.ui.review_filters import Wanted, status_names
from pages.ui.review_grid import GridPage, show_grid
from pages.ui.review_tiles import picture_url, thumbnail_of, tile
from pages.ui.text import plain

SHOWN_PX = 1600  # the longer side: the widest column at a little under two device pixels each


def show_photo_alone(desk: Desk, key: str, wanted: Wanted, offered: Sequence[str]) -> None:
    """Draw the photo that the address names, or say that there is none."""
    st.button(
        desk.t("review.back"), icon=":material/arrow_back:", type="tertiary", on_click=lambda: close(desk), key="back"
    )
    try:
        record = resources.photos().get(wanted.photo)
    except NotFound:
        st.info(plain(desk.t("review.photo_gone")), icon=":material/info:")
        return
    picture, facts = st.columns([3, 2], gap="large")
    with picture:
        show_grid(desk.t, key_alone(key), _alone(desk, wanted, record), destinations(desk.names, list(offered)))
    with facts:
        show_facts(desk.t, record, desk.names)
        show_visitors_word(desk.t, record, desk.names)
        show_opinion(desk.t, record, wanted.filter.run_id, desk.names)
        _further_actions(desk, record)
        show_history(desk.t, record, desk.names)
    _look_alikes(desk, record)


def key_alone(key: str) -> str:
    """Return the key under which the grid asks that shows one photo alone, by that of the grid of all."""
    return f"{key}-alone"


def _alone(desk: Desk, wanted: Wanted, record: PhotoRecord) -> GridPage:
    total = resources.photos().count_matching(wanted.filter)
    at, number = wanted.at, desk.t.number
    return GridPage(
        token=record.sha256,
        photos=[{**tile(desk.t, record, desk.names, None), "group": "", "url": _picture(record)}],
        page=at,
        extent=desk.t("review.number", number=number(at), total=number(total)) if 0 < at <= total else "",
        has_before=at > 1,
        has_after=0 < at < total,
        can_undo=bool(desk.memory.decided),
        stays=stays(wanted, desk.names),
        handled=desk.memory.handled,
        notice=notice(desk),
        alone=True,
    )


def _picture(record: PhotoRecord) -> str:
    try:
        content = resources.reviewed_photo(record.sha256, EXTENSIONS[record.format], SHOWN_PX)
    except EodiError:
        return ""
    return picture_url(content, "image/jpeg")


def _further_actions(desk: Desk, record: PhotoRecord) -> None:
    with st.container(horizontal=True, key="review-further"):
        if record.status is not PhotoStatus.NEW and st.button(desk.t("review.reopen"), icon=":material/replay:"):
            _do(desk, "reopen", [record.sha256], {})
        with st.popover(desk.t("review.delete"), icon=":material/delete:"):
            st.markdown(plain(desk.t("review.delete_what")))
            if st.button(desk.t("review.delete_now"), type="primary", key="delete-now"):
                attempt(desk, lambda: _delete(desk, record))
                st.rerun()


def _do(desk: Desk, kind: str, sha256s: list[str], action: dict[str, Any]) -> None:
    attempt(desk, lambda: decide(desk, kind, sha256s, action, stay=True))
    st.rerun()


def _delete(desk: Desk, record: PhotoRecord) -> None:
    delete_photos([record.sha256], resources.library())
    resources.forget_photo()
    close(desk)
    desk.memory.say(desk.t("review.said.deleted"))


def _look_alikes(desk: Desk, record: PhotoRecord) -> None:
    """Draw the near-duplicates, this one first, each with a button that keeps it and rejects the others."""
    alike = resources.photos().look_alikes(record.sha256)
    if not alike:
        return
    st.subheader(desk.t("review.alike"), anchor=False)
    together = (record, *alike)
    grid = st.grid(4, min_column_width=150, gap="medium", key="review-alike")
    for one in together:
        with grid.cell():
            _alike(desk, one, record, [other.sha256 for other in together if other.sha256 != one.sha256])


def _alike(desk: Desk, one: PhotoRecord, shown: PhotoRecord, others: list[str]) -> None:
    t = desk.t
    content = thumbnail_of(one)
    if content:
        st.image(content, width="stretch", alt=t("review.alike_alt"))
    else:
        st.caption(plain(t("review.missing")))
    st.markdown(f"**{plain(desk.names.get(one.place_slug or '', one.place_slug or ''))}**")
    st.caption(plain(_in_short(t, one)))
    if one.sha256 != shown.sha256:
        st.button(t("review.show"), type="tertiary", key=f"show-{one.sha256}", on_click=_go_to, args=(one.sha256,))
    if st.button(t("review.keep_this"), key=f"keep-{one.sha256}", help=t("review.keep_what")):
        _do(desk, "reject", others, {"reason": "duplicate"})


def _go_to(sha256: str) -> None:
    review_state.go(photo=sha256, at="")


def _in_short(t: Translator, record: PhotoRecord) -> str:
    size = f"{record.width_px} × {record.height_px}"
    return " · ".join(filter(None, (status_names(t)[record.status], size, record.source)))
