"""The table of boxes that a run keeps."""

import pytest

from core.errors import ModelRefused
from core.metrics.box_table import BOX_COLUMNS, read_boxes
from tests.support.boxed_run import COLUMN, PHOTOS, ROWS, TOWER, boxes_csv


def test_each_photo_has_its_truth_and_what_was_found() -> None:
    table = read_boxes(boxes_csv(), (TOWER, COLUMN))
    assert [photo.sha256 for photo in table.photos] == list(PHOTOS)
    assert [photo.part for photo in table.photos] == ["fold 0", "fold 1", "fold 1"]
    first, _, empty = table.boxes
    assert first.truth.tolist() == [[0.1, 0.1, 0.5, 0.5]] and first.confidences.tolist() == [0.9]
    assert empty.truth.shape == empty.found.shape == (0, 4)


def changed(column: int, value: str) -> bytes:
    return boxes_csv((*ROWS[:1], (*ROWS[1][:column], value, *ROWS[1][column + 1 :])))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"sha256,group\n",
        b"\xff\xfe",
        ",".join(BOX_COLUMNS).encode() + b"\na,b\n",
        changed(4, "another-label"),
        changed(5, "nan"),
        changed(5, "half"),
        changed(6, ""),
        changed(9, "inf"),
        changed(3, "guess"),
    ],
)
def test_a_table_that_is_none_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(ModelRefused, match=r"model\.table"):
        read_boxes(content, (TOWER, COLUMN))
