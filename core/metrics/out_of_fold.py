"""Honest scores: each photo is judged by a model, a temperature and a threshold that never saw it nor its group.

`evaluate_out_of_fold` takes logits that were computed for each photo by the model that held it out. For fold k the
temperature and the threshold are fitted on the other folds' predictions; the decisions are pooled over the folds. What
ships is fitted on all of them. Called by training.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.domain.score import Score
from core.errors import InvalidInput
from core.metrics.fitting import fit_calibration, fit_threshold, known_and_none_weights
from core.metrics.probabilities import AcceptanceRule, Floats, acceptance, softmax
from core.metrics.scores import Ints, auroc, confusion, expected_calibration_error, proportion
from core.weights.records import UNKNOWN


@dataclass(frozen=True, slots=True)
class PhotoError:
    """A wrong decision. index: row of the input; label, decided: columns, -1 for unknown and for refused."""

    index: int
    label: int
    decided: int
    acceptance: float


@dataclass(frozen=True, slots=True)
class OutOfFoldReport:
    """What the pooled decisions amount to, and what is fitted on all predictions and ships.

    right, wrong, refused: shares of the photos of known places; they sum to 1.
    best_guess: share of them whose most probable place is right, refused or not.
    false_accepts, auroc: of photos of no known place, known against unknown; None when there are none.
    calibration_error: of the calibrated probability of the most probable output.
    confusion: (C+1, C+1) photos; rows are labels, the last of them unknown; columns decisions, the last one refused.
    errors: wrong, refused and falsely accepted photos, in input order.
    decided: (N,) columns, -1 when refused. probabilities: (N, C or C+1). acceptance: (N,).
    temperature, none_offset, threshold: fitted on all predictions; the offset is added to the logit of none of these.
    """

    right: Score
    wrong: Score
    refused: Score
    best_guess: Score
    false_accepts: Score | None
    auroc: Score | None
    calibration_error: Score
    confusion: Ints
    errors: tuple[PhotoError, ...]
    decided: Ints
    probabilities: Floats
    acceptance: Floats
    temperature: float
    none_offset: float
    threshold: float

    @property
    def refusal_tested(self) -> bool:
        """Whether photos of no known place took part."""
        return self.false_accepts is not None

    def scores(self, slugs: Sequence[str]) -> dict[str, Score]:
        """Return the scores by name for the manifest; `right/<slug>` is of one place, `slugs` in output order."""
        named = {
            "right": self.right,
            "wrong": self.wrong,
            "refused": self.refused,
            "best_guess": self.best_guess,
            "false_accepts": self.false_accepts,
            "auroc": self.auroc,
            "calibration_error": self.calibration_error,
        }
        shown = self.confusion.sum(axis=1)
        for column, slug in enumerate(slugs):
            if shown[column]:
                named[f"right/{slug}"] = proportion(int(self.confusion[column, column]), int(shown[column]))
        return {name: score for name, score in named.items() if score is not None}


def evaluate_out_of_fold(
    logits: npt.ArrayLike,
    labels: npt.ArrayLike,
    folds: npt.ArrayLike,
    target_false_accept: float,
    rule: AcceptanceRule = "known_mass",
    has_none_output: bool = True,
) -> OutOfFoldReport:
    """Judge held-out predictions with what was fitted on the other folds.

    Args:
        logits: (N, C+1), or (N, C) without `has_none_output`; row i by the model that held photo i out.
        labels: (N,) columns 0..C-1, or -1 for a photo of no known place.
        folds: (N,) fold in which the photo was held out; at least two folds.
        target_false_accept: share of unknown photos that the threshold may let through, 0..1.
        rule: what acceptance is; all but "max_probability" need `has_none_output`.
        has_none_output: whether the last column is none of these.

    Raises:
        InvalidInput: code "metrics.folds" for fewer than two folds, "metrics.empty" without photos of known places,
            "metrics.shape" when the arrays do not fit one another.
    """
    values, truth, parts = np.asarray(logits, np.float64), np.asarray(labels, np.int64), np.asarray(folds, np.int64)
    frame = _Frame(rule, has_none_output, target_false_accept, values.shape[-1] - int(has_none_output))
    frame.check(values, truth, parts)
    probabilities, thresholds = np.empty_like(values), np.empty(len(truth))
    for fold in np.unique(parts):
        others = parts != fold
        temperature, none_offset, thresholds[~others] = frame.fit(values[others], truth[others])
        probabilities[~others] = frame.probabilities(values[~others], temperature, none_offset)
    accepted = acceptance(probabilities, rule, has_none_output)
    best = probabilities[:, : frame.classes].argmax(axis=1)
    decided = np.where(accepted >= thresholds, best, UNKNOWN)
    temperature, none_offset, threshold = frame.fit(values, truth)
    known = truth != UNKNOWN
    unknowns = int((~known).sum())
    return OutOfFoldReport(
        right=_share((decided == truth)[known]),
        wrong=_share(((decided != truth) & (decided != UNKNOWN))[known]),
        refused=_share((decided == UNKNOWN)[known]),
        best_guess=_share((best == truth)[known]),
        false_accepts=_share((decided != UNKNOWN)[~known]) if unknowns else None,
        auroc=auroc(frame.ranking(values, accepted), known) if unknowns else None,
        calibration_error=frame.calibration_error(probabilities, truth),
        confusion=confusion(truth % (frame.classes + 1), decided % (frame.classes + 1), frame.classes + 1),
        errors=_errors(truth, decided, accepted),
        decided=decided,
        probabilities=probabilities,
        acceptance=accepted,
        temperature=temperature,
        none_offset=none_offset,
        threshold=threshold,
    )


@dataclass(frozen=True, slots=True)
class _Frame:
    """What all folds share: how acceptance is measured, and what the columns are."""

    rule: AcceptanceRule
    has_none_output: bool
    target_false_accept: float
    classes: int

    def check(self, logits: Floats, labels: Ints, folds: Ints) -> None:
        """Refuse arrays that do not fit one another."""
        ranked = logits.ndim == 2 and len(logits) == len(labels) == len(folds) and labels.ndim == folds.ndim == 1
        if not ranked or (self.rule != "max_probability" and not self.has_none_output) or self.classes < 1:
            raise InvalidInput("metrics.shape", logits=str(logits.shape), labels=str(labels.shape))
        if not (labels != UNKNOWN).any():
            raise InvalidInput("metrics.empty")
        if labels.min() < UNKNOWN or labels.max() >= self.classes or not np.isfinite(logits).all():
            raise InvalidInput("metrics.shape", logits=str(logits.shape), labels=str(int(labels.max())))
        if len(np.unique(folds)) < 2:
            raise InvalidInput("metrics.folds", found=len(np.unique(folds)), least=2)

    def fit(self, logits: Floats, labels: Ints) -> tuple[float, float, float]:
        """Fit temperature, offset and threshold on these predictions; without outputs to learn from, change nothing."""
        columns = self.columns(labels)
        usable = columns >= 0
        temperature, none_offset = 1.0, 0.0
        if usable.any():
            temperature, none_offset = fit_calibration(logits[usable], columns[usable], self.has_none_output)
        probabilities = self.probabilities(logits, temperature, none_offset)
        accepted = acceptance(probabilities, self.rule, self.has_none_output)
        right = probabilities[:, : self.classes].argmax(axis=1) == labels
        threshold = fit_threshold(accepted[right], accepted[labels == UNKNOWN], self.target_false_accept)
        return temperature, none_offset, threshold

    def probabilities(self, logits: Floats, temperature: float, none_offset: float) -> Floats:
        """Return calibrated probabilities of logits whose last column is shifted, if it is none of these."""
        shifted = logits.copy()
        if self.has_none_output:
            shifted[:, -1] += none_offset
        return softmax(shifted, temperature)

    def ranking(self, logits: Floats, accepted: Floats) -> Floats:
        """Return what tells known from unknown; where the logits alone do, nothing that was fitted comes in between."""
        if self.rule != "best_against_none":
            return accepted
        return np.asarray(logits[:, :-1].max(axis=1) - logits[:, -1])

    def columns(self, labels: Ints) -> Ints:
        """Return the output that each photo should have raised; -1 where the network has none for it."""
        return np.where(labels == UNKNOWN, self.classes, labels) if self.has_none_output else labels

    def calibration_error(self, probabilities: Floats, labels: Ints) -> Score:
        """Score the probability of the most probable output, known places and none of these counting half each."""
        columns = self.columns(labels)
        usable = columns >= 0
        right = probabilities.argmax(axis=1) == columns
        weights = known_and_none_weights(labels[usable] == UNKNOWN)
        return expected_calibration_error(probabilities.max(axis=1)[usable], right[usable], weights=weights)


def _share(hits: npt.NDArray[np.bool_]) -> Score:
    return proportion(int(hits.sum()), hits.size)


def _errors(labels: Ints, decided: Ints, accepted: Floats) -> tuple[PhotoError, ...]:
    rows = np.flatnonzero(labels != decided)
    return tuple(PhotoError(int(i), int(labels[i]), int(decided[i]), float(accepted[i])) for i in rows)
