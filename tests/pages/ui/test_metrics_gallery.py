"""Boxes that are drawn on a photo that a detector erred on."""

from io import BytesIO

from PIL import Image

from core.metrics.box_table import read_boxes
from pages.ui.metrics_boxes import box_marks
from pages.ui.metrics_gallery import MISSED_RGB, WRONG_RGB, Mark, marked
from tests.support.boxed_run import COLUMN, TOWER, boxes_csv


def near(colour: tuple[int, ...], wanted: tuple[int, int, int]) -> bool:
    return all(abs(a - b) < 60 for a, b in zip(colour[:3], wanted, strict=True))


def test_what_was_missed_and_what_is_wrong_is_drawn_where_it_lies() -> None:
    content = BytesIO()
    Image.new("RGB", (200, 100), (90, 90, 90)).save(content, "WEBP", quality=95)
    drawn = Image.open(
        BytesIO(marked(content.getvalue(), [Mark((0.1, 0.2, 0.4, 0.8), True), Mark((0.6, 0.0, 1.0, 1.0), False)]))
    ).convert("RGB")
    assert drawn.size == (200, 100)
    assert near(drawn.getpixel((20, 50)), MISSED_RGB) and near(drawn.getpixel((50, 20)), MISSED_RGB)
    assert any(near(drawn.getpixel((119, y)), WRONG_RGB) for y in range(100))
    assert near(drawn.getpixel((50, 50)), (90, 90, 90))


def test_a_box_without_area_and_one_beyond_the_edge_are_drawn_without_an_error() -> None:
    content = BytesIO()
    Image.new("RGB", (50, 50)).save(content, "WEBP")
    assert marked(content.getvalue(), [Mark((0.5, 0.5, 0.5, 0.5), False), Mark((1.0, 1.0, 1.0, 1.0), True)])


def test_marks_are_of_the_boxes_that_the_threshold_gets_wrong() -> None:
    photo = read_boxes(boxes_csv(), (TOWER, COLUMN)).boxes[1]
    assert box_marks(photo, 0.3) == (Mark((0.1, 0.1, 0.5, 0.5), True), Mark((0.6, 0.6, 0.9, 0.9), False))
    assert box_marks(photo, 0.5) == (Mark((0.1, 0.1, 0.5, 0.5), True),)
