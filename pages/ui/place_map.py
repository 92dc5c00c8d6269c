"""A map that needs no tiles: on Jeju a sketch of the island's coast, elsewhere rings around the place; north is up.

The coast is a sketch drawn by hand from general geographic knowledge (`outlines/jeju.json`), right to about a
kilometre: enough to see on which side of the island a place lies, not to find the way.
"""

import json
from collections.abc import Sequence
from functools import cache
from math import cos, pi, radians, sin
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from core.domain.place import EARTH_RADIUS_M, Nearby, NearbyKind, Place, Position
from core.messages import Translator
from pages.ui.chart_colours import colour_names, write_in_ink
from pages.ui.text import plain

OUTLINE = Path(__file__).parent / "outlines" / "jeju.json"
JEJU = (33.15, 33.60, 126.10, 127.00)  # south, north, west, east of what the sketch shows, in degrees
JEJU_MIDDLE = 126.55  # longitude
RINGS_KM = (1, 5, 10)
RING_POINTS = 72
HEIGHT_PX = 320
PLACE_SIZE, POINT_SIZE = 120, 45  # areas of the marks, in square pixels
NAME_TURNS_AT = (
    0.25  # degrees of longitude from the island's middle beyond which a centred name would leave the picture
)
GROUND = "#8b958f"  # a grey of 3:1 or more against both themes' backgrounds
SHAPES = ("circle", "square", "triangle-up", "diamond", "circle")  # of the place, the kinds, and of nothing


def show_map(t: Translator, place: Place, position: Position, nearby: Sequence[Nearby]) -> None:
    """Draw where a place lies and what lies near it."""
    name = place.name.get(t.language)
    st.altair_chart(place_map(t, name, position, nearby), width="stretch", alt=t("map.alt", place=name))
    st.caption(plain(t("map.sketch") if is_on_jeju(position) else t("map.rings")))


def is_on_jeju(position: Position) -> bool:
    """Whether the sketch of Jeju has this position on it."""
    south, north, west, east = JEJU
    return south <= position.latitude <= north and west <= position.longitude <= east


def place_map(t: Translator, name: str, position: Position, nearby: Sequence[Nearby]) -> alt.LayerChart:
    """Return the map as a chart: the ground, the points near by, the place with its name."""
    ground = [_island()] if is_on_jeju(position) else [_rings(position), _ring_names(t, position)]
    points = map_points(t, name, position, nearby)
    kinds = [name, *_kind_titles(t).values()]
    layers = [*ground, _marks(t, kinds, points), _name_of_place(position, kinds, points)]
    chart = alt.layer(*layers).project("mercator").properties(height=HEIGHT_PX)
    return chart.resolve_scale(color="independent", shape="independent")  # the text's colour is no entry of the legend


def map_points(t: Translator, name: str, position: Position, nearby: Sequence[Nearby]) -> pd.DataFrame:
    """Return a row per mark, the place last so that it lies on top: `name`, `kind`, `size`, position, `distance`."""
    titles = _kind_titles(t)
    rows = [
        (near.point.name.get(t.language), titles[near.point.kind], POINT_SIZE, near.point.position, near.distance_m)
        for near in nearby
    ]
    rows.append((name, name, PLACE_SIZE, position, 0.0))
    return pd.DataFrame(
        [(n, kind, size, p.longitude, p.latitude, t.distance(far)) for n, kind, size, p, far in rows],
        columns=["name", "kind", "size", "longitude", "latitude", "distance"],
    )


def _kind_titles(t: Translator) -> dict[NearbyKind, str]:
    return {
        NearbyKind.SIGHT: t("nearby.sight"),
        NearbyKind.FOOD: t("nearby.food"),
        NearbyKind.LODGING: t("nearby.lodging"),
    }


def _marks(t: Translator, kinds: list[str], points: pd.DataFrame) -> alt.Chart:
    """Draw a mark per point; the theme's first colour, the accent, is the place's."""
    domain = colour_names(kinds)  # one domain for colour and shape, or there would be two legends
    shown = [kind for kind in kinds if kind in set(points["kind"])]
    legend = alt.Legend(title=None, orient="bottom", values=shown, labelLimit=150, symbolSize=90, columns=4)
    return (
        alt.Chart(points)
        .mark_point(filled=True, opacity=0.95)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            size=alt.Size("size:Q", scale=None, legend=None),
            color=alt.Color("kind:N", scale=alt.Scale(domain=domain), legend=legend),
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=domain, range=list(SHAPES)), legend=legend),
            tooltip=[
                alt.Tooltip("name:N", title=t("map.name")),
                alt.Tooltip("kind:N", title=t("map.kind")),
                alt.Tooltip("distance:N", title=t("map.distance")),
            ],
        )
    )


def _name_of_place(position: Position, kinds: list[str], points: pd.DataFrame) -> alt.Chart:
    """Write the place's name on the side where fewer other marks lie, and inside the picture."""
    align = "center"
    if is_on_jeju(position) and abs(position.longitude - JEJU_MIDDLE) > NAME_TURNS_AT:
        align = "right" if position.longitude > JEJU_MIDDLE else "left"
    in_the_north = (points["latitude"] > position.latitude).sum()
    in_the_south = (points["latitude"] < position.latitude).sum()
    dy = -20 if in_the_north <= in_the_south else 20
    text = alt.Chart(points.tail(1)).mark_text(dy=dy, align=align, fontWeight="bold", fontSize=13)
    return write_in_ink(text.encode(longitude="longitude:Q", latitude="latitude:Q", text="name:N"), kinds)


@cache
def _outline() -> dict[str, Any]:
    outline: dict[str, Any] = json.loads(OUTLINE.read_text(encoding="utf-8"))
    return outline


def _island() -> alt.Chart:
    return alt.Chart(alt.Data(values=[_outline()])).mark_geoshape(fill=GROUND, fillOpacity=0.22, stroke=GROUND)


def _rings(position: Position) -> alt.Chart:
    rings = [{"type": "Feature", "geometry": _ring(position, km), "properties": {}} for km in RINGS_KM]
    return alt.Chart(alt.Data(values=rings)).mark_geoshape(filled=False, stroke=GROUND, strokeDash=[4, 4])


def _ring(position: Position, km: float) -> dict[str, Any]:
    angles = [2 * pi * step / RING_POINTS for step in range(RING_POINTS + 1)]
    return {"type": "LineString", "coordinates": [_offset(position, km, angle) for angle in angles]}


def _offset(position: Position, km: float, angle: float) -> list[float]:
    """Return [longitude, latitude] of the point `km` away; angle: radians clockwise from north; flat ground."""
    degrees_per_km = 180_000 / (pi * EARTH_RADIUS_M)
    latitude = position.latitude + km * degrees_per_km * cos(angle)
    longitude = position.longitude + km * degrees_per_km * sin(angle) / cos(radians(position.latitude))
    return [longitude, latitude]


def _ring_names(t: Translator, position: Position) -> alt.Chart:
    tops = [(f"{t.number(km)} km", *_offset(position, km, 0.0)) for km in RINGS_KM]
    frame = pd.DataFrame(tops, columns=["text", "longitude", "latitude"])
    marks = alt.Chart(frame).mark_text(dy=-7, fontSize=11, color=GROUND)
    return marks.encode(longitude="longitude:Q", latitude="latitude:Q", text="text:N")
