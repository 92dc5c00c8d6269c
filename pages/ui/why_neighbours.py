"""The known photos that look most like a visitor's: evidence, as small pictures where they may be shown or in words."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from core.dataset.place_picture import may_be_shown
from core.domain.answer import Identification, Neighbour
from core.domain.photo import PhotoRecord
from core.gallery.few import BETTER_WITH
from core.messages import Translator
from pages.ui import resources
from pages.ui.access import may_curate
from pages.ui.review_tiles import thumbnail_of
from pages.ui.text import plain

SHOWN = 6
THUMBNAIL_PX = 140


def show_neighbours(t: Translator, answer: Identification) -> None:
    """Draw the most similar known photos."""
    if answer.known_from and answer.place is not None:
        place = answer.place.name.get(t.language)
        st.markdown(plain(t("why.known_from", place=place, photos=answer.known_from, better=BETTER_WITH)))
    if not answer.neighbours:
        return
    st.markdown(f"**{plain(t('why.neighbours'))}**")
    near = answer.neighbours[:SHOWN]
    names = {place.class_id: place.name.get(t.language) for place in resources.places().list(include_retired=True)}
    pictures = shown_pictures(near)
    if pictures:
        with st.container(horizontal=True, gap="small", key="why-neighbours"):
            for neighbour in near:
                if neighbour.sha256 in pictures:
                    _picture(t, neighbour, pictures[neighbour.sha256], names)
    rest = [neighbour for neighbour in near if neighbour.sha256 not in pictures]
    if rest:
        st.caption(plain(_in_words(t, rest, names, some_shown=bool(pictures))))


def shown_pictures(near: Sequence[Neighbour]) -> dict[str, tuple[PhotoRecord, bytes]]:
    """Return row and thumbnail by hash of those that whoever looks may see: visitors only what is free or their host's.

    What was deleted from the library, or never was in it, is not among them.
    """
    everything = may_curate()
    found = {}
    for record in resources.photos().get_many([neighbour.sha256 for neighbour in near]):
        thumbnail = thumbnail_of(record) if everything or may_be_shown(record) else None
        if thumbnail is not None:
            found[record.sha256] = (record, thumbnail)
    return found


def _picture(t: Translator, neighbour: Neighbour, found: tuple[PhotoRecord, bytes], names: dict[int, str]) -> None:
    record, thumbnail = found
    name = _name(t, neighbour, names)
    with st.container(width=THUMBNAIL_PX, gap=None):
        st.image(thumbnail, width=THUMBNAIL_PX, alt=t("why.neighbour_alt", place=name))
        st.caption(plain(t("why.neighbour", place=name, similarity=t.number(neighbour.similarity, 2))))
        if record.author:
            st.caption(plain(t("why.author", author=record.author)))


def _name(t: Translator, neighbour: Neighbour, names: dict[int, str]) -> str:
    if neighbour.class_id is None:
        return t("metrics.no_known_place")
    return names.get(neighbour.class_id, str(neighbour.class_id))


def _in_words(t: Translator, rest: Sequence[Neighbour], names: dict[int, str], some_shown: bool) -> str:
    """Say which places the photos are of that cannot be shown."""
    counts = Counter(_name(t, neighbour, names) for neighbour in rest)
    places = ", ".join(t("why.count", place=name, count=count) for name, count in counts.most_common())
    highest = t.number(max(neighbour.similarity for neighbour in rest), 2)
    key = "why.more_without_picture" if some_shown else "why.without_picture"
    return t(key, places=places, highest=highest)
