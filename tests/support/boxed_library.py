"""A library with boxes, through the command line's own parts: coloured rectangles at two places, and strangers."""

import hashlib
import io
import uuid
from dataclasses import replace

import numpy as np
from PIL import Image

from core.cli import compose
from core.db.boxes import BoxRepository
from core.db.labels import LabelRepository
from core.domain.label import Box, LabelDecision
from core.domain.library import SnapshotBox
from tests.support.records import photo_record

PARTS = (("osulloc", "osulloc-stone-tower", (230, 40, 40)), ("manjanggul", "manjanggul-lava-column", (40, 60, 230)))
WIDTH, HEIGHT = 128, 96


def fill_boxed_library(boxed: int = 10, strangers: int = 3) -> list[SnapshotBox]:
    """Accept photos with one box each, the two parts in turn, and some of no known place; return the boxes."""
    label_ids = {label.slug: label.label_id for label in LabelRepository(compose.database()).list()}
    rng = np.random.default_rng(0)
    drawn = []
    for number in range(boxed + strangers):
        place, slug, colour = PARTS[number % 2]
        left, top = (int(side) for side in rng.integers(8, 40, 2))
        pixels = rng.integers(90, 130, (HEIGHT, WIDTH, 3), dtype=np.uint8)
        if number >= boxed:
            _add(number, pixels, "unknown")
            continue
        pixels[top : top + 40, left : left + 50] = colour
        corners = (left / WIDTH, top / HEIGHT, (left + 50) / WIDTH, (top + 40) / HEIGHT)
        drawn.append(SnapshotBox(label_ids[slug], slug, corners))
        _draw(_add(number, pixels, place), drawn[-1])
    return drawn


def _add(number: int, pixels: np.ndarray, place_slug: str) -> str:
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "JPEG", quality=95)
    content = target.getvalue()
    sha256 = hashlib.sha256(content).hexdigest()
    library = compose.library()
    library.store.put(content, sha256, "jpg")
    record = photo_record(number, sha256=sha256, place_slug=place_slug)
    library.photos.add(replace(record, width_px=WIDTH, height_px=HEIGHT, size_bytes=len(content)))
    return sha256


def _draw(sha256: str, box: SnapshotBox) -> None:
    boxes = BoxRepository(compose.database())
    saved = boxes.save(sha256, [Box(uuid.uuid4().hex, box.label_id, box.xyxyn)], 0, "test")
    boxes.decide(sha256, LabelDecision.DONE, None, saved.revision, "test")
