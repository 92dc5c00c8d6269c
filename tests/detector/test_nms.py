"""Of boxes that overlap, the most confident stays; against a plain double loop."""

import numpy as np
import pytest

from core.detector.nms import MOST_BOXES, suppress


@pytest.mark.parametrize("seed", range(20))
def test_it_keeps_what_a_double_loop_keeps(seed: int) -> None:
    output = _random_output(np.random.default_rng(seed), 150)

    found = suppress(output, 0.3, 0.5)

    assert sorted(zip(found.labels.tolist(), found.confidences.tolist(), strict=True)) == sorted(
        _by_loop(output, 0.3, 0.5)
    )


def test_boxes_of_two_labels_do_not_suppress_each_other() -> None:
    output = np.array([[50, 50], [50, 50], [20, 20], [20, 20], [0.9, 0.1], [0.1, 0.8]], np.float32)

    assert suppress(output, 0.5, 0.5).labels.tolist() == [0, 1]


def test_a_candidate_counts_for_its_best_label_or_for_every_one() -> None:
    output = np.array([[50], [50], [20], [20], [0.9], [0.8]], np.float32)

    assert suppress(output, 0.5, 0.5).labels.tolist() == [0]
    assert suppress(output, 0.5, 0.5, several_labels=True).labels.tolist() == [0, 1]


def test_corners_are_made_of_centre_and_size() -> None:
    output = np.array([[50], [40], [20], [10], [0.9]], np.float32)

    assert suppress(output, 0.5, 0.5).xyxy.tolist() == [[40, 35, 60, 45]]


def test_nothing_above_the_confidence_is_nothing_found() -> None:
    found = suppress(_random_output(np.random.default_rng(0), 50), 1.0, 0.5)

    assert (found.xyxy.shape, len(found.labels), len(found.confidences)) == ((0, 4), 0, 0)


def test_a_photo_full_of_boxes_ends_at_the_limit() -> None:
    many = np.zeros((5, 1000), np.float32)
    many[0], many[2], many[3], many[4] = np.arange(1000) * 100, 10, 10, 0.9

    assert len(suppress(many, 0.5, 0.5).labels) == MOST_BOXES


def _random_output(rng: np.random.Generator, count: int) -> np.ndarray:
    boxes = np.concatenate([rng.uniform(0, 200, (2, count)), rng.uniform(5, 80, (2, count))])
    return np.concatenate([boxes, rng.random((3, count))]).astype(np.float32)


def _by_loop(output: np.ndarray, confidence: float, iou: float) -> list[tuple[int, float]]:
    candidates = [
        (float(column[4:].max()), int(column[4:].argmax()), column[:4].astype(np.float64))
        for column in output.T
        if column[4:].max() > confidence
    ]
    kept: list[tuple[float, int, np.ndarray]] = []
    for share, label, box in sorted(candidates, key=lambda one: -one[0]):
        if all(label != other or _iou(box, there) <= iou for _, other, there in kept):
            kept.append((share, label, box))
    return [(label, share) for share, label, _ in kept]


def _iou(first: np.ndarray, second: np.ndarray) -> float:
    low = np.maximum(first[:2] - first[2:] / 2, second[:2] - second[2:] / 2)
    high = np.minimum(first[:2] + first[2:] / 2, second[:2] + second[2:] / 2)
    shared = float(np.clip(high - low, 0, None).prod())
    return shared / (float(first[2:].prod()) + float(second[2:].prod()) - shared)
