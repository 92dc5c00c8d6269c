"""Boxes over a photo of the page: what the detector found where, with name and confidence.

The photo stays an ordinary picture; the component lays its boxes over the one in the container that `over` names. The
list below it, a switch and a slider for the confidence work in the browser, without asking the server.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

from core.messages import Translator

HERE = Path(__file__).parent
_boxes = st.components.v2.component(
    "eodi_photo_boxes",
    css=(HERE / "photo_boxes.css").read_text(encoding="utf-8"),
    js=(HERE / "photo_boxes.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True, slots=True)
class ShownBox:
    """A box to show. xyxyn: corners as fractions of the photo; name: of the part, with its place; colour: "#rrggbb"."""

    name: str
    colour: str
    confidence: float
    xyxyn: tuple[float, float, float, float]


def show_boxes(t: Translator, over: str, boxes: Sequence[ShownBox], threshold: float, key: str) -> None:
    """Lay boxes over the picture in the container with the key `over`, and list them.

    threshold: the confidence from which boxes are shown at first; fainter ones wait below it.
    """
    data = {
        "over": over,
        "threshold": threshold,
        "boxes": [asdict(box) for box in boxes],
        "words": {
            "show": t("boxes.show"),
            "from": t("boxes.from"),
            "none": t("boxes.none_shown"),
            "list": t("boxes.list"),
        },
        "locale": t.language,
    }
    _boxes(key=key, data=data)
