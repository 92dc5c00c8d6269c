"""The stated rules: the threshold decides, boxes confirm and never overrule."""

import numpy as np
import pytest

from core.domain.answer import ClassScores, Detection, Witness
from core.fusion.features import Frame
from core.fusion.rules import decide_by_rules

FRAME = Frame((100, 100), box_threshold=0.5)


def scores(probabilities: list[float], none: float, threshold: float) -> ClassScores:
    return ClassScores(
        class_ids=(0, 4),
        probabilities=np.array(probabilities, np.float32),
        none_probability=none,
        acceptance=1 - none,
        threshold=threshold,
        embedding=np.ones(1, np.float32),
    )


def box(class_id: int, confidence: float) -> Detection:
    return Detection(class_id, "part", confidence, (0, 0, 50, 50))


def test_class_zero_is_a_place_like_any_other() -> None:
    decision = decide_by_rules(scores([0.8, 0.1], 0.1, 0.6), None, FRAME)
    assert decision.class_id == 0
    assert decision.confidence == pytest.approx(0.8)
    assert decision.decided_by is Witness.CLASSIFIER


def test_a_score_at_the_threshold_is_accepted_and_below_it_is_none() -> None:
    assert decide_by_rules(scores([0.2, 0.4], 0.4, 0.6), None, FRAME).class_id == 4
    refused = decide_by_rules(scores([0.2, 0.39], 0.41, 0.6), None, FRAME)
    assert refused.class_id is None
    assert refused.confidence == pytest.approx(0.41)
    assert refused.decided_by is Witness.NONE
    assert refused.reason_values["class_id"] == 4


def test_a_box_of_the_place_confirms_it_from_its_threshold_on() -> None:
    said = scores([0.8, 0.1], 0.1, 0.6)
    confirmed = decide_by_rules(said, [box(0, 0.5), box(0, 0.7)], FRAME)
    assert (confirmed.reason, confirmed.reason_values["box"]) == ("reason.classifier_and_box", 0.7)
    assert (confirmed.class_id, confirmed.confidence) == (0, pytest.approx(0.8))
    assert decide_by_rules(said, [box(0, 0.49)], FRAME).reason == "reason.classifier"


def test_boxes_of_another_place_overrule_nothing() -> None:
    sure = [box(4, 0.99)]
    named = decide_by_rules(scores([0.8, 0.1], 0.1, 0.6), sure, FRAME)
    assert (named.class_id, named.reason) == (0, "reason.classifier")
    assert decide_by_rules(scores([0.3, 0.2], 0.5, 0.6), sure, FRAME).class_id is None


def test_no_witness_that_knows_a_place_names_none() -> None:
    assert decide_by_rules(None, None, FRAME).reason == "reason.no_candidate"
