"""Folds keep groups whole, spread every class as evenly as that allows, and are the same on every run."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset.folds import grouped_folds
from core.errors import InvalidInput

CASES = st.integers(2, 40).flatmap(
    lambda groups: st.tuples(
        st.lists(st.tuples(st.integers(0, groups - 1), st.integers(0, 4)), min_size=1, max_size=120),
        st.integers(2, 6),
        st.integers(0, 1000),
    )
)


@settings(max_examples=150, deadline=None)
@given(CASES)
def test_groups_never_straddle_and_every_fold_has_photos(case: tuple[list[tuple[int, int]], int, int]) -> None:
    photos, k, seed = case
    groups, labels = [group for group, _ in photos], [label for _, label in photos]
    if len(set(groups)) < k:
        with pytest.raises(InvalidInput):
            grouped_folds(labels, groups, k, seed)
        return
    folds = grouped_folds(labels, groups, k, seed)
    assert len({(group, fold) for group, fold in zip(groups, folds, strict=True)}) == len(set(groups))
    assert set(folds) == set(range(k))
    assert folds == grouped_folds(labels, groups, k, seed)


def test_single_photos_are_spread_evenly_within_each_class() -> None:
    labels = [0] * 35 + [1] * 20 + [4] * 50
    folds = grouped_folds(labels, list(range(len(labels))), 5, seed=7)
    for label, count in Counter(labels).items():
        shares = Counter(fold for fold, own in zip(folds, labels, strict=True) if own == label)
        assert len(shares) == 5
        assert max(shares.values()) - min(shares.values()) <= 1, (label, shares)
        assert sum(shares.values()) == count


def test_a_class_with_as_many_groups_as_folds_is_in_every_fold() -> None:
    random = np.random.default_rng(2)
    labels = [0] * 5 + [1] * 60 + [2] * 90
    groups = [f"rare-{number}" for number in range(5)] + [f"g{number}" for number in random.integers(0, 40, 150)]
    folds = grouped_folds(labels, groups, 5, seed=1)
    assert sorted(folds[:5]) == [0, 1, 2, 3, 4]


def test_a_large_group_is_balanced_by_the_others() -> None:
    labels = [0] * 60
    groups = ["burst"] * 20 + [str(number) for number in range(40)]
    sizes = Counter(grouped_folds(labels, groups, 3, seed=1))
    assert sorted(sizes.values()) == [20, 20, 20]


def test_the_seed_changes_the_folds_and_the_order_of_photos_does_not() -> None:
    labels, groups = [0, 1] * 30, [f"g{number // 2}" for number in range(60)]
    folds = grouped_folds(labels, groups, 5, seed=1)
    assert grouped_folds(labels, groups, 5, seed=2) != folds
    by_group = dict(zip(groups, folds, strict=True))
    again = grouped_folds(labels[::-1], groups[::-1], 5, seed=1)
    assert dict(zip(groups[::-1], again, strict=True)) == by_group


@pytest.mark.parametrize(("count", "k"), [(4, 5), (5, 1), (0, 2)])
def test_too_few_groups_are_said_with_numbers(count: int, k: int) -> None:
    with pytest.raises(InvalidInput) as refusal:
        grouped_folds([0] * count, list(range(count)), k, seed=1)
    assert refusal.value.code == "folds.too_few_groups"
    assert refusal.value.values == {"groups": count, "folds": k}
