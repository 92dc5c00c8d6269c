"""Scores of decisions, by hand-worked numbers."""

import numpy as np
import pytest

from core.errors import InvalidInput
from core.metrics.decisions import Decisions, score_decisions

PLACES = ("cave", "falls")


def said(labels: list[int], probabilities: list[list[float]], acceptance: list[float]) -> Decisions:
    return Decisions(PLACES, np.array(labels, np.int64), np.array(probabilities), np.array(acceptance), 0.5)


def test_each_photo_counts_where_it_belongs() -> None:
    scores = score_decisions(
        said(
            [0, 0, 1, 1, -1, -1],
            [[0.8, 0.1, 0.1], [0.3, 0.2, 0.5], [0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.1, 0.1, 0.8], [0.1, 0.7, 0.2]],
            [0.9, 0.4, 0.8, 0.5, 0.1, 0.7],
        )
    )
    counted = {name: (score.k, score.n) for name, score in scores.items()}
    assert counted == {
        "accuracy": (3, 6),
        "right": (2, 4),
        "wrong": (1, 4),
        "refused": (1, 4),
        "best_guess": (3, 4),
        "right/cave": (1, 2),
        "right/falls": (1, 2),
        "false_accepts": (1, 2),
        "auroc": (None, 6),
        "calibration_error": (None, 6),
    }
    assert scores["auroc"].value == pytest.approx(6 / 8), "0.4 and 0.5 lie below the stranger's 0.7"
    assert all(score.low <= score.value <= score.high for score in scores.values())


def test_without_strangers_or_without_known_places_what_cannot_be_said_is_left_out() -> None:
    known = score_decisions(said([0], [[0.9, 0.1]], [0.9]))
    assert set(known) == {"accuracy", "right", "wrong", "refused", "best_guess", "right/cave", "calibration_error"}
    strangers = score_decisions(said([-1], [[0.9, 0.1]], [0.9]))
    assert set(strangers) == {"accuracy", "false_accepts"}, "two outputs have no right one for a stranger"
    with pytest.raises(InvalidInput, match=r"metrics\.empty"):
        score_decisions(said([], np.zeros((0, 2)).tolist(), []))
