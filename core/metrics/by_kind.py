"""Shares of photos that were decided rightly, kind by kind: by source, by light, by season. Called by the page."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.domain.score import Score
from core.metrics.judged_photos import Bools
from core.metrics.scores import proportion


def shares_by_kind(sha256s: Sequence[str], right: Bools, kinds: Mapping[str, str]) -> dict[str, Score]:
    """Return the share of right photos of each kind, the kind with the most photos first.

    Args:
        sha256s: N photos.
        right: (N,) whether each was decided rightly.
        kinds: the kind of each photo that has one; the others count nowhere.
    """
    rows: dict[str, list[int]] = {}
    for row, sha256 in enumerate(sha256s):
        if sha256 in kinds:
            rows.setdefault(kinds[sha256], []).append(row)
    most_first = sorted(rows.items(), key=lambda kind: (-len(kind[1]), kind[0]))
    return {kind: proportion(int(np.asarray(right)[found].sum()), len(found)) for kind, found in most_first}
