"""Two runs on the same photos: by how much they differ, with paired intervals, and which photos changed.

Pairing takes out what both runs share, the photos; so intervals are much narrower than those of two scores side by
side. Called by the pages of metrics and training, and by `metrics --against`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from core.errors import InvalidInput
from core.metrics.judged_photos import JudgedPhotos
from core.metrics.scores import Z_95
from core.metrics.unseen import dealt_photos, flattered
from core.weights.records import UNKNOWN

Bools = npt.NDArray[np.bool_]
BISECTIONS = 60  # to the last bits of a float


@dataclass(frozen=True, slots=True)
class Difference:
    """By how much the second run exceeds the first, in 0..1 of photos, with a 95 % interval.

    first, second: photos that each has; gained: photos that only the second has; lost: that only the first has.
    """

    value: float
    low: float
    high: float
    n: int
    first: int
    second: int
    gained: int
    lost: int

    @property
    def is_clear(self) -> bool:
        """Whether chance alone hardly explains it."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class Changed:
    """A photo that one run decides rightly and the other wrongly; rows of the two runs."""

    sha256: str
    first_row: int
    second_row: int
    now_right: bool


def paired_difference(first: npt.ArrayLike, second: npt.ArrayLike) -> Difference:
    """Compare two shares of the same photos. first, second: (N,) bool.

    Raises:
        InvalidInput: code "metrics.empty" without photos, "metrics.shape" when they are not the same number.

    Source: Tango 1998, Statistics in Medicine 17, 891-908: the score interval of a paired difference.
    """
    before, after = np.asarray(first, bool), np.asarray(second, bool)
    if before.shape != after.shape or before.ndim != 1:
        raise InvalidInput("metrics.shape", logits=str(before.shape), labels=str(after.shape))
    if not before.size:
        raise InvalidInput("metrics.empty")
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    n, value = before.size, (gained - lost) / before.size
    low = -1.0 if lost == n else _bound(lambda d: tango_score(gained, lost, n, d) - Z_95, -1.0, value)
    high = 1.0 if gained == n else _bound(lambda d: -Z_95 - tango_score(gained, lost, n, d), 1.0, value)
    return Difference(value, low, high, n, int(before.sum()), int(after.sum()), gained, lost)


def tango_score(gained: int, lost: int, n: int, difference: float) -> float:
    """Return how many standard errors the data lie above a difference of -1..1, both ends left out."""
    a = 2 * n
    b = -gained - lost + (2 * n - gained + lost) * difference
    c = -lost * difference * (1 - difference)
    only_first = (sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
    variance = n * (2 * only_first + difference * (1 - difference))
    distance = gained - lost - n * difference
    return distance / sqrt(variance) if variance > 0 else float(np.inf * np.sign(distance)) if distance else 0.0


def _bound(beyond: Callable[[float], float], outside: float, inside: float) -> float:
    """Bisect to where `beyond` changes from positive, outside, to negative, inside."""
    for _ in range(BISECTIONS):
        middle = (outside + inside) / 2
        if beyond(middle) > 0:
            outside = middle
        else:
            inside = middle
    return (outside + inside) / 2


def same_photos(first: JudgedPhotos, second: JudgedPhotos) -> tuple[list[int], list[int]]:
    """Return the rows in each run of the photos that both may be compared on; see `unseen`, where both come from."""
    left_out = flattered(dealt_photos(first), dealt_photos(second))
    at = {sha256: row for row, sha256 in enumerate(second.sha256s) if sha256 not in left_out}
    pairs = [(row, at[sha256]) for row, sha256 in enumerate(first.sha256s) if sha256 in at]
    same = [(mine, other) for mine, other in pairs if _true(first, mine) == _true(second, other)]
    return [mine for mine, _ in same], [other for _, other in same]


def compare_shares(first: JudgedPhotos, second: JudgedPhotos) -> dict[str, Difference]:
    """Return the differences of shares by the names of scores; `right/<slug>` is of one place that both know."""
    mine, theirs = same_photos(first, second)
    rows, others = np.array(mine, np.int64), np.array(theirs, np.int64)
    if not rows.size:
        return {}
    known = first.known[rows]
    right = first.right[rows], second.right[others]
    guess = (first.best == first.truth)[rows], (second.best == second.truth)[others]
    named = [(photos.decided != UNKNOWN)[at] for photos, at in ((first, rows), (second, others))]
    found = {"accuracy": paired_difference(*right)}
    if known.any():
        found["right"] = paired_difference(right[0][known], right[1][known])
        found["best_guess"] = paired_difference(guess[0][known], guess[1][known])
        found["refused"] = paired_difference(~named[0][known], ~named[1][known])
    if not known.all():
        found["false_accepts"] = paired_difference(named[0][~known], named[1][~known])
    for column, slug in enumerate(first.slugs):
        of_place = first.truth[rows] == column
        if of_place.any():
            found[f"right/{slug}"] = paired_difference(right[0][of_place], right[1][of_place])
    return found


def changed_photos(first: JudgedPhotos, second: JudgedPhotos) -> tuple[Changed, ...]:
    """Return the photos that were right and are wrong now, then those that were wrong and are right, by hash."""
    pairs = list(zip(*same_photos(first, second), strict=True))
    changed = [
        Changed(first.sha256s[mine], mine, other, bool(second.right[other]))
        for mine, other in pairs
        if first.right[mine] != second.right[other]
    ]
    return tuple(sorted(changed, key=lambda photo: (photo.now_right, photo.sha256)))


def _true(photos: JudgedPhotos, row: int) -> str | None:
    column = int(photos.truth[row])
    return None if column == UNKNOWN else photos.slugs[column]
