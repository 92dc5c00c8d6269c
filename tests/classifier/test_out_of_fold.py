"""What is said of a photo comes from a head that never saw its fold."""

from pathlib import Path

import numpy as np
import pytest

from core.classifier.config import TrainConfig
from core.classifier.features import FeatureTable
from core.classifier.head import fit_head
from core.classifier.out_of_fold import Workshop, fit_on, judge_out_of_fold
from core.classifier.progress import Steps
from core.classifier.training_set import PixelSource, TrainingSet

COLUMNS = np.tile([0, 1, 2], 8)


@pytest.fixture
def shop() -> Workshop:
    rng = np.random.default_rng(0)
    rows = np.eye(12)[COLUMNS][:, None] + 0.4 * rng.normal(size=(24, 3, 12))
    photos = TrainingSet(
        slugs=("osulloc", "manjanggul"),
        class_ids=(0, 1),
        paths=(Path("nowhere"),) * 24,
        sha256s=tuple(f"{number:064x}" for number in range(24)),
        labels=np.where(COLUMNS == 2, -1, COLUMNS),
        groups=tuple(range(24)),
        folds=np.repeat([0, 1, 2, 3], 6),
        left_out=(),
    )
    table = FeatureTable(rows[:, :2].astype(np.float32), rows[:, 2:].astype(np.float32))
    steps = Steps(lambda *_, **__: None, 1)
    return Workshop(photos, PixelSource((), 32), None, table, None, TrainConfig(), steps)


def test_each_fold_is_judged_by_a_head_fitted_on_the_others(shop: Workshop) -> None:
    logits, epochs = judge_out_of_fold(shop)
    for fold in range(4):
        others, own = shop.photos.folds != fold, shop.photos.folds == fold
        rows = shop.features.rows(np.flatnonzero(others))
        head = fit_head(rows, COLUMNS[others], 2, True, shop.config.ridge)
        assert np.allclose(logits[own], head.logits(shop.features.served[own]).mean(axis=1))
    assert epochs == []


def test_the_features_of_a_held_out_photo_change_nothing_but_its_own_answer(shop: Workshop) -> None:
    before, _ = judge_out_of_fold(shop)
    shop.features.served[0] += 5
    after, _ = judge_out_of_fold(shop)
    own_fold = shop.photos.folds == shop.photos.folds[0]
    changed = np.abs(after - before).max(axis=1) > 1e-9
    assert changed[0]
    assert not changed[own_fold][1:].any()
    assert changed[~own_fold].any()


def test_what_ships_learned_from_changed_copies_too(shop: Workshop) -> None:
    everyone = np.arange(24)
    with_copies = fit_on(shop, everyone, "all")
    shop.features.augmented[:] += 1
    assert not np.allclose(with_copies.head.weights, fit_on(shop, everyone, "all").head.weights)
    assert with_copies.logits(everyone).shape == (24, 3)
