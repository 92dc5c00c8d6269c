"""Two runs on the same photos: paired differences against an independent maximum, and the photos that changed."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar

from core.errors import InvalidInput
from core.metrics.compare import (
    changed_photos,
    compare_shares,
    paired_difference,
    same_photos,
    tango_score,
)
from core.metrics.judged_photos import judge_photos
from core.metrics.scores import Z_95
from tests.support.hand_worked import hand_manifest, hand_table

FIRST = judge_photos(hand_manifest(), hand_table(), hand_table().held_out)
SECOND = replace(FIRST, decided=np.array([1, 0, -1, 0, 1, -1, 1, -1]))  # photo 1 lost, 2 and 4 gained


def score_by_likelihood(gained: int, lost: int, n: int, difference: float) -> float:
    """Return the score with the nuisance parameter found by a search, not by Tango's formula."""

    def minus_log(q: float) -> float:
        p = q + difference  # gained
        rest = 1 - p - q
        return -sum(
            count * np.log(max(share, 1e-300)) for count, share in ((gained, p), (lost, q), (n - gained - lost, rest))
        )

    low, high = max(0.0, -difference), (1 - difference) / 2
    q = minimize_scalar(minus_log, bounds=(low, high), method="bounded", options={"xatol": 1e-13}).x
    return float((gained - lost - n * difference) / np.sqrt(n * (2 * q + difference * (1 - difference))))


@pytest.mark.parametrize(("gained", "lost", "n"), [(9, 2, 40), (1, 1, 12), (3, 0, 35), (0, 7, 50)])
def test_the_interval_is_where_an_independent_score_reaches_its_limits(gained: int, lost: int, n: int) -> None:
    first = np.array([False] * gained + [True] * lost + [True] * (n - gained - lost))
    second = np.array([True] * gained + [False] * lost + [True] * (n - gained - lost))
    found = paired_difference(first, second)
    assert (found.value, found.gained, found.lost, found.n) == ((gained - lost) / n, gained, lost, n)
    for limit, end, outside in ((Z_95, found.low, -0.999), (-Z_95, found.high, 0.999)):
        expected = brentq(
            lambda d, z=limit: score_by_likelihood(gained, lost, n, d) - z, outside, found.value + 1e-9 * limit
        )
        assert end == pytest.approx(expected, abs=2e-4)
        assert tango_score(gained, lost, n, end) == pytest.approx(limit, abs=1e-6)


def test_runs_that_answer_alike_differ_by_nothing_with_the_width_of_their_number() -> None:
    found = paired_difference(np.ones(35, bool), np.ones(35, bool))
    reach = Z_95**2 / (35 + Z_95**2)  # Tango 1998 with no photo that changed
    assert (found.value, found.low, found.high) == (0, pytest.approx(-reach), pytest.approx(reach))
    assert not found.is_clear and paired_difference([False] * 20, [True] * 20).is_clear


def test_arrays_that_are_not_of_the_same_photos_are_refused() -> None:
    with pytest.raises(InvalidInput):
        paired_difference([True], [True, False])
    with pytest.raises(InvalidInput):
        paired_difference([], [])


def test_differences_are_counted_on_the_photos_that_both_hold_to_be_of_the_same_place() -> None:
    found = compare_shares(FIRST, SECOND)
    assert (found["right"].gained, found["right"].lost, found["right"].n) == (2, 1, 5)
    assert (found["false_accepts"].value, found["false_accepts"].n, found["accuracy"].n) == (0, 3, 8)
    assert (found["refused"].first, found["refused"].second) == (2, 1)
    other = replace(SECOND, truth=np.array([1, *SECOND.truth[1:]]))
    assert len(same_photos(FIRST, other)[0]) == 7
    assert compare_shares(FIRST, replace(SECOND, sha256s=tuple("x" * 8))) == {}


def test_photos_that_became_wrong_come_before_those_that_became_right() -> None:
    changed = changed_photos(FIRST, SECOND)
    assert [(one.sha256[-1], one.now_right) for one in changed] == [("1", False), ("2", True), ("4", True)]
