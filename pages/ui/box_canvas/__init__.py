"""A canvas to draw boxes on a photo with mouse, pen, fingers and keys: our own component, see docs/labelling.md.

`canvas.py` is its Python face; the `.js` files are one program, put together in the order that stands there.
"""

from pages.ui.box_canvas.canvas import (
    CanvasAnswer,
    CanvasLabel,
    CanvasPhoto,
    CanvasRequest,
    CanvasView,
    box_canvas,
    read_request,
)

__all__ = [
    "CanvasAnswer",
    "CanvasLabel",
    "CanvasPhoto",
    "CanvasRequest",
    "CanvasView",
    "box_canvas",
    "read_request",
]
