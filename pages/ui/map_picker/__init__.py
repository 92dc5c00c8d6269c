"""A map to pick a position on: our own component, by mouse, touch and keyboard; needs no tiles and no network.

Without tiles it draws a grid of degrees and the sketch of Jeju's coast; with `EODI_TILE_URL` the tiles of that server,
which the curator's browser then asks for. Called by the editor of a place.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from core.domain.place import Place, Position
from core.messages import Translator

HERE = Path(__file__).parent
OUTLINE = HERE.parent / "outlines" / "jeju.json"
TILE_URL = re.compile(r"https?://[^\s<>\"']+")
TILE_PARTS = ("{z}", "{x}", "{y}")

_map = st.components.v2.component(
    "eodi_map_picker",
    html=(HERE / "map_picker.html").read_text(encoding="utf-8"),
    css=(HERE / "map_picker.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / f"{part}.js").read_text(encoding="utf-8") for part in ("drawing", "map_picker")),
)


@dataclass(frozen=True, slots=True)
class Tiles:
    """Where a map's tiles come from, "" for none, and whom to thank for them."""

    url: str = ""
    credit: str = ""


def pick_position(
    t: Translator,
    position: Position | None,
    others: Sequence[Place],
    tiles: Tiles,
    key: str,
    on_pick: Callable[[], None],
) -> None:
    """Draw the map with its pin at `position`; `on_pick` runs after the pin was put elsewhere.

    others: places to draw beside it, for orientation. `curate_state.picked` tells `on_pick` where the pin is.
    """
    _map(
        key=key,
        data={
            "position": _plain(position) if position else None,
            "others": [_plain(p.position) | {"name": p.name.get(t.language)} for p in others if p.position],
            "outline": _outline(),
            "tiles": usable_tiles(tiles.url),
            "credit": tiles.credit,
            "words": {
                "label": t("map_picker.label"),
                "empty": t("map_picker.empty"),
                "nearer": t("map_picker.nearer"),
                "farther": t("map_picker.farther"),
                "all": t("map_picker.all"),
            },
        },
        on_picked_change=on_pick,
    )


def usable_tiles(tile_url: str) -> str:
    """Return the address of tiles when it is a web address with {z}, {x} and {y}, else ""."""
    fits = TILE_URL.fullmatch(tile_url) and all(part in tile_url for part in TILE_PARTS)
    return tile_url if fits else ""


def _plain(position: Position) -> dict[str, Any]:
    return {"latitude": position.latitude, "longitude": position.longitude}


@cache
def _outline() -> list[list[list[float]]]:
    """Return the rings of the sketched coast, [longitude, latitude] in degrees."""
    coast: dict[str, Any] = json.loads(OUTLINE.read_text(encoding="utf-8"))
    return [polygon[0] for polygon in coast["geometry"]["coordinates"]]
