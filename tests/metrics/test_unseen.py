"""Which photos two runs may be compared on: judged by models that learned neither them nor what belongs to them."""

from dataclasses import replace

import numpy as np
import pytest

from core.metrics.box_table import BoxTable, read_boxes
from core.metrics.compare import compare_shares, same_photos
from core.metrics.compare_boxes import same_boxes
from core.metrics.judged_photos import JudgedPhotos, Part, judge_photos
from core.metrics.unseen import APART, Dealt, flattered, unseen_boxes, unseen_photos
from tests.support.boxed_run import ROWS, boxes_csv
from tests.support.hand_worked import hand_manifest, hand_table
from tests.support.tiny_detector import LABELS

HELD_OUT = judge_photos(hand_manifest(), hand_table(), hand_table().held_out)
SHA = HELD_OUT.sha256s


def dealt(*photos: tuple[str, int, str]) -> Dealt:
    return Dealt({sha: fold for sha, fold, _ in photos}, {sha: group for sha, _, group in photos})


def apart(photos: JudgedPhotos, *rows: int) -> JudgedPhotos:
    """Return these photos as ones that the run never learned from."""
    return replace(photos.take(rows), folds=np.full(len(rows), APART))


def test_runs_of_different_data_are_compared_on_what_both_held_out() -> None:
    other = HELD_OUT.take([2, 3, 4, 5])  # trained on fewer photos, dealt to other folds
    other = replace(other, folds=np.array([7, 8, 9, 7]))
    assert compare_shares(HELD_OUT, other)["accuracy"].n == 4
    assert same_photos(HELD_OUT, replace(other, sha256s=("w", "x", "y", "z"))) == ([], [])


def test_a_photo_is_left_out_where_the_other_knows_that_its_twin_was_learned_from() -> None:
    other = replace(HELD_OUT.take([0, 1]), groups=("twins", "twins"))  # in folds 0 and 1 of the first run
    assert same_photos(HELD_OUT, other) == ([], [])
    together = replace(HELD_OUT.take([0, 2]), groups=("twins", "twins"))  # both in fold 0: judged by the same model
    assert same_photos(HELD_OUT, together) == ([0, 2], [0, 1])


@pytest.mark.parametrize("first", [True, False])
def test_it_does_not_matter_which_run_knows_of_the_twin(first: bool) -> None:
    knows = dealt(("a", 0, "twins"), ("b", 0, "twins"), ("c", 1, "alone"))
    learned = dealt(("a", 0, "1"), ("b", 3, "2"), ("c", 0, "3"))
    assert flattered(*((knows, learned) if first else (learned, knows))) == {"a", "b"}


def test_a_photo_kept_apart_is_left_out_as_soon_as_any_twin_was_learned_from() -> None:
    judged = dealt(("a", APART, "test"), ("b", 2, "learned"))
    assert flattered(judged, dealt(("a", APART, "twins"), ("b", 0, "twins"))) == {"a"}
    assert flattered(judged, dealt(("a", APART, "twins"), ("x", 0, "twins"))) == {"a"}  # the other run learned from x
    assert not flattered(judged, dealt(("a", APART, "twins"), ("x", APART, "twins")))


def test_what_a_run_was_judged_on_is_taken_together_each_photo_once() -> None:
    test, more = apart(HELD_OUT, 6), apart(HELD_OUT, 7, 6)
    found = unseen_photos({Part.TEST: test, Part.HELD_OUT: HELD_OUT.take([0, 1, 7]), Part.TRAIN: HELD_OUT}, [more])
    assert found is not None and found.sha256s == (SHA[6], SHA[7], SHA[0], SHA[1])
    assert found.folds.tolist() == [APART, APART, 0, 1] and found.truth.tolist() == [-1, -1, 0, 0]
    assert unseen_photos({Part.TRAIN: HELD_OUT}) is None


def boxes(*rows: tuple[str, ...]) -> BoxTable:
    return read_boxes(boxes_csv(rows), [entry.slug for entry in LABELS])


def test_detectors_go_by_the_same_rule() -> None:
    first = boxes(*ROWS)  # the first photo in fold 0, the others in fold 1
    twins = tuple((sha, "twins", "all", *rest) for sha, _, _, *rest in ROWS[:4])
    before, after = same_boxes(first, boxes(*twins))
    assert not before.photos and not after.photos
    alone = tuple((sha, sha, "all", *rest) for sha, _, _, *rest in ROWS[:4])
    before, after = same_boxes(first, boxes(*alone))
    assert (
        [photo.sha256 for photo in before.photos]
        == [photo.sha256 for photo in after.photos]
        == [ROWS[0][0], ROWS[2][0]]
    )


def test_boxes_of_several_evaluations_are_taken_together_each_photo_once() -> None:
    found = unseen_boxes(boxes(*ROWS[:2]), [boxes(*ROWS)])
    assert found is not None and [photo.part for photo in found.photos] == ["fold 0", "fold 1", "fold 1"]
    assert unseen_boxes(None) is None and unseen_boxes(boxes()) is None
