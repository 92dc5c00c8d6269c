"""The report of a run against numbers worked out by hand, and against scikit-learn."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.errors import ModelRefused
from core.metrics.run_report import ConfusionRow, Mistake, PartReport, PlaceCount, report_run
from core.metrics.scores import proportion
from core.weights.manifest import Manifest
from core.weights.records import PredictionTable
from tests.support.hand_worked import SCORES, THRESHOLD, hand_manifest, hand_table
from tests.support.tiny_model import SLUGS, tiny_manifest

REPORT = report_run(hand_manifest(), hand_table())


def random_run(seed: int) -> tuple[Manifest, PredictionTable]:
    """Return 600 photos of five places and strangers; two thirds held out; right about every other time."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, 5, 600)
    probabilities = rng.dirichlet(np.full(6, 0.4), 600)
    right = np.arange(600) % 2 == 0
    probabilities[right, labels[right]] += 0.5  # column -1 is none of these
    table = PredictionTable(
        class_ids=(0, 1, 2, 3, 4),
        sha256s=tuple(f"{number:064x}" for number in range(600)),
        groups=tuple(map(str, range(600))),
        folds=rng.integers(0, 5, 600),
        labels=labels,
        probabilities=probabilities / probabilities.sum(axis=1, keepdims=True),
        held_out=np.arange(600) < 400,
    )
    return tiny_manifest(), table


def without_none_output(threshold: float, **changes: Any) -> PartReport:
    """Report on the held-out photos of the hand-worked run, as if the network could not say none of these."""
    manifest = hand_manifest()
    calibration = replace(manifest.calibration, acceptance="max_probability", threshold=threshold)
    table = replace(hand_table(), probabilities=hand_table().probabilities[:, :2], **changes)
    return report_run(replace(manifest, has_none_output=False, calibration=calibration), table).held_out


def test_k_of_n_per_place_stands_for_held_out_photos_beside_training_photos() -> None:
    first, second = REPORT.places
    assert (first.class_id, first.slug, second.class_id) == (0, "osulloc", 4)
    assert first.held_out == PlaceCount(proportion(1, 4), proportion(3, 4))
    assert first.train == PlaceCount(proportion(1, 1), proportion(1, 1))
    assert second.held_out == PlaceCount(proportion(1, 1), proportion(1, 1))


def test_the_score_to_quote_is_the_manifests_and_no_count_of_the_table() -> None:
    assert REPORT.places[0].quoted == SCORES["held_out_right/osulloc"] == proportion(2, 4)
    assert report_run(replace(hand_manifest(), scores={}), hand_table()).places[0].quoted is None


def test_shares_of_both_parts_worked_out_by_hand() -> None:
    held_out, train = REPORT.held_out, REPORT.train
    assert (held_out.photos, held_out.right, held_out.best_guess) == (8, proportion(2, 5), proportion(4, 5))
    assert (train.photos, train.right, train.best_guess) == (3, proportion(2, 2), proportion(2, 2))
    assert (held_out.false_accepts, train.false_accepts) == (proportion(1, 3), proportion(0, 1))


def test_auroc_and_calibration_error_worked_out_by_hand() -> None:
    area, error = REPORT.held_out.auroc, REPORT.held_out.calibration_error
    assert area is not None
    assert error is not None
    # Known 0.875, 0.875, 0.1875, 0.5625, 0.625 against unknown 0.125, 0.6875, 0.5: 3 + 3 + 1 + 2 + 2 of 15.
    assert (area.value, area.n) == (pytest.approx(11 / 15), 8)
    # Bins of 1/15: 0.75 twice (1 right), 0.8125 (wrong), 0.5 three times (all right), 0.875 (right), 0.625 (wrong).
    assert (error.value, error.n) == (pytest.approx((0.5 + 0.8125 + 1.5 + 0.125 + 0.625) / 8), 8)


def test_confusion_tells_refused_from_none_of_these() -> None:
    assert REPORT.held_out.confusion == (
        ConfusionRow("osulloc", said=(1, 1), refused=1, none=1),
        ConfusionRow("cheonjiyeon", said=(0, 1), refused=0, none=0),
        ConfusionRow(None, said=(0, 1), refused=0, none=2),
    )


