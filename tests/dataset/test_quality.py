"""Sharpness falls with blur and brightness with darkness, at whatever size the photo comes."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from core.dataset.quality import measure_quality, reduce_pixels
from tests.support.scenes import draw_scene


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image)


def test_the_variance_of_the_laplacian_is_the_one_worked_out_by_hand() -> None:
    grey = np.zeros((5, 5), np.uint8)
    grey[2, 2] = 100
    # Inside the border: -400 at the dot, 100 at its four neighbours, 0 at the corners; their mean is 0.
    expected = (400**2 + 4 * 100**2) / 9
    quality = measure_quality(np.repeat(grey[..., None], 3, axis=2))
    assert quality.sharpness == pytest.approx(expected, rel=1e-5)
    assert quality.brightness == pytest.approx(4 / 255, rel=1e-5)


@pytest.mark.parametrize("grey", [0, 51, 255])
def test_brightness_is_the_mean_luma(grey: int) -> None:
    quality = measure_quality(np.full((40, 60, 3), grey, np.uint8))
    assert (quality.sharpness, quality.brightness) == (0, pytest.approx(grey / 255))


def test_green_counts_more_than_blue() -> None:
    green, blue = np.zeros((2, 9, 9, 3), np.uint8)
    green[..., 1], blue[..., 2] = 255, 255
    assert measure_quality(green).brightness == pytest.approx(0.587, abs=0.01)
    assert measure_quality(blue).brightness == pytest.approx(0.114, abs=0.01)


def test_the_more_blur_the_less_sharp() -> None:
    scene = draw_scene("columns", 1, (1600, 1200))
    blurred = [measure_quality(pixels(scene.filter(ImageFilter.GaussianBlur(r)))).sharpness for r in (0, 2, 4, 8, 16)]
    assert blurred == sorted(blurred, reverse=True)
    assert blurred[-1] < blurred[0] / 20


def test_a_photo_decoded_at_another_size_measures_nearly_the_same() -> None:
    scene = draw_scene("falls", 1, (2400, 1800)).filter(ImageFilter.GaussianBlur(3))
    whole = measure_quality(pixels(scene))
    half = measure_quality(pixels(scene.resize((1200, 900), Image.Resampling.BOX)))
    assert half.sharpness == pytest.approx(whole.sharpness, rel=0.15)
    assert half.brightness == pytest.approx(whole.brightness, rel=0.02)


@pytest.mark.parametrize(
    ("size", "expected"), [((2000, 1000), (512, 256)), ((300, 200), (300, 200)), ((9, 3000), (2, 512))]
)
def test_reducing_keeps_the_shape_and_never_enlarges(size: tuple[int, int], expected: tuple[int, int]) -> None:
    reduced = reduce_pixels(np.zeros((size[1], size[0], 3), np.uint8), 512)
    assert (reduced.shape[1], reduced.shape[0]) == expected


def test_a_photo_as_thin_as_a_thread_has_no_sharpness_and_is_no_error() -> None:
    assert measure_quality(np.zeros((3000, 33, 3), np.uint8)).sharpness == 0
    assert measure_quality(np.full((20_000, 32, 3), 255, np.uint8)).brightness == 1
