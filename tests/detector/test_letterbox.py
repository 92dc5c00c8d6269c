"""Fitting a photo into the input, against OpenCV and by hand."""

import cv2
import numpy as np
import pytest

from core.detector.letterbox import PADDING, fit, letterbox

SIZES = [(640, 480), (480, 640), (1000, 30), (30, 1000), (320, 320), (200, 301), (1, 1), (4032, 3024), (33, 65)]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("rectangular", [True, False])
def test_pixels_are_those_of_opencv_but_for_one_level_in_a_few(width: int, height: int, rectangular: bool) -> None:
    pixels = np.random.default_rng(width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    where = fit(width, height, 320, 32, rectangular)

    image = (letterbox(pixels, where)[0].transpose(1, 2, 0) * 255).round().astype(np.uint8)

    inside = image[
        where.top_px : where.top_px + where.scaled_height_px, where.left_px : where.left_px + where.scaled_width_px
    ]
    assert (inside == _scaled_by_opencv(pixels, where.scaled_width_px, where.scaled_height_px)).mean() > 0.997
    assert np.abs(inside.astype(int) - _scaled_by_opencv(pixels, *inside.shape[1::-1])).max() <= 1
    assert max(image.shape[:2]) == 320 or not rectangular


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_rectangular_input_is_padded_to_the_stride_and_a_square_one_to_its_size(width: int, height: int) -> None:
    rectangular, square = fit(width, height, 320, 32, True), fit(width, height, 320, 32, False)

    assert (rectangular.input_width_px % 32, rectangular.input_height_px % 32) == (0, 0)
    assert (square.input_width_px, square.input_height_px) == (320, 320)


def test_what_is_around_the_photo_is_grey() -> None:
    image = letterbox(np.zeros((100, 200, 3), np.uint8), fit(200, 100, 64, 32, False))[0] * 255

    assert image[:, 0, 0].tolist() == [PADDING] * 3
    assert image[:, 32, 32].tolist() == [0] * 3


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_corners_come_back_to_where_they_were(width: int, height: int) -> None:
    where = fit(width, height, 320, 32, True)
    on_photo = np.array([[0.0, 0, width, height], [width / 4, height / 4, width / 2, height / 2]], np.float32)
    scale = np.array([where.scaled_width_px / width, where.scaled_height_px / height] * 2, np.float32)
    in_input = on_photo * scale + np.array([where.left_px, where.top_px] * 2, np.float32)

    assert where.to_photo(in_input) == pytest.approx(on_photo, abs=1e-2)


def test_boxes_end_at_the_edges_of_the_photo() -> None:
    where = fit(100, 50, 64, 32, True)

    assert where.to_photo(np.array([[-500.0, -500, 500, 500]], np.float32)).tolist() == [[0, 0, 100, 50]]


def _scaled_by_opencv(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR)
