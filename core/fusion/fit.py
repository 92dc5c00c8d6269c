"""Fit a tree, its acceptance and what its scores are worth, on photos that the witnesses had not seen.

scikit-learn grows it here and nowhere else; what is kept is a table of numbers. Nothing is chosen on the photos that
judge it: `judge` calls `fit_tree` once per fold without that fold, and once on all photos for what ships.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from core.dataset.folds import grouped_folds
from core.fusion.acceptance import fit_acceptance
from core.fusion.decide import Candidate, best_candidate
from core.fusion.features import (
    BOX_CONFIDENCE,
    CNN_AGAINST_NONE,
    FEATURES,
    GALLERY_MARGIN,
    GALLERY_SHARE,
    GALLERY_SIMILARITY,
    MISSING,
    Frame,
    candidate_features,
)
from core.fusion.records import HeldOutPhoto
from core.fusion.rows import VARIANTS, Rows, make_rows
from core.fusion.tree import DEEPEST, FusionTree, Node, Weight, odds, spread
from core.metrics.fitting import known_and_none_weights
from core.weights.records import UNKNOWN

INNER_FOLDS = 5
SHALLOWEST = 2  # one question could ask one witness only
KNOWN_PER_LEAF = 30  # a leaf holds at least this part of the known photos, so that no photo has one of its own
FEWEST_PER_LEAF = 3
WEIGHED = (CNN_AGAINST_NONE, BOX_CONFIDENCE, GALLERY_SIMILARITY, GALLERY_MARGIN, GALLERY_SHARE)
FEW_KNOWN = 100  # photos of known places below which a curve of steps would follow chance
PLATT = 10.0  # hardly any shrinking
CERTAIN = ((0.0, 0.0), (1.0, 1.0))
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class FitConfig:
    """How a tree is fitted. target_false_accept: share of photos of no known place that may be given a name, 0..1."""

    target_false_accept: float = 0.03
    folds: int = 5
    seed: int = 0


def fit_tree(photos: Sequence[HeldOutPhoto], frame: Frame, config: FitConfig, run_id: str) -> FusionTree:
    """Fit everything on these photos.

    Depth and calibration rest on scores of photos that an inner tree was not fitted on. The acceptance rests on the
    scores of the very tree, whose ends are few and each of many photos.

    Raises:
        InvalidInput: code "folds.too_few_groups"; there are hardly any photos.
    """
    rows = make_rows(photos, frame, config.seed)
    labels = np.array([photo.label for photo in photos])
    groups = [photo.group for photo in photos]
    folds = np.array(grouped_folds(labels.tolist(), groups, min(INNER_FOLDS, len(set(groups))), config.seed))
    least = _least_rows(labels)
    depth = _choose_depth(rows, folds, least, config.seed)
    end_weight, weights, bias = _weigh(rows, _held_out_ends(rows, folds, depth, least, config.seed))
    nodes = _grow(rows, depth, least, config.seed)
    tree = replace(_bare(run_id, nodes, frame), end_weight=end_weight, weights=weights, bias=bias)
    best = [_best(photo, frame, tree) for photo in photos]
    scores, named = np.array([score for score, _ in best]), np.array([class_id for _, class_id in best])
    none = labels == UNKNOWN
    right = (named == labels) & ~none
    acceptance = fit_acceptance(scores[right], int((~none).sum()), scores[none], config.target_false_accept)
    calibration = _calibrate(scores, right, none)
    none_calibration = (
        _calibrate(scores, none, none, increasing=False) if none.any() else tuple((x, 1 - y) for x, y in calibration)
    )
    return replace(tree, acceptance=min(acceptance, 1.0), calibration=calibration, none_calibration=none_calibration)


def best_of(photo: HeldOutPhoto, frame: Frame, tree: FusionTree) -> Candidate | None:
    """Return the best candidate of a photo; None where no witness knows any place."""
    return best_candidate(candidate_features(photo.scores, photo.boxes, photo.gallery, frame), tree)


def _best(photo: HeldOutPhoto, frame: Frame, tree: FusionTree) -> tuple[float, int]:
    best = best_of(photo, frame, tree)
    return (best.score, best.class_id) if best else (0.0, UNKNOWN)


def _least_rows(labels: npt.NDArray[np.int64]) -> int:
    known = int((labels != UNKNOWN).sum())
    return max(FEWEST_PER_LEAF, known // KNOWN_PER_LEAF) * (1 + VARIANTS)


def _choose_depth(rows: Rows, folds: npt.NDArray[np.int64], least: int, seed: int) -> int:
    """Return the least depth that does as well on held-out photos as the best, within one standard error.

    Source: Breiman, Friedman, Olshen and Stone 1984, "Classification and Regression Trees", section 3.4.3.
    """
    depths = range(SHALLOWEST, DEEPEST + 1)
    losses = np.array([_held_out_losses(rows, folds, depth, least, seed) for depth in depths])
    means = losses.mean(axis=1)
    best = int(means.argmin())
    error = float(losses[best].std() / np.sqrt(losses.shape[1]))
    return int(depths[int(np.flatnonzero(means <= means[best] + error)[0])])


def _held_out_losses(rows: Rows, folds: npt.NDArray[np.int64], depth: int, least: int, seed: int) -> Floats:
    """Return the log-loss of each photo's rows, nothing left out, under a tree fitted on the other folds."""
    ends = _held_out_ends(rows, folds, depth, least, seed)
    likely = np.where(rows.right, ends, 1 - ends)
    losses = -rows.weights * np.log(np.maximum(likely, 1e-9)) * rows.whole
    return np.asarray(np.bincount(rows.photo, losses, len(folds)), np.float64)


