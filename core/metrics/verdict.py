"""What a run amounts to, in sentences: keys of the catalogues with their values, the weightiest first.

Only what the numbers carry is said: where the curves turned, how far training and held-out scores lie apart, how sure
anyone can be of them, and where it errs. Called by the page of metrics and its report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from core.domain.score import Score
from core.errors import Value
from core.metrics.training_log import Cell, LogPart

WINDOW = 5  # epochs that a trend is averaged over, where there are as many
LEAST_EPOCHS = 6  # fewer say nothing of a trend
FLAT = 0.01  # of its range: less is no trend
LATE = 0.9  # of all epochs: a best one after it says that training could go on
APART = 0.15  # between training and held-out score
WIDE = 0.2  # an interval wider than this decides little
CALIBRATED = 0.05  # of probability: nearer to the truth than anyone reads it
WEAK = 0.6  # a place below it is named, where it has enough photos
ENOUGH = 5

TRAIN_LOSSES = ("loss", "train/box_loss", "train/cls_loss", "train/dfl_loss", "train/obj_loss")
WATCHED_LOSSES = ("val_loss", "val/box_loss", "val/cls_loss", "val/dfl_loss", "val/obj_loss")


class Tone(StrEnum):
    """What a sentence is: good news, a warning, or plain."""

    GOOD, WARNING, PLAIN = "good", "warning", "plain"


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence. key: of the catalogues; values: what it is filled with. Names of columns are put in words first."""

    key: str
    tone: Tone = Tone.PLAIN
    values: Mapping[str, Value] = field(default_factory=dict)


def epoch_findings(part: LogPart, in_service: bool) -> tuple[Finding, ...]:
    """Say at which epoch a training was best, whether that is what serves, and what the epochs after it did."""
    if part.best_row is None or part.best_by is None:
        return ()
    best, column = epoch_number(part, part.best_row), part.best_by.column
    said = [Finding("verdict.best_epoch", Tone.PLAIN, {"column": column, "best": best, "epochs": part.epochs})]
    recall = _peak(part, ("metrics/recall", "metrics/recall(B)"))
    if recall is not None and recall != part.best_row:
        said.append(Finding("verdict.recall_peak", Tone.PLAIN, {"best": epoch_number(part, recall)}))
    if in_service:
        said.append(Finding("verdict.epoch_serves", Tone.PLAIN, {"best": best}))
    trend = _after_the_best(part, part.best_row)
    return (*said, *((trend,) if trend else ()))


def score_findings(scores: Mapping[str, Score], judged: str, learned: str) -> tuple[Finding, ...]:
    """Say how the main score stands beside that of the training photos, and how sure it is.

    judged, learned: names of the same score on held-out photos and on photos that were learned from.
    """
    score, other = scores.get(judged), scores.get(learned)
    if score is None:
        return (Finding("verdict.unscored", Tone.WARNING),)
    said = []
    shares = {"value": score.value, "low": score.low, "high": score.high}
    if score.high - score.low > WIDE:
        few = "verdict.few_photos" if score.k is not None else "verdict.few_boxes"
        said.append(Finding(few, Tone.WARNING, {**shares, "count": score.n}))
    if other is not None and other.value - score.value > APART:
        said.append(Finding("verdict.learned_by_heart", Tone.WARNING, {"value": score.value, "learned": other.value}))
    elif other is not None:
        said.append(Finding("verdict.generalises", Tone.GOOD, {"value": score.value, "learned": other.value}))
    return tuple(said)


def weakest_finding(recalls: Sequence[tuple[str, Score]]) -> Finding | None:
    """Name the class with the lowest recall, where it is low and rests on enough; recalls: names and scores."""
    enough = [(name, score) for name, score in recalls if score.n >= ENOUGH]
    name, score = min(enough, key=lambda one: one[1].value, default=("", None))
    if score is None or score.value >= WEAK:
        return None
    return Finding("verdict.weakest", Tone.WARNING, {"name": name, "k": score.k or 0, "count": score.n})


def calibration_finding(confidence: float, right: float, error: Score) -> Finding:
    """Say whether probabilities can be believed. confidence, right: means over the photos; error: the ECE."""
    if error.value < CALIBRATED:
        return Finding("verdict.calibrated", Tone.GOOD, {"error": error.value})
    if abs(confidence - right) < CALIBRATED:
        return Finding("verdict.uneven", Tone.PLAIN, {"error": error.value})
    key = "verdict.overconfident" if confidence > right else "verdict.underconfident"
    return Finding(key, Tone.WARNING, {"said": confidence, "right": right, "error": error.value})


def epoch_number(part: LogPart, row: int) -> int:
    """Return the number of an epoch as the log counts it, else from 1."""
    number = part.curves.get("epoch", ())[row] if "epoch" in part.curves else None
    return int(number) if isinstance(number, int | float) else row + 1


def numbers(values: Sequence[Cell]) -> np.ndarray:
    """Return (E,) float64, NaN where there is no number."""
    return np.array([value if isinstance(value, int | float) else np.nan for value in values], np.float64)


def _peak(part: LogPart, columns: Sequence[str]) -> int | None:
    for column in columns:
        values = numbers(part.curves.get(column, ()))
        if np.isfinite(values).any():
            return int(np.nanargmax(values))
    return None


def _after_the_best(part: LogPart, best: int) -> Finding | None:
    """Say what happened since: overfitting, still improving, or nothing."""
    if part.epochs < LEAST_EPOCHS:
        return Finding("verdict.few_epochs", Tone.PLAIN, {"epochs": part.epochs})
    after = part.epochs - 1 - best
    if best + 1 > LATE * part.epochs:
        return Finding("verdict.still_improving", Tone.PLAIN, {"epochs": part.epochs})
    train, watched = _trend(part, TRAIN_LOSSES, best), _trend(part, WATCHED_LOSSES, best)
    if train is not None and watched is not None and train < -FLAT and watched > FLAT:
        return Finding("verdict.overfitted", Tone.WARNING, {"after": after})
    return Finding("verdict.no_gain", Tone.PLAIN, {"after": after})


def _trend(part: LogPart, columns: Sequence[str], best: int) -> float | None:
    """Return how far the sum of losses moved from the best epoch to the end, as a share of its range; None if unknown.

    Both ends are means over a few epochs, so that one odd epoch is no trend.
    """
    curves = [numbers(part.curves[column]) for column in columns if column in part.curves]
    losses = np.array([curve for curve in curves if np.isfinite(curve).any()])
    if not losses.size:
        return None
    total = losses.sum(axis=0)
    window = max(1, min(WINDOW, (part.epochs - best) // 2))
    around, end = total[max(0, best - window // 2) : best + window // 2 + 1], total[-window:]
    spread = np.nanmax(total) - np.nanmin(total) if np.isfinite(total).any() else 0.0
    if not np.isfinite(around).any() or not np.isfinite(end).any() or spread <= 0:
        return None
    return float((np.nanmean(end) - np.nanmean(around)) / spread)
