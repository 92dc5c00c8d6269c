"""Changed copies of a photo: other framing, light and colour, never upside down."""

import numpy as np

from core.classifier.augment import AugmentPolicy, augment


def photo() -> np.ndarray:
    """Light above, dark below, red to the right."""
    pixels = np.full((120, 160, 3), 60, np.uint8)
    pixels[:60] = 200
    pixels[:, 120:, 0] = 255
    return pixels


def test_the_generator_alone_decides_the_copy() -> None:
    first, second, third = (augment(photo(), np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, second)
    assert first.shape != third.shape or not np.array_equal(first, third)


def test_the_photo_itself_is_left_as_it_is() -> None:
    pixels = photo()
    pixels.setflags(write=False)
    augment(pixels, np.random.default_rng(0))
    assert np.array_equal(pixels, photo())


def test_what_is_above_stays_above() -> None:
    policy = AugmentPolicy(area=(1.0, 1.0), aspect=1.0)
    for seed in range(40):
        copy = augment(photo(), np.random.default_rng(seed), policy)
        assert copy[:50].mean() > copy[-50:].mean() + 50


def test_left_and_right_are_exchanged_about_half_of_the_time() -> None:
    policy = AugmentPolicy(area=(1.0, 1.0), aspect=1.0)
    mirrored = 0
    for seed in range(200):
        copy = augment(photo(), np.random.default_rng(seed), policy).astype(int)
        mirrored += copy[100:, :30, 0].mean() - copy[100:, :30, 1].mean() > 50
    assert 70 <= mirrored <= 130


def test_crops_keep_the_stated_share_of_the_area_and_of_the_proportions() -> None:
    policy = AugmentPolicy()
    for seed in range(100):
        height, width = augment(photo(), np.random.default_rng(seed), policy).shape[:2]
        assert 0.30 <= height * width / (120 * 160) <= 1
        assert 0.74 <= (width / height) / (160 / 120) <= 1.36


def test_light_and_colour_vary_and_stay_within_bytes() -> None:
    means = [augment(photo(), np.random.default_rng(seed)).reshape(-1, 3).mean(axis=0) for seed in range(50)]
    assert np.std(means, axis=0).min() > 5
    assert augment(np.full((40, 40, 3), 255, np.uint8), np.random.default_rng(0)).max() <= 255


def test_the_smallest_photo_survives() -> None:
    for seed in range(20):
        assert min(augment(np.zeros((1, 1, 3), np.uint8), np.random.default_rng(seed)).shape) == 1
