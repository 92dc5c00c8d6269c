"""Scores of what a finished model decided on photos that nothing was fitted on. Called by training, at its end."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.domain.score import Score
from core.errors import InvalidInput
from core.metrics.fitting import known_and_none_weights
from core.metrics.probabilities import Floats
from core.metrics.scores import Ints, auroc, expected_calibration_error, proportion
from core.weights.records import UNKNOWN


@dataclass(frozen=True, slots=True)
class Decisions:
    """What a model said of N photos.

    slugs: the C places in the order of the outputs. labels: (N,) columns, -1 for a photo of no known place.
    probabilities: (N, C), or (N, C+1) where the last is none of these. acceptance: (N,); a place is named from
    `threshold` on.
    """

    slugs: tuple[str, ...]
    labels: Ints
    probabilities: Floats
    acceptance: Floats
    threshold: float


def score_decisions(said: Decisions) -> dict[str, Score]:
    """Return the scores that the photos allow, by the names of `out_of_fold` and one more.

    "accuracy" is the share of all photos that were decided rightly: the right place named, or none where it is none.

    Raises:
        InvalidInput: code "metrics.empty"; there is no photo.
    """
    if not said.labels.size:
        raise InvalidInput("metrics.empty")
    best = said.probabilities[:, : len(said.slugs)].argmax(axis=1)
    decided = np.where(said.acceptance >= said.threshold, best, UNKNOWN)
    known = said.labels != UNKNOWN
    scores = {"accuracy": _share((decided == said.labels).tolist()), "calibration_error": _calibration_error(said)}
    if known.any():
        scores |= _known_scores(said, decided[known], best[known], said.labels[known])
    if not known.all():
        scores["false_accepts"] = _share((decided[~known] != UNKNOWN).tolist())
    if known.any() and not known.all():
        scores["auroc"] = auroc(said.acceptance, known)
    return {name: score for name, score in scores.items() if score is not None}


def _known_scores(said: Decisions, decided: Ints, best: Ints, labels: Ints) -> dict[str, Score | None]:
    """Score the photos of known places, all together and place by place."""
    scores: dict[str, Score | None] = {
        "right": _share((decided == labels).tolist()),
        "wrong": _share(((decided != labels) & (decided != UNKNOWN)).tolist()),
        "refused": _share((decided == UNKNOWN).tolist()),
        "best_guess": _share((best == labels).tolist()),
    }
    for column, slug in enumerate(said.slugs):
        if (labels == column).any():
            scores[f"right/{slug}"] = _share((decided[labels == column] == column).tolist())
    return scores


def _calibration_error(said: Decisions) -> Score | None:
    """Score the probability of the most probable output; None where no photo has a right one."""
    has_none = said.probabilities.shape[1] > len(said.slugs)
    columns = np.where(said.labels == UNKNOWN, len(said.slugs), said.labels)
    usable = (said.labels != UNKNOWN) | has_none
    if not usable.any():
        return None
    right = said.probabilities.argmax(axis=1) == columns
    weights = known_and_none_weights(said.labels[usable] == UNKNOWN)
    return expected_calibration_error(said.probabilities.max(axis=1)[usable], right[usable], weights=weights)


def _share(hits: Sequence[bool]) -> Score:
    return proportion(sum(hits), len(hits))
