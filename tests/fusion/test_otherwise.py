"""The smallest single change that turns a decision, worked out by hand on a tree of three questions."""

from dataclasses import replace

import pytest

from core.fusion import decide
from core.fusion.features import FEATURES, candidate_features
from core.fusion.otherwise import nearest_other
from core.fusion.tree import Node, Weight
from tests.support.fused import FRAME, alike, box, hand_tree, said

TREE = hand_tree()


def test_the_nearest_question_is_the_one_that_is_told() -> None:
    """The boxes lack 0.05 to 0.6, the classifier 0.2 to 0.5."""
    values = candidate_features(said(0.3, 0.1, 0.6), [box(0, 0.55)], None, FRAME)[0]
    other = nearest_other(values, TREE)
    assert other is not None
    assert other.reason == "fusion.other.named"
    assert other.values["feature"] == "box_confidence"
    assert other.values["threshold"] == pytest.approx(0.6, abs=1e-3)
    assert other.values["value"] == pytest.approx(0.55)


def test_the_change_that_is_told_does_turn_the_decision() -> None:
    for witnesses in (
        (said(0.3, 0.1, 0.6), [box(0, 0.55)], None),
        (said(0.52, 0.1, 0.38), [], alike({0: 0.3, 1: 0.2})),
        (said(0.3, 0.1, 0.6), [box(0, 0.9)], None),
    ):
        values = candidate_features(*witnesses, FRAME)[0]
        other = nearest_other(values, TREE)
        assert other is not None
        moved = values.copy()
        moved[FEATURES.index(str(other.values["feature"]))] = other.values["threshold"]
        assert (TREE.score(moved) >= TREE.acceptance) != (TREE.score(values) >= TREE.acceptance)


def test_what_is_weighed_counts_where_the_acceptance_lies_within_an_end() -> None:
    """Only the similarity tells candidates at that end apart."""
    within = replace(TREE, acceptance=0.92, weights=(Weight("gallery_similarity", 8.0, 0.0),))
    values = candidate_features(said(0.7, 0.1, 0.2), [], alike({0: 0.1, 1: 0.05}), FRAME)[0]
    other = nearest_other(values, within)
    assert other is not None
    assert other.values["feature"] == "gallery_similarity"


def test_a_missing_witness_is_no_change_that_anybody_could_name() -> None:
    """Only boxes count for this tree; where the detector is missing, nothing is told."""
    ends = Node("", 0.0, 0, 0, 0.1, 20), Node("", 0.0, 0, 0, 0.9, 10)
    boxes_only = hand_tree(nodes=(Node("box_confidence", 0.6, 1, 2, 0.5, 30), *ends), weights=())
    for boxes, is_told in (([box(0, 0.3)], True), (None, False)):
        values = candidate_features(said(0.3, 0.1, 0.6), boxes, None, FRAME)[0]
        assert (nearest_other(values, boxes_only) is not None) is is_told


def test_where_no_single_change_helps_it_says_so() -> None:
    never = replace(TREE, acceptance=1.0)
    refused = decide(said(0.3, 0.1, 0.6), [box(0, 0.55)], None, never, FRAME)
    assert refused.other_reason == "fusion.other.no_single"
