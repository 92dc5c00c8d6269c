"""A score with what it rests on: its value, a 95 % interval and the counts behind it.

Made by `core/metrics`, kept in the manifest of a run by `core/weights`, shown by the pages.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """One number of an evaluation, never without its count.

    value: the score itself; low, high: its 95 % interval.
    k, n: "k of n" photos; k is None where the score is no share of photos (AUROC, calibration error).
    """

    value: float
    low: float
    high: float
    k: int | None
    n: int
