"""One decision of all witnesses: by the tree, by the rule for places known from a few photos, else by stated rules."""

from dataclasses import replace

import numpy as np
import pytest

from core.domain.answer import ClassScores, Detection, GalleryScores, Witness
from core.fusion import decide
from tests.support.fused import FRAME, alike, box, hand_tree, said

TREE = hand_tree()


def rare(similarities: dict[int, float], shares: dict[int, float]) -> GalleryScores:
    """Return what a gallery says that knows how rare such a likeness is."""
    return replace(alike(similarities), stranger_shares=np.array(list(shares.values()), np.float32))


def test_witnesses_that_alone_would_not_do_name_a_place_together() -> None:
    unsure = said(0.3, 0.1, 0.6)
    assert decide(unsure, [], None, TREE, FRAME).class_id is None
    together = decide(unsure, [box(0, 0.8)], None, TREE, FRAME)
    assert (together.class_id, together.decided_by) == (0, Witness.SEVERAL)
    assert together.reason == "reason.fused_classifier_detector"
    assert together.tree_run_id == "fusion-hand"


@pytest.mark.parametrize(
    ("scores", "boxes", "who", "reason"),
    [
        (said(0.8, 0.1, 0.1), None, Witness.CLASSIFIER, "reason.fused_classifier"),
        (said(0.8, 0.1, 0.1), [box(1, 0.5)], Witness.CLASSIFIER, "reason.fused_classifier"),
        (said(0.1, 0.2, 0.7), [box(0, 0.9)], Witness.DETECTOR, "reason.fused_detector"),
    ],
)
def test_who_decided_is_who_carried_it(
    scores: ClassScores, boxes: list[Detection] | None, who: Witness, reason: str
) -> None:
    decision = decide(scores, boxes, None, TREE, FRAME)
    assert (decision.class_id, decision.decided_by, decision.reason) == (0, who, reason)


def test_a_refusal_says_what_fitted_best_and_how_much_was_needed() -> None:
    refused = decide(said(0.4, 0.1, 0.5), [box(0, 0.2)], None, TREE, FRAME)
    assert (refused.class_id, refused.decided_by, refused.reason) == (None, Witness.NONE, "reason.fused_not_enough")
    assert refused.reason_values["class_id"] == 0
    assert refused.reason_values["needed"] == 0.6
    assert refused.confidence == pytest.approx(TREE.none_confidence(float(refused.reason_values["score"])))


def test_the_path_tells_each_question_with_its_value() -> None:
    path = decide(said(0.3, 0.1, 0.6), [box(0, 0.8)], None, TREE, FRAME).path
    assert [(step.feature, step.threshold, step.above) for step in path] == [
        ("cnn_probability", 0.5, False),
        ("box_confidence", 0.6, True),
    ]
    assert path[1].value == pytest.approx(0.8)


def test_of_candidates_that_score_alike_the_one_that_witnesses_believe_in_most_is_best() -> None:
    level = replace(TREE, weights=(), bias=0.0)
    assert decide(said(0.31, 0.3, 0.39), [box(0, 0.7), box(1, 0.9)], None, level, FRAME).class_id == 1


def test_a_missing_detector_leaves_the_others_to_decide() -> None:
    assert decide(said(0.8, 0.1, 0.1), None, None, TREE, FRAME).class_id == 0
    assert decide(None, [box(1, 0.8)], None, TREE, FRAME).class_id == 1


def test_a_place_that_the_detector_knows_no_part_of_is_missing_to_it_and_not_unseen() -> None:
    decision = decide(said(0.3, 0.1, 0.6), [], None, replace(TREE, box_class_ids=(1,)), FRAME)
    assert decision.path[1].value is None


def test_a_place_added_later_passes_through_the_same_tree() -> None:
    """Class 12 is known from photos only; where nothing says how rare the likeness is, it is a candidate like any."""
    by_gallery = replace(TREE, weights=(), bias=0.0, acceptance=0.05)
    decision = decide(said(0.02, 0.01, 0.97), [], alike({0: 0.1, 12: 0.9}), by_gallery, FRAME)
    assert (decision.class_id, decision.decided_by) == (12, Witness.GALLERY)


def test_a_place_known_from_a_few_photos_has_its_own_rule_with_and_without_a_tree() -> None:
    like_the_new_one = rare({0: 0.1, 12: 0.6}, {0: 1.0, 12: 0.001})
    for tree in (TREE, None):
        decision = decide(said(0.2, 0.1, 0.7), [], like_the_new_one, tree, FRAME)
        assert (decision.class_id, decision.decided_by, decision.reason) == (12, Witness.GALLERY, "reason.few")


def test_what_that_rule_refuses_the_tree_does_not_name() -> None:
    common = rare({0: 0.1, 12: 0.6}, {0: 1.0, 12: 0.3})
    lenient = replace(TREE, acceptance=0.05)
    assert decide(said(0.2, 0.1, 0.7), [], common, lenient, FRAME).class_id == 0


def test_without_a_tree_stated_rules_decide() -> None:
    decision = decide(said(0.8, 0.1, 0.1), [box(0, 0.9)], None, None, FRAME)
    assert (decision.class_id, decision.path, decision.tree_run_id) == (0, (), "")
    assert decision.reason == "reason.classifier_and_box"


def test_no_witness_that_knows_a_place_names_none() -> None:
    decision = decide(None, None, None, TREE, FRAME)
    assert (decision.class_id, decision.confidence, decision.reason) == (None, 1.0, "reason.no_candidate")