def _weigh(rows: Rows, ends: Floats) -> tuple[float, tuple[Weight, ...], float]:
    """Fit how much the end of the path and each witness count, and the bias.

    ends: (R,) shares at the ends of trees that were grown without the row's photo; else the tree would be trusted for
    what it has learned by heart.
    """
    from sklearn.linear_model import LogisticRegression

    columns = [rows.values[:, FEATURES.index(feature)] for feature in WEIGHED]
    missing = np.array([column == MISSING for column in columns], np.float64).T
    spreads = [
        [0.0 if value == MISSING else spread(feature, value) for value in column.tolist()]
        for feature, column in zip(WEIGHED, columns, strict=True)
    ]
    paths = np.array([odds(share) for share in ends.tolist()])[:, None]
    fitted = LogisticRegression(max_iter=1000).fit(
        np.hstack([paths, np.array(spreads).T, missing]), rows.right, rows.weights
    )
    if fitted.coef_[0][0] < 0:  # what an end is worth is in the witnesses already; less for a better end is chance
        return _weigh(rows, np.full_like(ends, 0.5))
    end_weight, (weights, stand_ins) = fitted.coef_[0][0], np.split(fitted.coef_[0][1:], 2)
    found = zip(WEIGHED, weights.tolist(), stand_ins.tolist(), strict=True)
    return float(end_weight), tuple(Weight(*one) for one in found), float(fitted.intercept_[0])


def _held_out_ends(rows: Rows, folds: npt.NDArray[np.int64], depth: int, least: int, seed: int) -> Floats:
    """Return (R,) the share at the end of each row's path through a tree that was grown on the other folds."""
    ends = np.zeros(len(rows.right))
    for fold in np.unique(folds):
        tree = _bare("", _grow(rows.of(folds != fold), depth, least, seed), Frame((1, 1)))
        for at in np.flatnonzero(folds[rows.photo] == fold):
            ends[at] = tree.end(rows.values[at]).share
    return ends


def _grow(rows: Rows, depth: int, least: int, seed: int) -> tuple[Node, ...]:
    from sklearn.tree import DecisionTreeClassifier

    grown = DecisionTreeClassifier(
        criterion="log_loss", max_depth=depth, min_samples_leaf=min(least, len(rows.right)), random_state=seed
    )
    grown.fit(rows.values, rows.right, rows.weights)
    passed = np.asarray(grown.decision_path(rows.values).todense(), bool)
    return tuple(_node(grown.tree_, at, rows, passed[:, at]) for at in range(grown.tree_.node_count))


def _node(tree: Any, at: int, rows: Rows, came: Bools) -> Node:
    """Copy a node; its share is that of the succession rule, by how many rows of equal weight there would be."""
    weights = rows.weights[came]
    count = float(weights.sum() ** 2 / (weights**2).sum())
    share = float(weights[rows.right[came]].sum() / weights.sum())
    ends = tree.children_left[at] < 0
    return Node(
        feature="" if ends else FEATURES[tree.feature[at]],
        threshold=0.0 if ends else float(tree.threshold[at]),
        low=0 if ends else int(tree.children_left[at]),
        high=0 if ends else int(tree.children_right[at]),
        share=(share * count + 1) / (count + 2),
        photos=len(np.unique(rows.photo[came])),
    )


def _bare(run_id: str, nodes: tuple[Node, ...], frame: Frame) -> FusionTree:
    """Return a tree that only scores."""
    box_class_ids = None if frame.box_class_ids is None else tuple(sorted(frame.box_class_ids))
    return FusionTree(run_id, FEATURES, nodes, 1.0, (), 0.0, 0.0, CERTAIN, CERTAIN, box_class_ids)


def _calibrate(scores: Floats, hits: Bools, none: Bools, increasing: bool = True) -> Points:
    """Return probabilities of a hit by score, known photos and others counting half each.

    Isotonic, or, with few known photos, a sigmoid. None comes nearer to certainty than the succession rule allows for
    so many photos.

    Source: Platt 1999; Zadrozny and Elkan 2002; Niculescu-Mizil and Caruana 2005 on which of the two for how many.
    """
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression

    weights, edge = known_and_none_weights(none), 1 / (len(scores) + 2)
    at = np.unique(np.round(scores, 6))
    if (~none).sum() >= FEW_KNOWN and hits.any() and not hits.all():
        isotonic = IsotonicRegression(increasing=increasing, out_of_bounds="clip")
        found = isotonic.fit(scores, hits.astype(np.float64), sample_weight=weights).predict(at)
    elif hits.any() and not hits.all():
        sigmoid = LogisticRegression(C=PLATT).fit(_odds(scores), hits, weights)
        found = sigmoid.predict_proba(_odds(at))[:, 1]
    else:
        found = np.full(len(at), float(hits.all()))
    return tuple((float(x), float(y)) for x, y in zip(at, np.clip(found, edge, 1 - edge), strict=True))


def _odds(scores: Floats) -> Floats:
    clipped = np.clip(scores, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(clipped / (1 - clipped)))[:, None]
