"""The closed-form head: against hand-worked numbers and scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from core.classifier.head import SCALE, Head, fit_head


def draw(seed: int = 0, features: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Three places of 12, 6 and 4 photos and 18 of none, two rows each."""
    rng = np.random.default_rng(seed)
    columns = np.repeat([0, 1, 2, 3], [12, 6, 4, 18])
    centres = rng.normal(size=(4, features))
    return centres[columns][:, None] + 0.3 * rng.normal(size=(len(columns), 2, features)), columns


def test_two_photos_on_a_line_are_worked_out_by_hand() -> None:
    # Centred rows are -1 and 1, both classes weigh 1: weight = 2 / (2 + ridge * 1), halfway is 0.
    head = fit_head(np.array([[[0.0]], [[2.0]]]), np.array([0, 1]), place_count=1, has_none=True, ridge=2.0)
    assert np.allclose(head.weights, [[-SCALE * 0.5, 0]])
    assert np.allclose(head.logits([[0.0], [1.0], [2.0]]), [[SCALE * 0.5, 0], [0, 0], [-SCALE * 0.5, 0]])


@pytest.mark.parametrize("balance", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("features", [10, 200])  # fewer, and more, than rows
def test_it_is_scikit_learns_ridge_with_weighted_classes(balance: float, features: int) -> None:
    rows, columns = draw(features=features)
    flat, labels = rows.reshape(-1, features), np.repeat(columns, 2)
    weights = np.bincount(labels)[labels] ** -balance
    weights = weights / weights.mean()
    centred = flat - np.average(flat, axis=0, weights=weights)
    alpha = 0.1 * np.average((centred**2).sum(axis=1), weights=weights)
    targets = np.where(labels[:, None] == np.arange(3), 1.0, -1.0)
    theirs = Ridge(alpha=alpha).fit(flat, targets, sample_weight=weights)
    head = fit_head(rows, columns, place_count=3, has_none=True, ridge=0.1, balance=balance)
    assert np.allclose(head.logits(flat)[:, :3], SCALE * theirs.predict(flat), atol=1e-4)
    assert (head.logits(flat)[:, 3] == 0).all()


def test_photos_it_learned_from_are_told_apart_and_strangers_fall_to_none() -> None:
    rows, columns = draw()
    logits = fit_head(rows, columns, place_count=3, has_none=True, ridge=0.01).logits(rows).mean(axis=1)
    assert (logits.argmax(axis=1) == columns).all()


def test_without_none_there_is_one_output_per_place() -> None:
    rows, columns = draw()
    known = columns < 3
    head = fit_head(rows[known], columns[known], place_count=3, has_none=False, ridge=0.1)
    assert head.weights.shape == (10, 3)
    assert (head.logits(rows[known]).mean(axis=1).argmax(axis=1) == columns[known]).all()


def test_a_place_without_photos_in_this_fold_never_wins_over_none() -> None:
    rows, columns = draw()
    there = columns != 1
    logits = fit_head(rows[there], columns[there], place_count=3, has_none=True, ridge=0.1).logits(rows)
    assert (logits[..., 1] < logits[..., 3]).all()


def test_rows_that_differ_by_rounding_only_do_not_make_weights_explode() -> None:
    rows, columns = draw()
    alike = 1.0 + 1e-8 * rows
    assert np.abs(fit_head(alike, columns, place_count=3, has_none=True, ridge=0.1).weights).max() < 1


def test_weights_are_what_onnx_will_hold() -> None:
    rows, columns = draw()
    head = fit_head(rows, columns, place_count=3, has_none=True, ridge=0.1)
    assert isinstance(head, Head)
    assert head.weights.dtype == head.bias.dtype == np.float32


def test_raising_none_moves_its_logit_alone() -> None:
    rows, columns = draw()
    head = fit_head(rows, columns, place_count=3, has_none=True, ridge=0.1)
    raised = head.with_none_raised(1.5).logits(rows) - head.logits(rows)
    assert np.allclose(raised, [0, 0, 0, 1.5])
