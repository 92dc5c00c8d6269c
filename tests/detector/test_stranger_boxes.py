"""What ships says of strangers that no training saw: kept beside the held-out boxes, as an answer would weigh them."""

from pathlib import Path

import numpy as np

from core.detector.box_run import boxes_csv
from core.detector.judge import JudgedPhoto, clear_ones
from core.detector.predict import FAINTEST_BOX
from core.detector.training_set import BoxedPhoto
from core.metrics.box_table import read_boxes
from core.metrics.detection import BoxesOnPhoto

LABELS = ("tower", "sign")


def found(*confidences: float) -> BoxesOnPhoto:
    count = len(confidences)
    corners = np.tile([0.1, 0.2, 0.5, 0.6], (count, 1)).reshape(-1, 4)
    return BoxesOnPhoto(np.zeros((0, 4)), np.zeros(0, np.int64), corners, np.arange(count) % 2, np.array(confidences))


def test_boxes_that_no_answer_weighs_are_left_out() -> None:
    kept = clear_ones(found(0.9, FAINTEST_BOX, 0.049))
    assert kept.confidences.tolist() == [0.9, FAINTEST_BOX]
    assert kept.found_labels.tolist() == [0, 1]
    assert kept.found.shape == (2, 4)


def test_a_stranger_without_any_box_is_in_the_record_too(tmp_path: Path) -> None:
    photos = [BoxedPhoto(tmp_path, f"{at:064x}", str(at), None, None, ()) for at in range(2)]
    judged = [
        JudgedPhoto(photo, "all", clear_ones(one)) for photo, one in zip(photos, (found(0.7), found(0.01)), strict=True)
    ]
    table = read_boxes(boxes_csv(judged, LABELS), LABELS)
    assert [len(photo.boxes.confidences) for photo in table.photos] == [1, 0]
    assert [photo.group for photo in table.photos] == ["0", "1"]