def test_errors_are_listed_the_most_confident_first() -> None:
    assert REPORT.held_out.mistakes == (
        Mistake(f"{3:064x}", "g3", 0, "osulloc", None, "osulloc", "none", 0.8125),
        Mistake(f"{2:064x}", "g2", 1, "osulloc", "cheonjiyeon", "cheonjiyeon", "wrong", 0.75),
        Mistake(f"{7:064x}", "g7", 0, None, "cheonjiyeon", "cheonjiyeon", "false_accept", 0.625),
        Mistake(f"{4:064x}", "g4", 1, "osulloc", None, "osulloc", "refused", 0.5),
    )
    assert REPORT.train.mistakes == ()


def test_the_rule_and_the_threshold_of_the_manifest_decide() -> None:
    assert (REPORT.acceptance, REPORT.threshold) == ("known_mass", THRESHOLD)
    # By the largest probability of a place, 0.5 is refused at 0.625 and 0.625 is not.
    by_largest = replace(hand_manifest().calibration, acceptance="max_probability")
    report = report_run(replace(hand_manifest(), calibration=by_largest), hand_table()).held_out
    assert report.confusion[1] == ConfusionRow("cheonjiyeon", said=(0, 0), refused=1, none=0)
    assert report.false_accepts == proportion(1, 3)


def test_a_photo_above_a_low_threshold_is_named_even_where_none_of_these_is_most_probable() -> None:
    low = replace(hand_manifest().calibration, threshold=0.25)
    report = report_run(replace(hand_manifest(), calibration=low), hand_table()).held_out
    assert report.confusion[2] == ConfusionRow(None, said=(1, 1), refused=0, none=1)
    (named,) = [mistake for mistake in report.mistakes if mistake.sha256 == f"{8:064x}"]
    assert (named.outcome, named.said, named.probability) == ("false_accept", "osulloc", 0.25)


def test_a_network_that_cannot_say_none_of_these_only_refuses() -> None:
    report = without_none_output(THRESHOLD)
    assert [row.none for row in report.confusion] == [0, 0, 0]
    assert report.confusion[2] == ConfusionRow(None, said=(0, 1), refused=2, none=0)
    assert report.calibration_error is not None
    assert report.calibration_error.n == 5  # strangers have no right output


def test_scores_without_their_photos_are_absent() -> None:
    only_known = without_none_output(THRESHOLD, labels=np.zeros(11, np.int64))
    assert (only_known.false_accepts, only_known.auroc) == (None, None)
    only_strangers = without_none_output(THRESHOLD, labels=np.full(11, -1))
    assert (only_strangers.right, only_strangers.auroc, only_strangers.calibration_error) == (None, None, None)


def test_a_part_without_photos_has_no_scores_and_no_errors() -> None:
    held_out_only = report_run(hand_manifest(), replace(hand_table(), held_out=np.ones(11, bool)))
    train = held_out_only.train
    assert (train.photos, train.right, train.auroc, train.calibration_error, train.mistakes) == (
        0,
        None,
        None,
        None,
        (),
    )
    assert held_out_only.places[0].train == PlaceCount(None, None)


@pytest.mark.parametrize("seed", range(3))
def test_a_random_run_agrees_with_scikit_learn(seed: int) -> None:
    from sklearn.metrics import confusion_matrix, recall_score, roc_auc_score

    manifest, table = random_run(seed)
    report = report_run(manifest, table)
    for part, rows in ((report.held_out, table.held_out), (report.train, ~table.held_out)):
        labels, shares = table.labels[rows] % 6, table.probabilities[rows]
        decided = np.where(1 - shares[:, 5] >= 0.5, shares[:, :5].argmax(axis=1), 5)
        counts = [[*row.said, row.refused + row.none] for row in part.confusion]
        assert counts == confusion_matrix(labels, decided, labels=range(6)).tolist()
        assert len(part.mistakes) == (labels != decided).sum()
        assert part.auroc is not None
        assert part.auroc.value == pytest.approx(roc_auc_score(labels != 5, 1 - shares[:, 5]), abs=1e-9)
        recalls = recall_score(labels, decided, labels=range(5), average=None)
        for place, slug, recall in zip(report.places, SLUGS, recalls, strict=True):
            count = place.held_out if part is report.held_out else place.train
            assert place.slug == slug
            assert count.right is not None
            assert count.right.value == pytest.approx(recall)


@pytest.mark.parametrize(
    "changes",
    [
        {"class_ids": (4, 0)},
        {"labels": np.full(11, 1)},
        {"probabilities": np.full((11, 3), np.nan)},
        {"probabilities": np.full((11, 3), 1.5)},
        {"probabilities": np.full((11, 2), 0.5)},
    ],
)
def test_a_table_about_something_else_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ModelRefused, match=r"model\.table.*predictions\.csv"):
        report_run(hand_manifest(), replace(hand_table(), **changes))
