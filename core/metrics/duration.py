"""How long a training will probably take, by how long one like it took; the arithmetic only. Called by both trainings.

A day's work on a machine is told apart from a coffee's, and no more: the machine may be busier than it was.
"""

from dataclasses import dataclass
from statistics import median

from core.metrics.training_log import TrainingLog

TIME = "time"  # ultralytics' column of seconds since the training, or its continuation, began


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds that a training will take. run_id: the run whose measured pace was taken, "" for a constant."""

    seconds: float
    run_id: str = ""


def seconds_per_epoch(log: TrainingLog) -> float | None:
    """Return the usual time of an epoch, from the part with the most; None where the log has no times.

    The first epoch of a part counts as well; after a break the clock begins anew, and that step is left out.
    """
    parts = [part.curves[TIME] for part in log.parts if TIME in part.curves]
    if not parts:
        return None
    moments = [float(cell) for cell in max(parts, key=len) if isinstance(cell, int | float)]
    steps = [after - before for before, after in zip([0.0, *moments], moments, strict=False) if after > before]
    return median(steps) if steps else None
