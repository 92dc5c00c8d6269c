"""A fitted decision tree as a table of nodes: read from JSON, checked, and walked with plain Python.

`train fusion` writes it, `core/identify` loads it with the release, `decide` walks it for each candidate place. No
scikit-learn and no pickle: what is loaded is numbers, and a table that would not end is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, isfinite, log
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from core.detector.predict import FAINTEST_BOX
from core.domain.answer import PathStep, Witness
from core.errors import ModelRefused
from core.fusion.features import BOX_CONFIDENCE, FEATURES, MISSING, WITNESS_OF, Vector
from core.weights.folder import FusionRun
from core.weights.fusion_manifest import TREE_FILE
from core.weights.manifest import STRICT, Count, Share

Finite = Annotated[float, Field(allow_inf_nan=False)]
DEEPEST = 5  # questions: more cannot be read as a sentence


@dataclass(frozen=True, slots=True)
class Node:
    """A question, or the end of a path. feature: "" at an end; values up to `threshold` go to `low`, others to `high`.

    share: how many of the candidates that came here were the place shown, each photo counting as when fitted;
    photos: how many photos those candidates were of.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    feature: str
    threshold: float
    low: Count
    high: Count
    share: Share
    photos: Count

    @property
    def is_end(self) -> bool:
        """Whether no question follows."""
        return not self.feature


@dataclass(frozen=True, slots=True)
class Weight:
    """How much one feature counts where witnesses are weighed together; `if_missing` stands in for a missing one."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    feature: str
    weight: Finite
    if_missing: Finite


@dataclass(frozen=True, slots=True)
class FusionTree:
    """The tree, its acceptance, and what its scores are worth.

    nodes: the first is the root, and both successors of a node stand after it.
    end_weight, weights, bias: how much the odds at the end of a path and each witness count for the score.
    acceptance: a place is named from this score on. calibration: (score, probability that the place is right) pairs,
    both ascending; none_calibration: (best score, probability that it is none of the places), ascending and descending.
    box_class_ids: the places of which its detector knows parts; None where it was fitted without a detector.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    run_id: str
    features: tuple[str, ...]
    nodes: Annotated[tuple[Node, ...], Field(min_length=1, max_length=2 ** (DEEPEST + 1) - 1)]
    end_weight: Finite
    weights: tuple[Weight, ...]
    bias: Finite
    acceptance: Share
    calibration: Annotated[tuple[tuple[Share, Share], ...], Field(min_length=1)]
    none_calibration: Annotated[tuple[tuple[Share, Share], ...], Field(min_length=1)]
    box_class_ids: tuple[Count, ...] | None
    format: Literal[1] = 1

    @property
    def depth(self) -> int:
        """The most questions on a path."""
        depths = [0] * len(self.nodes)
        for at, node in enumerate(self.nodes):
            for successor in () if node.is_end else (node.low, node.high):
                depths[successor] = depths[at] + 1
        return max(depths)

    def walk(self, values: Vector) -> tuple[int, ...]:
        """Return the nodes that a candidate passes, from the root to the end. values: by `FEATURES`."""
        passed = [0]
        while not self.nodes[passed[-1]].is_end:
            node = self.nodes[passed[-1]]
            passed.append(node.high if values[FEATURES.index(node.feature)] > node.threshold else node.low)
        return tuple(passed)

    def score(self, values: Vector) -> float:
        """Return how much speaks for a candidate, 0..1: the end of its path and all witnesses, weighed together."""
        total = self.bias + self.end_weight * odds(self.end(values).share)
        for one in self.weights:
            value = float(values[FEATURES.index(one.feature)])
            total += one.if_missing if value == MISSING else one.weight * spread(one.feature, value)
        return 1 / (1 + exp(-min(max(total, -50.0), 50.0)))

    def end(self, values: Vector) -> Node:
        """Return the node at which a candidate's path ends."""
        return self.nodes[self.walk(values)[-1]]

    def steps(self, values: Vector) -> tuple[PathStep, ...]:
        """Return the questions of a candidate's path, with what it answered."""
        return tuple(_step(self.nodes[at], values) for at in self.walk(values)[:-1])

    def confidence(self, score: float) -> float:
        """Return the probability that a place named with this score is the right one."""
        return _interpolate(self.calibration, score)

    def none_confidence(self, score: float) -> float:
        """Return the probability that a photo whose best candidate has this score shows none of the places."""
        return _interpolate(self.none_calibration, score)


def spread(feature: str, value: float) -> float:
    """Return a feature as it is weighed: a probability by its odds, as 0.99 lies as far from 0.9 as 0.999 from 0.99.

    Of boxes only those above `FAINTEST_BOX` are told, so none found is no nearer to 0 than half of that.
    """
    if WITNESS_OF[feature] is Witness.CLASSIFIER:
        return odds(value)
    if feature == BOX_CONFIDENCE:
        return odds(min(max(value, FAINTEST_BOX / 2), 1 - FAINTEST_BOX / 2))
    return value


def odds(share: float) -> float:
    """Return the logarithm of a share's odds; 0 and 1 count as one in ten thousand."""
    kept = min(max(share, 1e-4), 1 - 1e-4)
    return log(kept / (1 - kept))


def read_tree(content: bytes, run_id: str) -> FusionTree:
    """Read a tree from its JSON.

    Raises:
        ModelRefused: code "model.tree"; a key, a number or a successor is not what it should be.
    """
    try:
        tree = _ADAPTER.validate_json(content)
    except ValidationError as error:
        raise _refused(run_id) from error
    if not (_is_whole(tree) and tree.run_id == run_id):
        raise _refused(run_id)
    return tree


def load_tree(run: FusionRun) -> FusionTree:
    """Load the tree of a run whose hashes were checked.

    Raises:
        ModelRefused: code "model.missing" or "model.mismatch" for the file; "model.tree" for what it says.
    """
    return read_tree(run.read(TREE_FILE), run.manifest.run_id)


def write_tree(tree: FusionTree) -> bytes:
    """Return the bytes of `tree.json`, checked by reading them back.

    Raises:
        ModelRefused: no reader would accept it.
    """
    content = _ADAPTER.dump_json(tree, indent=1) + b"\n"
    read_tree(content, tree.run_id)
    return content


_ADAPTER = TypeAdapter(FusionTree)


def _is_whole(tree: FusionTree) -> bool:
    """Whether every path ends, every question is known, and the scores' worth can be looked up."""
    ascending = all(
        low[0] < high[0] for points in (tree.calibration, tree.none_calibration) for low, high in pairwise(points)
    )
    known = tree.features == FEATURES and all(one.feature in FEATURES for one in tree.weights)
    return ascending and known and _paths_end(tree.nodes) and tree.depth <= DEEPEST


def _paths_end(nodes: Sequence[Node]) -> bool:
    """Whether successors stand after their node, within the table: so no path comes back to where it was."""
    return all(
        node.is_end
        or (
            node.feature in FEATURES
            and isfinite(node.threshold)
            and at < node.low < len(nodes)
            and at < node.high < len(nodes)
            and node.low != node.high
        )
        for at, node in enumerate(nodes)
    )


def _step(node: Node, values: Vector) -> PathStep:
    value = float(values[FEATURES.index(node.feature)])
    return PathStep(node.feature, node.threshold, None if value == MISSING else value, value > node.threshold)


def _interpolate(points: Sequence[tuple[float, float]], score: float) -> float:
    return float(np.interp(score, [x for x, _ in points], [y for _, y in points]))


def _refused(run_id: str) -> ModelRefused:
    return ModelRefused("model.tree", run_id=run_id, file=TREE_FILE)
