"""Which photos to review and in which order: read from the address, chosen in one row of widgets.

Everything chosen stands in the address, so that a reload, a bookmark and a colleague show the same photos. Without a
status in it the address means those that are still to be reviewed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

import streamlit as st

from core.db.places import UNKNOWN, UNSORTED
from core.domain.library import Concern, Facets, PhotoFilter, PhotoOrder
from core.domain.photo import PhotoStatus, Split
from core.domain.place import Place
from core.messages import Translator
from pages.ui import review_state

SIZES = (24, 48, 96)
ANY = "any"
WIDTH_PX = 190  # of a widget in the row; on a phone two stand side by side, see page.css
FILTERS = ("place", "status", "source", "licence", "split", "concern")
FURTHER = ("concern", "source", "licence", "split")  # those that stand in the folded part
OF_A_PAGE = ("page", "photo", "at")
Kind = TypeVar("Kind", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for. page: 1 for the first. photo, at: what is shown alone, and where it stands; or ""."""

    filter: PhotoFilter
    order: PhotoOrder
    size: int
    page: int
    photo: str
    at: int

    @property
    def first(self) -> int:
        """How many photos stand before this page."""
        return (self.page - 1) * self.size

    def on_page(self, page: int) -> "Wanted":
        """Return the same on another page."""
        return replace(self, page=page)


def wanted_in_address(run_id: str) -> Wanted:
    """Read the address; what it says that is none of ours means nothing."""
    status = review_state.in_address("status")
    return Wanted(
        PhotoFilter(
            place_slug=review_state.in_address("place") or None,
            status=None if status == ANY else _one_of(PhotoStatus, status) or PhotoStatus.NEW,
            source=review_state.in_address("source") or None,
            licence=review_state.in_address("licence") or None,
            split=_one_of(Split, review_state.in_address("split")),
            concern=_one_of(Concern, review_state.in_address("concern")),
            run_id=run_id,
        ),
        _one_of(PhotoOrder, review_state.in_address("order")) or PhotoOrder.NEWEST,
        next((size for size in SIZES if review_state.in_address("size") == str(size)), SIZES[1]),
        _number("page") or 1,
        review_state.in_address("photo"),
        _number("at"),
    )


def is_filtered() -> bool:
    """Whether the address names any filter."""
    return any(review_state.in_address(name) for name in FILTERS)


def clear_filters() -> None:
    """Go back to all photos that are still to be reviewed."""
    review_state.leave((*FILTERS, *OF_A_PAGE))


def show_all() -> None:
    """Go to all photos, whatever was decided about them."""
    clear_filters()
    review_state.go(status=ANY)


def show_filters(t: Translator, places: tuple[Place, ...], facets: Facets) -> None:
    """Draw the row of filters."""
    _select(t("review.filter.place"), "place", place_names(t, places, dict(facets.places)), in_row=True)
    _select(t("review.filter.status"), "status", {"": t("review.status.new"), **_statuses(t)}, in_row=True)
    _select(t("review.filter.order"), "order", order_names(t), in_row=True)
    chosen = sum(bool(review_state.in_address(name)) for name in FURTHER)
    label = t("review.filter.more_chosen", count=chosen) if chosen else t("review.filter.more")
    with st.popover(label, icon=":material/tune:", key="review-more"):
        _select(t("review.filter.concern"), "concern", {"": t("review.filter.any"), **concern_names(t)})
        _select(t("review.filter.source"), "source", {"": t("review.filter.any"), **_counted(facets.sources)})
        _select(t("review.filter.licence"), "licence", {"": t("review.filter.any"), **_counted(facets.licences)})
        _select(t("review.filter.split"), "split", {"": t("review.filter.any"), **split_names(t)})
        _select(t("review.filter.size"), "size", {"" if size == SIZES[1] else str(size): str(size) for size in SIZES})
    if is_filtered():
        st.button(t("review.clear"), type="tertiary", icon=":material/close:", on_click=clear_filters)


def _select(label: str, name: str, names: Mapping[str, str], in_row: bool = False) -> None:
    key = f"filter-{name}"
    here = review_state.in_address(name)
    if here not in names:  # a source that no photo has any more, or nonsense: show it as it is, and let it be changed
        names = {**names, here: here}
    review_state.follow_address(key, here)
    st.selectbox(
        label,
        list(names),
        format_func=lambda value: names.get(value, value),
        key=key,
        width=WIDTH_PX if in_row else "stretch",
        label_visibility="collapsed" if in_row else "visible",
        on_change=_choose,
        args=(name, key),
    )


def _choose(name: str, key: str) -> None:
    """Put into the address what was chosen, and go to the first page.

    Streamlit also calls this when a run was cut short, with a value that did not change: then nothing may happen.
    """
    value = review_state.chosen(key)
    if value != review_state.in_address(name):
        review_state.go(**{name: value, **dict.fromkeys(OF_A_PAGE, "")})


def place_names(t: Translator, places: tuple[Place, ...], photos: Mapping[str, int]) -> dict[str, str]:
    """Return what the filter of places offers, each with its number of photos."""
    names = {place.slug: place.name.get(t.language) for place in places if not place.retired or place.slug in photos}
    names |= {UNKNOWN: t("review.place.unknown"), UNSORTED: t("review.place.unsorted")}
    counted = {slug: f"{name} ({t.number(photos[slug])})" if slug in photos else name for slug, name in names.items()}
    return {"": t("review.filter.all_places"), **counted}


def _statuses(t: Translator) -> dict[str, str]:
    decided = {status.value: name for status, name in status_names(t).items() if status is not PhotoStatus.NEW}
    return {**decided, ANY: t("review.filter.any_status")}


def status_names(t: Translator) -> dict[PhotoStatus, str]:
    """Return what a photo's status is called."""
    return {
        PhotoStatus.NEW: t("review.status.new"),
        PhotoStatus.ACCEPTED: t("review.status.accepted"),
        PhotoStatus.REJECTED: t("review.status.rejected"),
        PhotoStatus.SET_ASIDE: t("review.status.set_aside"),
    }


def order_names(t: Translator) -> dict[str, str]:
    """Return what the orders are called; the first is meant when the address names none."""
    return {
        "": t("review.order.newest"),
        PhotoOrder.OLDEST.value: t("review.order.oldest"),
        PhotoOrder.DOUBTFUL.value: t("review.order.doubtful"),
        PhotoOrder.LOOK.value: t("review.order.look"),
    }


def concern_names(t: Translator) -> dict[str, str]:
    """Return what is striking about photos, in words."""
    return {
        Concern.DISAGREES.value: t("review.concern.disagrees"),
        Concern.NEAR_DUPLICATES.value: t("review.concern.near_duplicates"),
        Concern.TOO_SMALL.value: t("review.concern.too_small"),
        Concern.BLURRY.value: t("review.concern.blurry"),
        Concern.DARK.value: t("review.concern.dark"),
    }


def split_names(t: Translator) -> dict[str, str]:
    """Return what the parts of the data are called."""
    return {
        Split.TRAIN.value: t("review.split.train"),
        Split.VALIDATION.value: t("review.split.validation"),
        Split.TEST.value: t("review.split.test"),
    }


def _counted(values: tuple[tuple[str, int], ...]) -> dict[str, str]:
    return {value: f"{value} ({count:,})" for value, count in values}


def _one_of(kind: type[Kind], text: str) -> Kind | None:
    return next((member for member in kind if member.value == text), None)


def _number(name: str) -> int:
    text = review_state.in_address(name)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
