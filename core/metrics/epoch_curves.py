"""Curves over epochs, made ready to draw: smoothed if wanted, and thinned out to what a screen can show.

Called by the page of metrics; the values themselves come from `training_log`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.metrics.detection import Floats
from core.metrics.training_log import LogPart
from core.metrics.verdict import epoch_number, numbers

MOST_POINTS = 150  # of one curve; a chart is some 700 pixels wide and shows several


@dataclass(frozen=True, slots=True, eq=False)
class EpochCurve:
    """One column of one training. epochs, values: (P,), finite."""

    column: str
    part: str
    epochs: Floats
    values: Floats


def epoch_curve(part: LogPart, column: str, smoothing: float = 0.0, most: int = MOST_POINTS) -> EpochCurve:
    """Return a column's curve. smoothing: 0 for none, towards 1 for more; see `smooth`."""
    values = numbers(part.curves.get(column, ()))
    rows = np.flatnonzero(np.isfinite(values))
    epochs = np.array([epoch_number(part, row) for row in rows.tolist()], np.float64)
    smoothed = smooth(values[rows], smoothing)
    kept = thin(smoothed, most)
    return EpochCurve(column, part.name, epochs[kept], smoothed[kept])


def smooth(values: Floats, smoothing: float) -> Floats:
    """Return the exponential moving average, each epoch weighted without the bias of the first.

    Source: Kingma and Ba 2015, section 3, correction of the initialisation bias; TensorBoard smooths so.
    """
    if not 0 < smoothing < 1:
        return values
    smoothed, held = np.empty_like(values), 0.0
    for row, value in enumerate(values.tolist()):
        held = smoothing * held + (1 - smoothing) * value
        smoothed[row] = held / (1 - smoothing ** (row + 1))
    return smoothed


def thin(values: Floats, most: int) -> np.ndarray:
    """Return the rows to draw: of each stretch its lowest and highest, so that no spike is lost, and both ends."""
    if len(values) <= most:
        return np.arange(len(values))
    edges = np.linspace(0, len(values), max(1, (most - 2) // 2) + 1).astype(np.int64)
    rows = {0, len(values) - 1}
    for first, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if end > first:
            stretch = values[first:end]
            rows |= {first + int(stretch.argmin()), first + int(stretch.argmax())}
    return np.array(sorted(rows))


def watched_columns(parts: Sequence[LogPart], columns: Sequence[str]) -> tuple[str, ...]:
    """Return those columns that hold a number somewhere."""
    return tuple(c for c in columns if any(np.isfinite(numbers(part.curves.get(c, ()))).any() for part in parts))
