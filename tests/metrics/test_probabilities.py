"""Logits to probabilities and acceptance."""

import numpy as np
import pytest

from core.metrics.probabilities import acceptance, softmax


def test_softmax_worked_out_by_hand() -> None:
    assert softmax([0.0, np.log(3.0)]) == pytest.approx([0.25, 0.75])
    assert softmax([0.0, np.log(9.0)], temperature=2.0) == pytest.approx([0.25, 0.75])


def test_huge_logits_do_not_overflow() -> None:
    assert softmax([[1e30, 0.0], [-1e30, 0.0]]).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_acceptance_is_what_is_not_none_of_these_or_the_best_place() -> None:
    shares = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    assert acceptance(shares, "known_mass", True) == pytest.approx([0.8, 0.2])
    assert acceptance(shares, "max_probability", True) == pytest.approx([0.5, 0.1])
    assert acceptance(shares, "max_probability", False) == pytest.approx([0.5, 0.8])
