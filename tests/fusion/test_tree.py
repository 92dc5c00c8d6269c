"""The table of nodes: walked as scikit-learn would, refused where a path would not end."""

import json

import numpy as np
import pytest

from core.errors import ModelRefused
from core.fusion.features import FEATURES, candidate_features
from core.fusion.tree import Weight, read_tree, spread, write_tree
from tests.support.fused import FRAME, alike, box, hand_tree, said

TREE = hand_tree()


def changed(**changes: object) -> bytes:
    return json.dumps({**json.loads(write_tree(TREE)), **changes}).encode()


def test_a_tree_is_read_back_as_it_was_written() -> None:
    assert read_tree(write_tree(TREE), "fusion-hand") == TREE


def test_a_candidate_walks_by_its_values_and_scores_the_share_at_the_end() -> None:
    values = candidate_features(said(0.3, 0.1, 0.6), [box(0, 0.7)], None, FRAME)[0]
    assert TREE.walk(values) == (0, 1, 3)
    steps = TREE.steps(values)
    assert [(step.feature, step.above) for step in steps] == [("cnn_probability", False), ("box_confidence", True)]
    assert TREE.end(values).share == 0.7
    assert TREE.score(values) == pytest.approx(0.7)


def test_the_score_weighs_the_odds_at_the_end_and_each_witness() -> None:
    """The end has odds of 9 to 1, and a similarity of 0.5 counts e to the half."""
    values = candidate_features(said(0.6, 0.1, 0.3), None, alike({0: 0.5}), FRAME)[0]
    weighed = 9 * np.exp(0.5)
    assert TREE.score(values) == pytest.approx(weighed / (1 + weighed))
    assert hand_tree(bias=-1.0).score(values) == pytest.approx(weighed / (np.e + weighed))


def test_a_missing_witness_counts_what_stands_in_for_it() -> None:
    values = candidate_features(said(0.6, 0.1, 0.3), None, None, FRAME)[0]
    weighed = hand_tree(weights=(Weight("gallery_similarity", 4.0, -1.0),))
    assert weighed.score(values) == pytest.approx(9 / (np.e + 9))


def test_a_probability_is_weighed_by_its_odds() -> None:
    assert spread("cnn_against_none", 0.9) == pytest.approx(np.log(9))
    assert spread("cnn_against_none", 1.0) == pytest.approx(np.log(9999))
    assert spread("gallery_similarity", -0.25) == -0.25


def test_the_step_of_a_missing_witness_has_no_value() -> None:
    values = candidate_features(said(0.3, 0.1, 0.6), None, None, FRAME)[0]
    assert [step.value for step in TREE.steps(values)] == [pytest.approx(0.3), None]


def test_confidence_is_looked_up_between_the_points() -> None:
    assert TREE.confidence(0.5) == pytest.approx(0.5)
    assert TREE.none_confidence(0.25) == pytest.approx(0.7)


def test_a_path_that_comes_back_or_leaves_the_table_is_refused() -> None:
    nodes = json.loads(write_tree(TREE))["nodes"]
    for field, value in (("low", 0), ("high", 5), ("low", 1)):
        broken = [dict(node) for node in nodes]
        broken[1][field] = value
        with pytest.raises(ModelRefused) as refusal:
            read_tree(changed(nodes=broken), "fusion-hand")
        assert refusal.value.code == "model.tree"


@pytest.mark.parametrize(
    "changes",
    [
        {"features": list(FEATURES[:-1])},
        {"run_id": "another"},
        {"format": 2},
        {"acceptance": 1.5},
        {"calibration": []},
        {"calibration": [[0.5, 0.1], [0.5, 0.2]]},
        {"surprise": 1},
        {"weights": [{"feature": "latitude", "weight": 1.0, "if_missing": 0.0}]},
        {"bias": "NaN"},
    ],
)
def test_what_is_not_a_tree_of_this_program_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ModelRefused) as refusal:
        read_tree(changed(**changes), "fusion-hand")
    assert refusal.value.code == "model.tree"


def chain(questions: int) -> list[dict[str, object]]:
    """Return so many questions in a row; the high side of each ends."""
    end = {"feature": "", "threshold": 0.0, "low": 0, "high": 0, "share": 0.5, "photos": 1}
    pairs = [
        ({**end, "feature": "box_confidence", "low": 2 * at + 2, "high": 2 * at + 1}, end) for at in range(questions)
    ]
    return [*(node for pair in pairs for node in pair), end]


def test_a_tree_deeper_than_can_be_read_is_refused() -> None:
    assert read_tree(changed(nodes=chain(5)), "fusion-hand").depth == 5
    with pytest.raises(ModelRefused):
        read_tree(changed(nodes=chain(6)), "fusion-hand")


def test_bytes_that_are_no_json_are_refused() -> None:
    with pytest.raises(ModelRefused):
        read_tree(b"\x80\x04K\x01.", "fusion-hand")
