"""The threshold of a fusion, worked out by hand."""

import numpy as np
import pytest

from core.fusion.acceptance import fit_acceptance
from core.metrics.fitting import fit_threshold

NONE = np.zeros(0)


def test_where_the_whole_rate_gains_nothing_fewer_strangers_pass() -> None:
    """Half of the strangers may pass; above 0.6 all known photos are right and no stranger stands."""
    right, unknown = np.array([0.7, 0.8, 0.9]), np.array([0.1, 0.2, 0.5, 0.6])
    assert fit_threshold(right, unknown, 0.5) < 0.5
    assert fit_acceptance(right, 3, unknown, 0.5) == pytest.approx(0.65)


def test_the_stated_rate_is_never_passed() -> None:
    right, unknown = np.array([0.3, 0.4, 0.9]), np.array([0.2, 0.5, 0.6, 0.7])
    for target in (0.0, 0.25, 0.5):
        assert (unknown >= fit_acceptance(right, 3, unknown, target)).mean() <= target


def test_a_right_answer_is_given_up_only_for_a_larger_share_of_strangers() -> None:
    right = np.array([0.45, *np.linspace(0.8, 0.9, 9)])
    one_in_twenty = np.array([0.5, *np.linspace(0.0, 0.1, 19)])
    assert fit_acceptance(right, 10, one_in_twenty, 0.2) < 0.45
    three_in_twenty = np.array([0.5, 0.55, 0.6, *np.linspace(0.0, 0.1, 17)])
    assert fit_acceptance(right, 10, three_in_twenty, 0.2) > 0.6


def test_without_strangers_it_is_the_threshold_that_refuses_hardly_any() -> None:
    right = np.linspace(0.1, 1.0, 50)
    assert fit_acceptance(right, 50, NONE, 0.02) == fit_threshold(right, NONE, 0.02)
