"""Photos that a run erred on: thumbnails of those that lie in the library, each leading to review or to its boxes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

import streamlit as st
from PIL import Image, ImageDraw

from core.domain.photo import PhotoRecord
from core.messages import Translator
from pages.ui import curate_state, resources
from pages.ui.links import link_to_boxes, link_to_photo
from pages.ui.review_tiles import thumbnail_of
from pages.ui.text import plain

AT_FIRST = 12
LINE_PX, DASH_PX = 3, 7
MISSED_RGB, WRONG_RGB, EDGE_RGB = (255, 176, 32), (255, 64, 129), (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Mark:
    """A box on a photo. corners: left, top, right, bottom as fractions of it; missed: it is there and was not found."""

    corners: tuple[float, float, float, float]
    missed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """One photo. words: what was said of it and what is true, in a line or two. marks: boxes to draw on it."""

    sha256: str
    words: str
    marks: tuple[Mark, ...] = ()


def show_gallery(t: Translator, key: str, photos: Sequence[Shown], to_boxes: bool = False) -> None:
    """Draw photos in their order, a few at first. key: of what remembers how many."""
    many = int(curate_state.field(f"gallery-{key}") or AT_FIRST)
    shown = photos[:many]
    records = {record.sha256: record for record in resources.photos().get_many([photo.sha256 for photo in shown])}
    grid = st.grid(4, min_column_width=150, gap="medium", key=f"grid-{key}")
    way = link_to_boxes if to_boxes else link_to_photo
    for photo in shown:
        with grid.cell():
            _photo(t, photo, records.get(photo.sha256), way)
    if len(photos) > many and st.button(t("metrics_page.more_photos", n=len(photos) - many), key=f"more-{key}"):
        curate_state.set_field(f"gallery-{key}", many + 2 * AT_FIRST)
        st.rerun(scope="app")


def _photo(
    t: Translator, photo: Shown, record: PhotoRecord | None, way: Callable[[Translator, str, str], None]
) -> None:
    content = thumbnail_of(record) if record is not None else None
    if content:
        st.image(marked(content, photo.marks) if photo.marks else content, width="stretch", alt=photo.words)
    st.caption(plain(photo.words))
    if record is None:
        st.caption(plain(t("metrics_page.not_in_library", photo=photo.sha256[:12])))
    else:
        way(t, photo.sha256, t("metrics_page.open_photo"))


def marked(thumbnail: bytes, marks: Sequence[Mark]) -> bytes:
    """Return a thumbnail with boxes drawn on it: a whole line where one is missed, a broken one where it is wrong."""
    with Image.open(BytesIO(thumbnail)) as opened:
        picture = opened.convert("RGB")
    draw = ImageDraw.Draw(picture)
    for mark in marks:
        left, top, right, bottom = (
            round(share * (side - 1)) for share, side in zip(mark.corners, picture.size * 2, strict=True)
        )
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        draw.line(corners, EDGE_RGB, LINE_PX + 2)
        draw.line(corners, MISSED_RGB if mark.missed else WRONG_RGB, LINE_PX)
        for along in [] if mark.missed else range(0, 2 * max(right - left, bottom - top), 2 * DASH_PX):
            for x, y in ((left + along, top), (left + along, bottom)):
                if x < right:
                    draw.line([(x, y), (min(x + DASH_PX, right), y)], EDGE_RGB, LINE_PX)
            for x, y in ((left, top + along), (right, top + along)):
                if y < bottom:
                    draw.line([(x, y), (x, min(y + DASH_PX, bottom))], EDGE_RGB, LINE_PX)
    content = BytesIO()
    picture.save(content, "WEBP", quality=85)
    return content.getvalue()
