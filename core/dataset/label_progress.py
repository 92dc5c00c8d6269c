"""How fast labelling goes and how long the rest takes, from the moments at which boxes and decisions were saved. Pure.

Called by the label page; `BoxRepository` has the moments and the counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from core.domain.label import LabelProgress

PAUSE_S = 180  # who saves nothing for longer is not at work; a hard photo takes less
BURST_S = 0.3  # faster than a hand: one import or one "accept all", not many acts
FEWEST = 3  # gaps; fewer say nothing about a pace


@dataclass(frozen=True, slots=True)
class Pace:
    """Per hour of work, without the pauses; None while too little was done to tell."""

    boxes_per_hour: float | None
    photos_per_hour: float | None


def measure_pace(drawn: Sequence[datetime], decided: Sequence[datetime]) -> Pace:
    """Return the pace of one person, or of all together.

    drawn: when boxes were drawn. decided: when photos were decided about. Both in any order.
    """
    return Pace(_per_hour(drawn), _per_hour(decided))


def time_left_s(progress: LabelProgress, pace: Pace) -> float | None:
    """Return how long the photos without a decision take at this pace; 0 when there are none, None while unknown."""
    left = progress.photos - progress.decided
    if left <= 0:
        return 0.0
    return left * 3600 / pace.photos_per_hour if pace.photos_per_hour else None


def _per_hour(moments: Sequence[datetime]) -> float | None:
    """Count acts over the time between them; what came in one burst is one act."""
    ordered = sorted(moments)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(ordered)]
    worked = [gap for gap in gaps if BURST_S <= gap <= PAUSE_S]
    return len(worked) * 3600 / sum(worked) if len(worked) >= FEWEST else None
