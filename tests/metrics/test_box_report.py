"""Curves and counts of boxes, by hand and against scikit-learn and pycocotools."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve

from core.metrics.box_report import (
    CURVE_POINTS,
    box_curves,
    counts_at,
    matches_per_label,
    photo_counts,
    wrongly_found_and_missed,
)
from core.metrics.box_table import BoxTable, PhotoBoxes, read_boxes
from core.metrics.scores import proportion
from tests.metrics.test_detection import LABELS, _coco, _random_photos
from tests.support.boxed_run import COLUMN, PHOTOS, TOWER, boxes_csv

HAND = read_boxes(boxes_csv(), (TOWER, COLUMN))


def random_table(seed: int) -> BoxTable:
    photos = [PhotoBoxes(f"{n:064x}", f"g{n}", "fold 0", boxes) for n, boxes in enumerate(_random_photos(seed))]
    return BoxTable(tuple(f"label-{number}" for number in range(LABELS)), tuple(photos))


def test_what_a_threshold_misses_and_finds_wrongly_is_counted_by_hand() -> None:
    every, tower, column = counts_at(HAND, 0.3)
    assert (every.right, every.wrong, every.missed, every.f1) == (1, 1, 1, 0.5)
    assert tower.precision == tower.recall == proportion(1, 2)
    assert (column.precision, column.recall, column.f1) == (None, None, 0.0)
    sure, *_ = counts_at(HAND, 0.5)
    assert (sure.right, sure.wrong, sure.missed) == (1, 0, 1)
    assert counts_at(HAND, 0.95)[0].missed == 2


def test_a_photo_says_how_sure_its_worst_mistake_is() -> None:
    first, second, third = photo_counts(HAND, 0.3)
    assert (first.wrong, first.missed, first.right) == (0, 0, 1)
    assert (second.sha256, second.wrong, second.missed, second.surest_wrong) == (PHOTOS[1], 1, 1, 0.4)
    assert (third.wrong, third.missed, third.right) == (0, 0, 0)


def test_boxes_to_mark_are_as_many_as_the_counts_say() -> None:
    for seed in range(3):
        table = random_table(seed)
        for photo, counts in zip(table.photos, photo_counts(table, 0.4), strict=True):
            wrong, missed = wrongly_found_and_missed(photo.boxes, 0.4)
            assert (len(wrong), len(missed)) == (counts.wrong, counts.missed)


def test_the_curve_equals_scikit_learns_at_every_confidence() -> None:
    for seed in range(4):
        table = random_table(seed)
        for curve, matches in zip(box_curves(table)[1:], matches_per_label(table), strict=True):
            precision, recall, confidences = precision_recall_curve(matches.right[0], matches.confidences)
            found = dict(zip(confidences, zip(precision, recall, strict=False), strict=False))
            share_found = matches.right[0].sum() / matches.truth  # scikit-learn knows nothing of boxes never found
            expected = np.array([found[one] for one in curve.confidences])
            assert curve.precision == pytest.approx(expected[:, 0], abs=1e-6)
            assert curve.recall == pytest.approx(expected[:, 1] * share_found, abs=1e-6)
            both = 2 * curve.precision * curve.recall / np.maximum(curve.precision + curve.recall, 1e-12)
            assert curve.f1 == pytest.approx(both, abs=1e-6)


def test_average_precision_of_all_labels_equals_pycocotools() -> None:
    table = random_table(5)
    assert box_curves(table)[0].average_precision == pytest.approx(_coco(list(table.boxes))[1], abs=1e-6)


def test_a_long_curve_is_thinned_and_keeps_both_ends() -> None:
    table = random_table(6)
    curve = box_curves(table)[0]
    every = np.sort(np.concatenate([boxes.confidences for boxes in table.boxes]))
    assert len(curve.confidences) == CURVE_POINTS < len(every)
    assert curve.confidences[0] == every[-1]


def test_a_label_that_neither_occurs_nor_is_found_has_no_curve() -> None:
    assert [curve.label for curve in box_curves(HAND)] == ["", TOWER]
    assert box_curves(BoxTable((TOWER,), ()))[0].truth == 0
