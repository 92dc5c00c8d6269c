"""Two detectors on the same photos."""

from dataclasses import replace

import numpy as np
import pytest

from core.metrics.box_table import BoxTable, read_boxes
from core.metrics.compare_boxes import _finds, _measure, changed_boxes, compare_boxes, same_boxes
from core.metrics.detection import average_precision, match_boxes, precision_recall_at
from tests.metrics.test_box_report import random_table
from tests.support.boxed_run import COLUMN, PHOTOS, ROWS, TOWER, boxes_csv

BEFORE = read_boxes(boxes_csv(), (TOWER, COLUMN))
# Photo 1 is missed now; on photo 2 what is there is found, and nothing else.
AFTER = read_boxes(boxes_csv((ROWS[0], ROWS[2], (*ROWS[3][:6], *ROWS[2][6:]), ROWS[4])), (TOWER, COLUMN))


def repeated(table: BoxTable, counts: list[int]) -> BoxTable:
    photos = [photo for photo, count in zip(table.photos, counts, strict=True) for _ in range(count)]
    return BoxTable(table.labels, tuple(photos))


def test_weights_count_a_photo_as_if_it_stood_there_so_often() -> None:
    table = random_table(1)
    weights = np.random.default_rng(0).integers(0, 3, len(table.photos))
    drawn = repeated(table, weights.tolist()).boxes
    measured = _measure(_finds(table), weights.astype(np.float64), 0.4)
    at = precision_recall_at([match_boxes(drawn, label) for label in range(3)], 0.4)
    averages = np.array([average_precision(match_boxes(drawn, label)) for label in range(3)])
    assert at.precision and at.recall
    expected = [at.precision.value, at.recall.value, averages[:, 0].mean(), averages.mean()]
    assert measured == pytest.approx(expected, abs=1e-9)


def test_a_run_differs_from_itself_by_nothing() -> None:
    table = random_table(2)
    for one in compare_boxes(table, table, (0.3, 0.3)).values():
        assert (one.value, one.low, one.high, one.is_clear) == (0, 0, 0, False)


def test_a_better_run_is_clearly_better() -> None:
    table = random_table(3)
    emptied = tuple(
        replace(
            photo,
            boxes=replace(photo.boxes, found=np.zeros((0, 4)), found_labels=np.zeros(0, int), confidences=np.zeros(0)),
        )
        for photo in table.photos
    )
    found = compare_boxes(BoxTable(table.labels, emptied), table, (0.3, 0.3))
    assert found["recall"].low > 0 and found["recall"].is_clear and found["map50"].first == 0
    assert "precision" not in found  # of nothing found there is none


def test_only_photos_with_the_same_truth_are_compared() -> None:
    moved = read_boxes(boxes_csv(((*ROWS[0][:9], "0.6"), *ROWS[1:])), (TOWER, COLUMN))
    mine, theirs = same_boxes(BEFORE, moved)
    assert [photo.sha256 for photo in mine.photos] == [photo.sha256 for photo in theirs.photos] == list(PHOTOS[1:])
    assert compare_boxes(BoxTable((), ()), BoxTable((), ()), (0.3, 0.3)) == {}


def test_photos_that_changed_are_named() -> None:
    changed = changed_boxes(*same_boxes(BEFORE, AFTER), (0.3, 0.3))
    assert [(one.sha256, one.now_right) for one in changed] == [(PHOTOS[0], False), (PHOTOS[1], True)]
