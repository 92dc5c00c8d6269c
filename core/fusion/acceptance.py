"""The score from which a place is named: within a stated false-accept rate, where both kinds of photos fare best.

`core/metrics/fitting.fit_threshold` uses the whole rate up; where that gains no right answer, fewer strangers pass
here. Called by `fit` for the tree and by `judge` for each witness alone, so that they are compared on equal terms.
"""

import numpy as np
import numpy.typing as npt

from core.metrics.fitting import fit_threshold

Floats = npt.NDArray[np.float64]


def fit_acceptance(right: Floats, known: int, unknown: Floats, target_false_accept: float) -> float:
    """Return the threshold with the best mean of right answers and refused strangers, each as a share.

    Of thresholds that are equally good the middle of the widest gap is taken.

    Args:
        right: (R,) scores of known photos whose best place is the right one, 0..1.
        known: how many known photos there are.
        unknown: (U,) scores of photos of no known place; when empty, see `fit_threshold`.
        target_false_accept: the share of unknown photos that may pass, 0..1.
    """
    least = fit_threshold(right, unknown, target_false_accept)
    if not unknown.size or not known:
        return least
    edges = np.unique(np.concatenate([right[right >= least], unknown[unknown >= least], [1.0]]))
    lower = np.concatenate([[least], edges[:-1]])
    thresholds, widths = (lower + edges) / 2, edges - lower
    right_share = (right[:, None] >= thresholds).sum(axis=0) / known
    passing = (unknown[:, None] >= thresholds).sum(axis=0) / unknown.size
    gain = np.round(right_share - passing, 12)
    best = np.flatnonzero(gain == gain.max())
    return float(thresholds[best[np.argmax(widths[best])]])
