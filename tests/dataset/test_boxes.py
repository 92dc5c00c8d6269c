from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from core.dataset.boxes import (
    area,
    clip,
    iou,
    px_from_xyxyn,
    upright,
    xywhn_from_xyxyn,
    xyxyn_from_px,
    xyxyn_from_xywhn,
)

EDGES = st.tuples(*[st.floats(0, 1)] * 4).map(
    lambda e: (min(e[0], e[2]), min(e[1], e[3]), max(e[0], e[2]), max(e[1], e[3]))
)


@settings(deadline=None, max_examples=50)
@given(EDGES, st.integers(1, 20_000), st.integers(1, 20_000))
def test_frames_turn_into_each_other_and_back(edges: tuple[float, ...], width: int, height: int) -> None:
    assert xyxyn_from_xywhn(xywhn_from_xyxyn(edges)) == pytest.approx(edges, abs=1e-12)
    assert xyxyn_from_px(px_from_xyxyn(edges, width, height), width, height) == pytest.approx(edges, abs=1e-12)


def test_overlap_of_hand_worked_boxes() -> None:
    left, right = (0.0, 0.0, 0.5, 1.0), (0.25, 0.0, 0.75, 1.0)
    assert iou(left, right) == pytest.approx(1 / 3)
    assert iou(left, left) == 1
    assert iou(left, (0.5, 0.0, 1.0, 1.0)) == 0, "sharing an edge is sharing nothing"
    assert iou((0.2, 0.2, 0.2, 0.2), (0.2, 0.2, 0.2, 0.2)) == 0
    assert area((0.1, 0.1, 0.3, 0.6)) == pytest.approx(0.1)
    assert area((0.3, 0.1, 0.1, 0.6)) == 0


def test_what_is_outside_is_cut_off() -> None:
    assert clip((-0.5, 0.2, 0.5, 1.5)) == (0.0, 0.2, 0.5, 1.0)
    assert area(clip((1.2, 0.1, 1.4, 0.2))) == 0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_on_stored_pixels_turns_as_the_photo_does(orientation: int) -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[5:15, 30:54] = 255  # a white box on the pixels as they are stored
    exif = Image.Exif()
    exif[274] = orientation
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", exif=exif)
    turned = np.asarray(ImageOps.exif_transpose(Image.open(file)))[..., 0]
    rows, columns = np.nonzero(turned)
    found = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    wanted = px_from_xyxyn(upright((30 / 60, 5 / 40, 54 / 60, 15 / 40), orientation), *turned.shape[::-1])
    assert wanted == pytest.approx(found, abs=1e-9)
