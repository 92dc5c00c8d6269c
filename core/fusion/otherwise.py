"""What would have to differ for another answer: the smallest change of one feature alone that turns it.

Each feature that the tree asks about or weighs is moved, the rest staying as it is, until naming becomes refusing or
the reverse. Called by `decide`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.domain.answer import Witness
from core.fusion.features import AGREEMENT, BOX_COUNT, FEATURES, LOWEST, MISSING, WITNESS_OF, Vector
from core.fusion.tree import FusionTree

COUNTS = {BOX_COUNT: 10, AGREEMENT: 3}  # what is counted, and how far
GRID = np.linspace(0.0, 1.0, 41)  # a fortieth is finer than anybody asks
JUST = 1e-4


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A message key with its values: feature, its value now, and the threshold that it would have to reach."""

    reason: str
    values: dict[str, str | float | int]


def nearest_other(values: Vector, tree: FusionTree) -> Otherwise | None:
    """Return the smallest change of one feature that turns the decision; None where none does.

    That a missing witness were there is not counted: nobody knows what it would say.
    """
    named = tree.score(values) >= tree.acceptance
    asked = {node.feature for node in tree.nodes if node.feature} | {one.feature for one in tree.weights}
    found: list[tuple[float, str, float]] = []
    for feature in sorted(asked):
        column = FEATURES.index(feature)
        now = float(values[column])
        if now == MISSING:
            continue
        for wanted in sorted(_choices(feature, tree), key=lambda value: abs(value - now)):
            other = np.array(values)
            other[column] = wanted
            if (tree.score(other) >= tree.acceptance) != named:
                found.append((abs(wanted - now) / COUNTS.get(feature, 1), feature, wanted))
                break
    if not found:
        return None
    _, feature, wanted = min(found)
    now = float(values[FEATURES.index(feature)])
    said: dict[str, str | float | int] = {"feature": feature, "threshold": wanted, "value": now}
    return Otherwise("fusion.other.none" if named else "fusion.other.named", said)


def _choices(feature: str, tree: FusionTree) -> Iterable[float]:
    """Return the values that a feature could have: both sides of each question about it, and a grid."""
    if feature in COUNTS:
        return [float(count) for count in range(COUNTS[feature] + 1)]
    asked = [node.threshold for node in tree.nodes if node.feature == feature and node.threshold >= LOWEST]
    lowest = LOWEST if WITNESS_OF[feature] is Witness.GALLERY else 0.0
    grid = (lowest + (1.0 - lowest) * GRID).tolist()
    return [value for value in (*asked, *(one + JUST for one in asked), *grid) if lowest <= value <= 1.0]
