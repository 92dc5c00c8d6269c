"""Nested folds: nothing that decides on a photo was fitted on it, and the fused answer is compared photo by photo."""

from dataclasses import replace

import numpy as np
import pytest

from core.fusion.fit import FitConfig, fit_tree
from core.fusion.judge import FUSED, NO_FOLD, Judgement, judge, scores_of
from core.fusion.records import HeldOut, HeldOutPhoto, held_out
from tests.support.fused import KNOWN, STRANGERS, box, hand_tree, said, write_witnesses

CONFIG = FitConfig(target_false_accept=0.1)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> HeldOut:
    return held_out(*write_witnesses(tmp_path_factory.mktemp("witnesses")))


def judged_with(photos: tuple[HeldOutPhoto, ...], evidence: HeldOut) -> Judgement:
    learned = [photo for photo in photos if not photo.is_test]
    ships = fit_tree(learned, evidence.frame, CONFIG, "fusion-ships")
    return judge(photos, evidence.frame, CONFIG, ships, lambda fold: None)


@pytest.fixture(scope="module")
def judged(evidence: HeldOut) -> Judgement:
    return judged_with(evidence.photos, evidence)


def test_together_they_name_more_than_the_best_of_them_alone(judged: Judgement) -> None:
    difference = judged.differences()["right"]
    assert difference.n == KNOWN
    assert difference.low > 0
    scores = scores_of(judged)
    assert scores["held_out_fused_false_accepts"].n == STRANGERS
    assert {f"held_out_{name}_right" for name in ("fused", "classifier", "detector", "gallery")} <= set(scores)
    assert scores["held_out_fused_calibration_error"].value < 0.2


def test_every_photo_is_held_out_once_and_groups_never_straddle(evidence: HeldOut) -> None:
    paired = tuple(replace(photo, group=str(at // 3)) for at, photo in enumerate(evidence.photos))
    folds = judged_with(paired, evidence).folds
    assert len(folds) == len(paired)
    assert set(folds.tolist()) == {0, 1, 2, 3, 4}
    assert all(len(set(folds[at : at + 3].tolist())) == 1 for at in range(0, len(paired), 3))


def test_what_decides_on_a_photo_was_not_fitted_on_its_fold(evidence: HeldOut, judged: Judgement) -> None:
    """Half of a fold's photos are given nonsense as evidence; what is decided on the other half stays as it was."""
    mine = np.flatnonzero(judged.folds == 0)
    spoilt = set(mine[::2].tolist())
    nonsense = said(0.0, 0.0, 1.0)
    photos = tuple(
        replace(photo, scores=nonsense, boxes=(box(1 - abs(photo.label), 0.99),)) if at in spoilt else photo
        for at, photo in enumerate(judged.photos)
    )
    again = judged_with(photos, evidence)
    np.testing.assert_array_equal(again.folds, judged.folds)
    for name, decided in judged.decided.items():
        np.testing.assert_array_equal(again.decided[name].named[mine[1::2]], decided.named[mine[1::2]])
    np.testing.assert_array_equal(again.decided[FUSED].score[mine[1::2]], judged.decided[FUSED].score[mine[1::2]])


def test_photos_kept_apart_are_judged_by_what_ships_and_nothing_is_fitted_on_them(evidence: HeldOut) -> None:
    tests = tuple(replace(photo, sha256=f"t{at}", is_test=True) for at, photo in enumerate(evidence.photos[::4]))
    nobody = replace(hand_tree(), acceptance=1.0)
    judged = judge((*evidence.photos, *tests), evidence.frame, CONFIG, nobody, lambda fold: None)
    apart = judged.folds == NO_FOLD
    assert apart.sum() == len(tests)
    assert set(judged.decided[FUSED].named[apart].tolist()) == {-1}
    scores = scores_of(judged)
    assert scores["test_fused_right"].value == 0
    assert scores["held_out_fused_right"].n == KNOWN


def test_a_witness_that_was_not_asked_about_photos_kept_apart_has_no_score_there(evidence: HeldOut) -> None:
    tests = tuple(
        replace(one, sha256=f"t{at}", is_test=True, gallery=None) for at, one in enumerate(evidence.photos[:9])
    )
    nobody = replace(hand_tree(), acceptance=1.0)
    scores = scores_of(judge((*evidence.photos, *tests), evidence.frame, CONFIG, nobody, lambda fold: None))
    assert {"test_classifier_right", "test_detector_right", "held_out_gallery_right"} <= set(scores)
    assert not [name for name in scores if name.startswith("test_gallery")]


def test_a_fold_is_told_before_it_is_fitted(evidence: HeldOut) -> None:
    told: list[int] = []
    judge(evidence.photos, evidence.frame, CONFIG, hand_tree(), told.append)
    assert told == [0, 1, 2, 3, 4]
