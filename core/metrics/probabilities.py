"""Logits to calibrated evidence: the one definition that evaluation and serving share."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

AcceptanceRule = Literal["best_against_none", "known_mass", "max_probability"]
ACCEPTANCE_RULES: tuple[AcceptanceRule, ...] = get_args(AcceptanceRule)

Floats = npt.NDArray[np.float64]


def softmax(logits: npt.ArrayLike, temperature: float = 1.0) -> Floats:
    """Return probabilities: softmax of logits / temperature over the last axis, float64.

    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2 (temperature scaling).
    """
    scaled = np.asarray(logits, np.float64) / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    shares: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def acceptance(probabilities: Floats, rule: AcceptanceRule, has_none_output: bool) -> Floats:
    """Return how far each photo is one of the known places, 0..1; an answer is given from a threshold on.

    Args:
        probabilities: (…, C), or (…, C+1) with `has_none_output`, where the last is none of these.
        rule: "best_against_none" is p(best place) / (p(best place) + p(none of these)), which ranks photos by the best
            logit alone; "known_mass" is 1 - p(none of these); "max_probability" the largest probability of a place.
        has_none_output: see above; the first two rules need it.
    """
    known = probabilities[..., :-1] if has_none_output else probabilities
    best: Floats = known.max(axis=-1)
    if rule == "best_against_none":
        both = best + probabilities[..., -1]
        return np.asarray(best / np.maximum(both, np.finfo(np.float64).tiny))
    score: Floats = best if rule == "max_probability" else known.sum(axis=-1)
    return np.minimum(score, 1.0)
