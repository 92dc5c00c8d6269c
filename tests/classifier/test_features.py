"""Photos to features: the views that serving shows, and copies that numbers alone decide."""

from dataclasses import replace

import numpy as np

from core.classifier.config import TrainConfig
from core.classifier.features import FeatureTable, augmented_view, photo_views
from core.classifier.preprocess import make_views

CONFIG = TrainConfig(size_px=32, flip=True, augmented_views=2)
PHOTO = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)


def test_the_first_views_are_those_of_serving() -> None:
    views = photo_views(PHOTO, 5, CONFIG)
    assert views.shape == (4, 32, 32, 3)
    assert np.array_equal(views[:2], make_views(PHOTO, CONFIG.views))


def test_copies_depend_on_seed_and_photo_number_only() -> None:
    first = photo_views(PHOTO, 5, CONFIG)
    assert np.array_equal(first, photo_views(PHOTO, 5, CONFIG))
    assert not np.array_equal(first[2], first[3])
    assert not np.array_equal(first[2], photo_views(PHOTO, 6, CONFIG)[2])
    assert not np.array_equal(first[2], photo_views(PHOTO, 5, replace(CONFIG, seed=1))[2])


def test_a_copy_is_a_view_like_any_other() -> None:
    view = augmented_view(PHOTO, CONFIG, CONFIG.augmentation, (1, 2, 3))
    assert view.shape == (1, 32, 32, 3)
    assert view.dtype == np.float32
    assert view.min() >= -1
    assert view.max() <= 1


def test_rows_put_served_and_changed_views_together() -> None:
    table = FeatureTable(np.zeros((3, 2, 4), np.float32), np.ones((3, 1, 4), np.float32))
    rows = table.rows(np.array([2, 0]))
    assert rows.shape == (2, 3, 4)
    assert rows[0, :, 0].tolist() == [0, 0, 1]
