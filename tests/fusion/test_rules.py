"""The stated rules: the threshold decides, and says why."""

import numpy as np
import pytest

from core.domain.answer import ClassScores, Witness
from core.fusion import decide


def scores(probabilities: list[float], none: float, threshold: float) -> ClassScores:
    return ClassScores(
        class_ids=(0, 4),
        probabilities=np.array(probabilities, np.float32),
        none_probability=none,
        acceptance=1 - none,
        threshold=threshold,
        embedding=np.ones(1, np.float32),
    )


def test_class_zero_is_a_place_like_any_other() -> None:
    decision = decide(scores([0.8, 0.1], 0.1, 0.6))
    assert decision.class_id == 0
    assert decision.confidence == pytest.approx(0.8)
    assert decision.decided_by is Witness.CLASSIFIER


def test_a_score_at_the_threshold_is_accepted_and_below_it_is_none() -> None:
    assert decide(scores([0.2, 0.4], 0.4, 0.6)).class_id == 4
    refused = decide(scores([0.2, 0.39], 0.41, 0.6))
    assert refused.class_id is None
    assert refused.confidence == pytest.approx(0.41)
    assert refused.decided_by is Witness.NONE
    assert refused.reason_values["class_id"] == 4
