"""Views: the one way from pixels to network input."""

import numpy as np
import pytest

from core.classifier.preprocess import ViewPolicy, make_views
from core.errors import ModelRefused


def photo(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    ("name", "count"),
    [("whole", 1), ("whole+flip", 2), ("whole+centre", 2), ("whole+corners", 5), ("whole+centre+corners+flip", 12)],
)
def test_a_policys_name_reads_back_and_counts_its_views(name: str, count: int) -> None:
    policy = ViewPolicy.parse(name, 64)
    views = make_views(photo(90, 120), policy)
    assert policy.name == name
    assert views.shape == (count, 64, 64, 3)
    assert policy.view_count == count
    assert views.dtype == np.float32
    assert views.flags.c_contiguous


@pytest.mark.parametrize(
    "name", ["", "centre", "centre+whole", "whole+whole", "whole+moon", "flip", "whole+flip+centre"]
)
def test_a_policy_that_does_not_begin_with_the_whole_photo_or_is_unknown_is_refused(name: str) -> None:
    with pytest.raises(ModelRefused, match=r"model\.input"):
        ViewPolicy.parse(name)


@pytest.mark.parametrize(("size_px", "scaling"), [(0, "minus_one_to_one"), (10**6, "minus_one_to_one"), (224, "other")])
def test_a_size_or_scaling_that_is_not_served_is_refused(size_px: int, scaling: str) -> None:
    with pytest.raises(ModelRefused, match=r"model\.input"):
        ViewPolicy.parse("whole", size_px, scaling)


def test_black_is_minus_one_and_white_is_one() -> None:
    for value, expected in ((0, -1.0), (255, 1.0)):
        assert (make_views(np.full((50, 70, 3), value, np.uint8), ViewPolicy(64)) == expected).all()


def test_a_photo_of_the_right_size_is_not_resampled() -> None:
    pixels = photo(64, 64)
    assert make_views(pixels, ViewPolicy(64))[0] == pytest.approx(pixels / 127.5 - 1, abs=1e-6)


def test_the_first_view_shows_the_whole_photo() -> None:
    pixels = np.zeros((100, 200, 3), np.uint8)
    pixels[:50, :100, 0] = pixels[50:, 100:, 1] = 255
    view = make_views(pixels, ViewPolicy(64, ("whole", "centre", "corners"), flip=True))[0]
    assert view[10, 10].tolist() == [1, -1, -1]
    assert view[53, 53].tolist() == [-1, 1, -1]
    assert view[10, 53].tolist() == view[53, 10].tolist() == [-1, -1, -1]


def test_the_centre_keeps_proportions_and_cuts_the_longer_side() -> None:
    pixels = np.zeros((64, 128, 3), np.uint8)
    pixels[:, 32:96] = photo(64, 64)
    assert make_views(pixels, ViewPolicy(64, ("whole", "centre")))[1] == pytest.approx(
        pixels[:, 32:96] / 127.5 - 1, abs=1e-6
    )


def test_the_corners_are_seven_eighths_of_the_shorter_side_at_each_corner() -> None:
    pixels = photo(64, 128)
    views = make_views(pixels, ViewPolicy(56, ("whole", "corners")))[1:]
    expected = [pixels[:56, :56], pixels[:56, -56:], pixels[-56:, :56], pixels[-56:, -56:]]
    assert views == pytest.approx(np.stack(expected) / 127.5 - 1, abs=1e-6)


def test_mirror_images_follow_all_views_in_the_same_order() -> None:
    views = make_views(photo(90, 120), ViewPolicy(64, ("whole", "centre"), flip=True))
    assert (views[2:] == views[:2, :, ::-1]).all()


def test_shrinking_does_not_alias() -> None:
    stripes = np.zeros((1024, 1024, 3), np.uint8)
    stripes[:, ::2] = 255  # a nearest-neighbour reduction by 16 makes this all white or all black
    assert np.abs(make_views(stripes, ViewPolicy(64))).max() < 0.02


def test_the_same_pixels_give_the_same_views() -> None:
    policy = ViewPolicy(96, ("whole", "centre", "corners"), flip=True)
    assert (make_views(photo(333, 517), policy) == make_views(photo(333, 517), policy)).all()


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 5000), (5000, 1), (3, 2)])
def test_any_shape_of_photo_gives_views(height: int, width: int) -> None:
    policy = ViewPolicy(64, ("whole", "centre", "corners"))
    assert np.isfinite(make_views(photo(height, width), policy)).all()


def test_no_view_needs_more_pixels_than_it_asks_to_be_decoded() -> None:
    assert ViewPolicy(224).need_px == 224
    assert ViewPolicy(224, ("whole", "corners")).need_px == 256
