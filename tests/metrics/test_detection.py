"""Scores of boxes, against pycocotools and by hand."""

import contextlib
import io

import numpy as np
import pytest

from core.metrics.detection import (
    BoxesOnPhoto,
    average_precision,
    best_threshold,
    iou_matrix,
    match_boxes,
    precision_recall_at,
)

LABELS = 3


def test_average_precision_equals_pycocotools_on_random_sets() -> None:
    for seed in range(12):
        photos = _random_photos(seed)
        ours = np.array([average_precision(match_boxes(photos, label)) for label in range(LABELS)])
        assert np.nanmean(ours) == pytest.approx(_coco(photos)[0], abs=1e-6)
        assert np.nanmean(ours[:, 0]) == pytest.approx(_coco(photos)[1], abs=1e-6)


def test_a_label_that_never_occurs_has_no_average_precision() -> None:
    photos = [_photo(truth=[], found=[(0, 0, 10, 10)])]

    assert np.isnan(average_precision(match_boxes(photos, 0))).all()


def test_precision_and_recall_are_counted_by_hand() -> None:
    photos = [
        _photo(
            truth=[(0, 0, 10, 10), (20, 20, 30, 30)], found=[(0, 0, 10, 9), (50, 50, 60, 60)], confidences=[0.9, 0.8]
        ),
        _photo(truth=[(0, 0, 10, 10)], found=[(0, 0, 10, 10)], confidences=[0.3]),
    ]
    matches = [match_boxes(photos, 0)]

    sure, all_of_them = precision_recall_at(matches, 0.5), precision_recall_at(matches, 0.1)

    assert sure.precision and sure.recall and all_of_them.precision and all_of_them.recall
    assert (sure.precision.k, sure.precision.n, sure.recall.k, sure.recall.n) == (1, 2, 1, 3)
    assert (all_of_them.precision.k, all_of_them.precision.n, all_of_them.recall.k) == (2, 3, 2)


def test_a_second_box_on_the_same_truth_is_wrong() -> None:
    photos = [_photo(truth=[(0, 0, 10, 10)], found=[(0, 0, 10, 10), (0, 0, 10, 9.5)], confidences=[0.9, 0.8])]

    assert match_boxes(photos, 0).right[0].tolist() == [True, False]


def test_the_best_threshold_leaves_out_the_boxes_that_are_wrong() -> None:
    photos = [
        _photo(truth=[(0, 0, 10, 10)], found=[(0, 0, 10, 10), (40, 40, 50, 50)], confidences=[0.7, 0.2]),
        _photo(truth=[(0, 0, 10, 10)], found=[(0, 0, 10, 10)], confidences=[0.6]),
    ]

    best = best_threshold([match_boxes(photos, 0)])

    assert best.confidence == 0.6
    assert best.f1 == 1.0


def test_nothing_found_is_a_recall_of_zero_and_no_error() -> None:
    best = best_threshold([match_boxes([_photo(truth=[(0, 0, 1, 1)], found=[])], 0)])

    assert best.precision is None
    assert best.recall is not None
    assert (best.recall.k, best.recall.n, best.f1) == (0, 1, 0.0)


def test_overlap_of_boxes_without_area_is_zero() -> None:
    assert iou_matrix(np.array([[1.0, 1, 1, 1]]), np.array([[1.0, 1, 1, 1]])).tolist() == [[0.0]]


def _photo(truth: list, found: list, confidences: list | None = None) -> BoxesOnPhoto:
    confidences = confidences if confidences is not None else [0.5] * len(found)
    return BoxesOnPhoto(
        np.array(truth, np.float64).reshape(-1, 4),
        np.zeros(len(truth), np.int64),
        np.array(found, np.float64).reshape(-1, 4),
        np.zeros(len(found), np.int64),
        np.array(confidences, np.float64),
    )


def _random_photos(seed: int) -> list[BoxesOnPhoto]:
    rng = np.random.default_rng(seed)
    photos = []
    for _ in range(15):
        truth = _random_boxes(rng, rng.integers(0, 5))
        labels = rng.integers(0, LABELS, len(truth))
        near = truth + rng.normal(0, 8, truth.shape)
        found = np.concatenate([near, near[:1] + 2, _random_boxes(rng, rng.integers(0, 130))])
        found[:, 2:] = np.maximum(found[:, 2:], found[:, :2] + 1)
        found_labels = np.concatenate(
            [labels, labels[:1], rng.integers(0, LABELS, len(found) - len(near) - len(near[:1]))]
        )
        photos.append(
            BoxesOnPhoto(
                truth, labels, found, found_labels, rng.permutation(len(found)) / len(found) + rng.random() / 1e3
            )
        )
    return photos


def _random_boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    corner = rng.uniform(0, 300, (count, 2))
    return np.concatenate([corner, corner + rng.uniform(5, 150, (count, 2))], axis=1)


def _coco(photos: list[BoxesOnPhoto]) -> tuple[float, float]:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth, found = [], []
    for image, photo in enumerate(photos, 1):
        for box, label in zip(photo.truth, photo.truth_labels, strict=True):
            size = box[2:] - box[:2]
            truth.append(
                {
                    "id": len(truth) + 1,
                    "image_id": image,
                    "category_id": int(label) + 1,
                    "iscrowd": 0,
                    "bbox": [*box[:2], *size],
                    "area": float(size.prod()),
                }
            )
        for box, label, confidence in zip(photo.found, photo.found_labels, photo.confidences, strict=True):
            found.append(
                {
                    "image_id": image,
                    "category_id": int(label) + 1,
                    "bbox": [*box[:2], *(box[2:] - box[:2])],
                    "score": float(confidence),
                }
            )
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "images": [{"id": n + 1} for n in range(len(photos))],
            "annotations": truth,
            "categories": [{"id": n + 1} for n in range(LABELS)],
            "info": {},
        }
        coco.createIndex()
        run = COCOeval(coco, coco.loadRes(found), "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    return float(run.stats[0]), float(run.stats[1])
