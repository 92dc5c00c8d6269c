"""What the witnesses say of a candidate, worked out by hand."""

from dataclasses import fields

import numpy as np
import pytest

from core.domain.answer import ClassScores, Witness
from core.fusion.features import FEATURES, LOWEST, MISSING, WITNESS_OF, Frame, candidate_features, first_of_each
from tests.support.fused import FRAME, alike, box, said


def named(values: np.ndarray) -> dict[str, float]:
    return dict(zip(FEATURES, values.tolist(), strict=True))


def test_the_classifiers_features_are_those_of_its_probabilities() -> None:
    row = named(candidate_features(said(0.6, 0.1, 0.3), None, None, FRAME)[0])
    assert row["cnn_probability"] == pytest.approx(0.6)
    assert row["cnn_margin"] == pytest.approx(0.5)
    assert row["cnn_against_none"] == pytest.approx(0.6 / 0.9)
    assert row["cnn_none"] == pytest.approx(0.3)
    entropy = -sum(share * np.log(share) for share in (0.6, 0.1, 0.3)) / np.log(3)
    assert row["cnn_entropy"] == pytest.approx(entropy)
    assert row["agreement"] == 1


def test_boxes_give_the_surest_ones_confidence_and_area_and_how_many_there_are() -> None:
    boxes = [box(0, 0.4, side=100), box(0, 0.8, side=50), box(1, 0.3, side=10), box(0, 0.01)]
    rows = candidate_features(None, boxes, None, FRAME)
    first, second = named(rows[0]), named(rows[1])
    assert [first[name] for name in ("box_confidence", "box_count", "box_area")] == pytest.approx([0.8, 2, 0.25])
    assert [second[name] for name in ("box_confidence", "box_count", "box_area")] == pytest.approx([0.3, 1, 0.01])
    assert (first["agreement"], second["agreement"]) == (1, 0)


def test_the_gallery_gives_similarity_margin_and_share_of_the_nearest_strangers_among_them() -> None:
    row = named(candidate_features(None, None, alike({0: 0.7, 1: 0.4}, [0, 0, None, 1]), FRAME)[0])
    assert row["gallery_similarity"] == pytest.approx(0.7)
    assert row["gallery_margin"] == pytest.approx(0.3)
    assert row["gallery_share"] == pytest.approx(0.5)


def test_a_missing_witness_is_a_value_of_its_own_that_no_witness_can_say() -> None:
    row = named(candidate_features(said(0.6, 0.1, 0.3), None, None, FRAME)[0])
    missing = {name for name, value in row.items() if value == MISSING}
    assert missing == {name for name, who in WITNESS_OF.items() if who in {Witness.DETECTOR, Witness.GALLERY}}
    worst = candidate_features(said(0.0, 1.0, 0.0), [box(1, 0.9)], alike({0: -1.0, 1: 1.0}), FRAME)[0]
    assert worst.min() == LOWEST > MISSING


def test_a_detector_that_found_nothing_says_so_and_one_that_knows_no_part_is_missing() -> None:
    scores = said(0.6, 0.1, 0.3)
    looked = candidate_features(scores, [], None, Frame((1, 1), box_class_ids=frozenset({0})))
    assert named(looked[0])["box_confidence"] == 0
    assert named(looked[1])["box_confidence"] == MISSING


def test_candidates_are_the_places_of_all_witnesses() -> None:
    rows = candidate_features(said(0.6, 0.1, 0.3), [box(7, 0.9)], alike({12: 0.5}), FRAME)
    assert list(rows) == [0, 1, 7, 12]
    assert named(rows[12])["cnn_probability"] == MISSING


def test_agreement_counts_the_witnesses_that_put_a_place_first() -> None:
    witnesses = said(0.6, 0.1, 0.3), [box(0, 0.9), box(1, 0.2)], alike({0: 0.4, 1: 0.5})
    assert first_of_each(*witnesses) == {Witness.CLASSIFIER: 0, Witness.DETECTOR: 0, Witness.GALLERY: 1}
    rows = candidate_features(*witnesses, FRAME)
    assert (named(rows[0])["agreement"], named(rows[1])["agreement"]) == (2, 1)


def test_no_feature_names_a_place() -> None:
    """The same evidence for another class number gives the same values."""
    first = candidate_features(said(0.6, 0.1, 0.3), [box(0, 0.9)], alike({0: 0.4, 1: 0.1}), FRAME)
    other = candidate_features(said(0.6, 0.1, 0.3, class_ids=(41, 1)), [box(41, 0.9)], alike({41: 0.4, 1: 0.1}), FRAME)
    np.testing.assert_array_equal(first[0], other[41])


def test_where_and_when_a_photo_was_taken_is_no_evidence() -> None:
    said_of = {field.name for kind in (ClassScores, Frame) for field in fields(kind)}
    assert not {name for name in (*said_of, *FEATURES) if "position" in name or "time" in name}
