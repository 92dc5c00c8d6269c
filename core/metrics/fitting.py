"""What is fitted on predictions of photos that were held out: the temperature and the threshold of acceptance.

Called by `out_of_fold`, once per fold for the score and once on all predictions for what ships.
"""

from collections.abc import Callable
from math import exp, floor, log, sqrt

import numpy as np
import numpy.typing as npt

from core.errors import InvalidInput
from core.metrics.probabilities import Floats

# Beyond these a fit has gone astray: on logits that say nothing the loss is flat.
TEMPERATURE_RANGE = (0.05, 20.0)
# Without photos of no known place nothing tells what refusing would gain, so hardly any right answer is refused.
KEPT_RIGHT = 0.99
GOLDEN = (sqrt(5) - 1) / 2


def cross_entropy(logits: Floats, targets: Floats, temperature: float, weights: Floats | None = None) -> float:
    """Return the mean cross-entropy of softmax(logits / temperature) and `targets`; both (N, M), weights (N,)."""
    scaled = logits / temperature
    top = scaled.max(axis=1, keepdims=True)
    log_sum = top[:, 0] + np.log(np.exp(scaled - top).sum(axis=1))
    return float(np.average(log_sum - (targets * scaled).sum(axis=1), weights=weights))


def succession_targets(labels: npt.NDArray[np.int64], outputs: int) -> Floats:
    """Return what N photos allow to believe: (N, outputs), (N+1)/(N+2) at the label, the rest shared by the others.

    Source: Platt 1999, "Probabilistic Outputs for Support Vector Machines", section 2.2, for more than two classes.
    """
    count = len(labels)
    rest = 1 / (count + 2)
    targets = np.full((count, outputs), rest / max(outputs - 1, 1))
    targets[np.arange(count), labels] = 1 - rest
    return targets


def fit_temperature(logits: npt.ArrayLike, labels: npt.ArrayLike) -> float:
    """Return the temperature under which the labels are most likely, within `TEMPERATURE_RANGE`.

    Labels count as `succession_targets`: were they certain, photos that are all told apart would drive every
    confidence to 100 %; so 300 right ones of 300 allow 99.7 %. The loss is convex in 1/T, so it has one minimum in
    log T as well, and a golden-section search finds it.

    Args:
        logits: (N, M), of photos that were held out.
        labels: (N,) columns 0..M-1; with a column for none of these, unknown photos carry its number.

    Raises:
        InvalidInput: code "metrics.empty"; there are no photos.

    Source: Guo et al. 2017, section 4.2.
    """
    values, columns = np.asarray(logits, np.float64), np.asarray(labels, np.int64)
    if not columns.size:
        raise InvalidInput("metrics.empty")
    targets = succession_targets(columns, values.shape[1])
    low, high = TEMPERATURE_RANGE
    return exp(_golden_section(lambda t: cross_entropy(values, targets, exp(t)), log(low), log(high)))


def fit_calibration(logits: npt.ArrayLike, labels: npt.ArrayLike, has_none_output: bool) -> tuple[float, float]:
    """Return the temperature, and what is to be added to the last logit, under which the labels are most likely.

    Photos of known places and photos of none count half each, however many there are: whoever brings a photo is as
    likely as not to bring a known place, while a set of photos holds as many strangers as were to be had. Without
    either kind, or without an output for none, only the temperature is fitted.

    Args:
        logits: (N, M), of photos that were held out.
        labels: (N,) columns 0..M-1; with `has_none_output` M-1 is none of these.
        has_none_output: see above.

    Raises:
        InvalidInput: code "metrics.empty"; there are no photos.

    Source: Platt 1999, section 2; Guo et al. 2017, section 4.2; Saerens et al. 2002 on the shares of classes.
    """
    from scipy.optimize import minimize

    values, columns = np.asarray(logits, np.float64), np.asarray(labels, np.int64)
    none = columns == values.shape[-1] - 1
    if not has_none_output or none.all() or not none.any():
        return fit_temperature(values, columns), 0.0
    targets = succession_targets(columns, values.shape[1])
    weights = known_and_none_weights(none)

    def loss(point: Floats) -> float:
        shifted = values.copy()
        shifted[:, -1] += point[1]
        return cross_entropy(shifted, targets, exp(point[0]), weights)

    low, high = (log(limit) for limit in TEMPERATURE_RANGE)
    spread = float(np.ptp(values)) or 1.0
    found = minimize(loss, np.zeros(2), bounds=[(low, high), (-spread, spread)], method="L-BFGS-B")
    return exp(float(found.x[0])), float(found.x[1])


def known_and_none_weights(none: npt.NDArray[np.bool_]) -> Floats:
    """Return (N,) weights, 1 on average, under which photos of known places and of none count half each."""
    shares = np.where(none, none.sum(), (~none).sum())
    return np.asarray(none.size / (2 * shares)) if 0 < none.sum() < none.size else np.ones(none.size)


def fit_threshold(known_right: npt.ArrayLike, unknown: npt.ArrayLike, target_false_accept: float) -> float:
    """Return the threshold at which the target share of unknowns passes, and no more.

    It stands halfway between the last unknown that passes and the first that does not; where none may pass, halfway
    between the highest unknown and the least right answer above it.

    Args:
        known_right: (R,) acceptance of photos of known places whose best place is the right one, 0..1.
        unknown: (U,) acceptance of photos of no known place; when empty, `KEPT_RIGHT` of the right answers pass.
        target_false_accept: the share of unknowns that may pass, 0..1; rounded down to whole photos.
    """
    right, others = np.sort(np.asarray(known_right, np.float64)), np.sort(np.asarray(unknown, np.float64))
    if not others.size:
        return float(np.quantile(right, 1 - KEPT_RIGHT, method="lower")) if right.size else 0.0
    passing = floor(target_false_accept * others.size + 1e-9)  # 0.29 * 100 is 28.999…
    if passing >= others.size:
        return 0.0
    barrier = float(others[-passing - 1])
    above = others[others > barrier] if passing else right[right > barrier]
    top = float(above[0]) if above.size else 1.0
    middle = (top + barrier) / 2
    return middle if middle > barrier else top


def _golden_section(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where `function`, which falls and then rises, is least; to about 1e-9 of the range."""
    inner, outer = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_inner, at_outer = function(inner), function(outer)
    while high - low > 1e-9:
        if at_inner < at_outer:
            high, outer, at_outer = outer, inner, at_inner
            inner = high - GOLDEN * (high - low)
            at_inner = function(inner)
        else:
            low, inner, at_inner = inner, outer, at_outer
            outer = low + GOLDEN * (high - low)
            at_outer = function(outer)
    return (low + high) / 2
