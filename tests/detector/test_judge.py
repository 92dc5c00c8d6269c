"""Scores of held-out photos, worked out by hand: who chooses the threshold, who is counted, how sure it is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.detector.judge import JudgedPhoto, Judgement, find_on, judge
from core.detector.predict import Network
from core.detector.training_set import BoxedPhoto, BoxSet
from core.domain.library import SnapshotBox
from core.metrics.detection import BoxesOnPhoto
from core.metrics.scores import proportion
from tests.support.boxed_photos import boxed_photos
from tests.support.tiny_detector import CELL_PX, SIZE_PX, tiny_detector_onnx
from tests.support.tiny_detector import tiny_detector_manifest as manifest

HERE, THERE = (0.0, 0.0, 0.5, 0.5), (0.5, 0.5, 1.0, 1.0)
BOXES = BoxSet((), (), (1, 4), ("tower", "rock"), ())
Boxes = list[tuple[tuple[float, ...], float]]


def on_photo(found: Boxes, truth: int = 1, label: int = 0) -> BoxesOnPhoto:
    """Return a photo with a box HERE, or none, and what was found: corners and confidence."""
    return BoxesOnPhoto(
        np.array([HERE] * truth, np.float64).reshape(-1, 4),
        np.full(truth, label, np.int64),
        np.array([corners for corners, _ in found], np.float64).reshape(-1, 4),
        np.full(len(found), label, np.int64),
        np.array([confidence for _, confidence in found], np.float64),
    )


def judged(part: str, boxes: BoxesOnPhoto, group: str = "") -> JudgedPhoto:
    photo = BoxedPhoto(Path("x"), "0" * 64, group or f"{part}{id(boxes)}", "towers", None, ())
    return JudgedPhoto(photo, part, boxes)


def test_each_fold_is_counted_with_the_threshold_that_the_others_choose() -> None:
    # In fold 0 right boxes are sure (0.9) and wrong ones at 0.6; in fold 1 the right ones only reach 0.5.
    sure = [judged("fold 0", on_photo([(HERE, 0.9), (THERE, 0.6)])) for _ in range(3)]
    unsure = [judged("fold 1", on_photo([(HERE, 0.5)])) for _ in range(3)]

    judgement = judge(BOXES, [*sure, *unsure], [], [])

    # Fold 0 is judged at 0.5 (fold 1's best): three right, three wrong. Fold 1 at 0.9 (fold 0's best): nothing found.
    assert judgement.scores["precision"] == proportion(3, 6)
    assert judgement.scores["recall"] == proportion(3, 6)
    # What ships is chosen on all of them: at 0.5 F1 is 12/15, at 0.9 it is 6/9.
    assert judgement.confidence == 0.5


def test_a_fold_never_chooses_for_itself() -> None:
    flattering = [judged("fold 0", on_photo([(HERE, 0.9), (THERE, 0.6)]))]
    others = [judged("fold 1", on_photo([(HERE, 0.4)])), judged("fold 2", on_photo([(HERE, 0.3)]))]

    judgement = judge(BOXES, [*flattering, *others], [], [])

    # Fold 0 at 0.3 gives one right and one wrong; fold 1 at 0.3 or fold 2 at 0.4 cannot be better than by the others.
    precision = judgement.scores["precision"]
    assert precision.k is not None and precision.k < precision.n


def test_watched_photos_choose_where_there_are_any_and_are_not_counted() -> None:
    tested = [judged("all", on_photo([(HERE, 0.9), (THERE, 0.6)])) for _ in range(2)]
    watched = [on_photo([(HERE, 0.4)])]

    judgement = judge(BOXES, tested, [], watched)

    assert judgement.confidence == 0.4
    assert judgement.scores["precision"] == proportion(2, 4)
    assert judgement.scores["recall"] == proportion(2, 2)


def test_strangers_are_counted_when_anything_on_them_is_sure_enough() -> None:
    tested = [judged("all", on_photo([(HERE, 0.9)]))]
    strangers = [
        on_photo([(THERE, 0.89)], truth=0),
        on_photo([(THERE, 0.9), (HERE, 0.95)], truth=0),
        on_photo([], truth=0),
    ]

    judgement = judge(BOXES, tested, strangers, [on_photo([(HERE, 0.9)])])

    assert judgement.scores["strangers_marked"] == proportion(1, 3)
    assert "strangers_marked" not in judge(BOXES, tested, [], []).scores


def test_intervals_lie_around_the_score_and_shrink_with_more_groups() -> None:
    def scores(groups: int) -> Judgement:
        photos = [
            judged("fold 0", on_photo([(HERE if number % 2 else THERE, 0.9)]), f"{number}") for number in range(groups)
        ]
        return judge(BOXES, photos, [], [])

    few, many = scores(6).scores["map50"], scores(60).scores["map50"]
    assert few.low <= few.value <= few.high and many.low <= many.value <= many.high
    assert (few.k, few.n, many.n) == (None, 6, 60)
    assert many.high - many.low < few.high - few.low


def test_photos_of_one_group_are_drawn_together() -> None:
    photos = [judged("fold 0", on_photo([(HERE if number % 2 else THERE, 0.9)]), "one series") for number in range(8)]

    score = judge(BOXES, photos, [], []).scores["map50"]

    assert score.low == score.value == score.high  # a single group says nothing about another one


def test_average_precision_is_the_mean_over_the_labels_that_occur() -> None:
    photos = [
        judged("fold 0", on_photo([(HERE, 0.9)], label=0)),
        judged("fold 0", on_photo([(THERE, 0.9)], label=1)),
    ]

    scores = judge(replace(BOXES, label_ids=(1, 4, 9), labels=("tower", "rock", "tree")), photos, [], []).scores

    assert (scores["map50"].value, scores["map50_95"].value) == (pytest.approx(0.5), pytest.approx(0.5))


def test_nothing_held_out_means_no_scores_and_the_usual_threshold() -> None:
    assert judge(BOXES, [], [], []) == Judgement(0.25, {}, ())


def test_what_is_found_lies_beside_the_truth_in_fractions_of_the_photo(tmp_path: Path) -> None:
    from PIL import Image

    pixels = np.zeros((SIZE_PX, SIZE_PX, 3), np.uint8)
    pixels[:CELL_PX, :CELL_PX, 0] = 255
    Image.fromarray(pixels).save(tmp_path / "red.png")
    (photo,) = boxed_photos(tmp_path / "other", 1)
    drawn = replace(photo, path=tmp_path / "red.png", boxes=(SnapshotBox(4, "rock", (0.0, 0.0, 0.25, 0.25)),))
    network = Network(tiny_detector_onnx(), manifest().input, "tiny", 1)

    one = find_on(drawn, BOXES, network, SIZE_PX, 0.7)

    assert one.truth.tolist() == [[0.0, 0.0, 0.25, 0.25]]
    assert one.truth_labels.tolist() == [1]
    assert one.found[0] == pytest.approx([0.0, 0.0, 0.25, 0.25], abs=1e-4)
    assert one.found_labels.tolist() == [0]
