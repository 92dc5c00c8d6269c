"""Folds for cross-validation whose groups never straddle: near-duplicates and series stay together.

Deterministic: the same labels, groups and seed give the same folds on every machine. Called by `core/classifier`.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.errors import InvalidInput


def grouped_folds(labels: Sequence[int], groups: Sequence[str | int], k: int, seed: int) -> tuple[int, ...]:
    """Return a fold 0..k-1 for each photo.

    Groups are dealt out largest first, each to the fold in which its classes are scarcest, then to the smaller fold;
    equals are ordered by the seed.

    Raises:
        InvalidInput: code "folds.too_few_groups"; fewer groups than folds, or fewer than two folds.
    """
    names, members = np.unique(np.asarray([str(group) for group in groups]), return_inverse=True)
    if not 2 <= k <= len(names):
        raise InvalidInput("folds.too_few_groups", groups=len(names), folds=k)
    counts = _class_counts(labels, members, len(names))
    share = counts / counts.sum(axis=0)
    in_fold = np.zeros((k, counts.shape[1]))
    fold_of_group = np.zeros(len(names), np.int64)
    for group in _dealing_order(counts, seed):
        load = ((in_fold + share[group]) * (counts[group] > 0)).sum(axis=1)
        fold = int(np.lexsort((in_fold.sum(axis=1), np.round(load, 12)))[0])
        fold_of_group[group] = fold
        in_fold[fold] += share[group]
    return tuple(int(fold) for fold in fold_of_group[members])


def _class_counts(labels: Sequence[int], members: npt.NDArray[np.intp], groups: int) -> npt.NDArray[np.float64]:
    """Count the photos of each class in each group, (G, C)."""
    _, columns = np.unique(np.asarray(labels), return_inverse=True)
    counts = np.zeros((groups, int(columns.max()) + 1))
    np.add.at(counts, (members, columns), 1)
    return counts


def _dealing_order(counts: npt.NDArray[np.float64], seed: int) -> npt.NDArray[np.int64]:
    """Order the groups: rarest class first, then the largest, equals shuffled by the seed."""
    shuffled = np.random.default_rng(seed).permutation(len(counts))
    rarity = np.where(counts > 0, counts.sum(axis=0), np.inf).min(axis=1)
    order = np.lexsort((-counts.sum(axis=1)[shuffled], rarity[shuffled]))
    return np.asarray(shuffled[order], np.int64)
