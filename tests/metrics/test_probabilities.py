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


def test_the_best_place_against_none_ranks_by_the_best_logit_alone() -> None:
    logits = np.array([[2.0, 1.9, 0.0], [2.1, -5.0, 0.0], [-1.0, -1.0, 0.0]])
    score = acceptance(softmax(logits), "best_against_none", True)
    assert score == pytest.approx(1 / (1 + np.exp(-logits[:, :2].max(axis=1))))
    assert score[1] > score[0] > 0.5 > score[2]
