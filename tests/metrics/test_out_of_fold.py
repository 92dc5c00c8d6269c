"""The pooled evaluation: nothing that is fitted sees the fold it decides on."""

from collections.abc import Callable

import numpy as np
import pytest

from core.errors import InvalidInput
from core.metrics.fitting import fit_calibration, fit_threshold
from core.metrics.out_of_fold import PhotoError, evaluate_out_of_fold
from core.metrics.probabilities import acceptance, softmax
from core.metrics.scores import proportion

Arrays = tuple[np.ndarray, np.ndarray, np.ndarray]


def draw(seed: int = 0, count: int = 300, classes: int = 3) -> Arrays:
    """Return logits with a column for none of these, labels with -1 for unknown, and five folds."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(-1, classes, count)
    logits = rng.normal(size=(count, classes + 1)) * 1.5
    logits[np.arange(count), labels % (classes + 1)] += 3
    return logits, labels, np.arange(count) % 5


def sharp(labels: list[int]) -> np.ndarray:
    """Return logits of three outputs that say these columns clearly."""
    return 8.0 * np.eye(3)[labels]


def test_counts_worked_out_by_hand() -> None:
    # two places and none of these; photo 4 shows place 1 and is taken for place 0, photo 9 is unknown and taken for 1
    said = [0, 0, 1, 1, 0, 2, 2, 2, 2, 1, 0, 0, 1, 1, 2, 2]
    labels = np.array([0, 0, 1, 1, 1, -1, -1, -1, -1, -1, 0, 0, 1, 1, -1, 0])
    report = evaluate_out_of_fold(sharp(said), labels, np.arange(16) % 2, 0.4)
    assert report.right == proportion(8, 10)
    assert report.wrong == proportion(1, 10)
    assert report.refused == proportion(1, 10)
    assert report.false_accepts == proportion(1, 6)
    assert report.confusion.tolist() == [[4, 0, 1], [1, 4, 0], [0, 1, 5]]
    assert [(e.index, e.label, e.decided) for e in report.errors] == [(4, 1, 0), (9, -1, 1), (15, 0, -1)]
    assert report.decided.tolist() == [0, 0, 1, 1, 0, -1, -1, -1, -1, 1, 0, 0, 1, 1, -1, -1]
    assert report.refusal_tested


def test_a_folds_own_photos_change_nothing_that_decides_on_them() -> None:
    logits, labels, folds = draw()
    before = evaluate_out_of_fold(logits, labels, folds, 0.05)
    changed = labels.copy()
    own = folds == 2
    changed[own] = np.where(labels[own] == -1, 0, -1)  # every label of fold 2 is now another
    after = evaluate_out_of_fold(logits, changed, folds, 0.05)
    assert (after.probabilities[own] == before.probabilities[own]).all()
    assert (after.decided[own] == before.decided[own]).all()
    assert (after.probabilities[~own] != before.probabilities[~own]).any()


def test_each_fold_is_decided_by_a_fit_on_the_others() -> None:
    logits, labels, folds = draw(1)
    report = evaluate_out_of_fold(logits, labels, folds, 0.05)
    for fold in range(5):
        own, others = folds == fold, folds != fold
        temperature, offset = fit_calibration(logits[others], labels[others] % 4, True)
        shift = np.array([0, 0, 0, offset])
        accepted = acceptance(softmax(logits[others] + shift, temperature), "known_mass", True)
        right = logits[others][:, :3].argmax(axis=1) == labels[others]
        threshold = fit_threshold(accepted[right], accepted[labels[others] == -1], 0.05)
        assert report.probabilities[own] == pytest.approx(softmax(logits[own] + shift, temperature))
        assert ((report.decided[own] != -1) == (report.acceptance[own] >= threshold)).all()


def test_what_ships_is_fitted_on_all_predictions() -> None:
    logits, labels, folds = draw(2)
    report = evaluate_out_of_fold(logits, labels, folds, 0.05)
    assert (report.temperature, report.none_offset) == fit_calibration(logits, labels % 4, True)
    shifted = logits + np.array([0, 0, 0, report.none_offset])
    accepted = acceptance(softmax(shifted, report.temperature), "known_mass", True)
    assert (accepted[labels == -1] >= report.threshold).mean() <= 0.05


def test_right_wrong_and_refused_are_all_photos_of_known_places() -> None:
    logits, labels, folds = draw(3)
    report = evaluate_out_of_fold(logits, labels, folds, 0.05)
    counts = [report.right.k, report.wrong.k, report.refused.k]
    assert sum(count or 0 for count in counts) == report.right.n == (labels != -1).sum()
    assert report.confusion.sum() == len(labels)
    assert isinstance(report.errors[0], PhotoError)
    assert len(report.errors) == (report.decided != labels).sum()


def test_it_works_without_photos_of_no_known_place_and_says_so() -> None:
    logits, labels, folds = draw(4)
    known = labels != -1
    report = evaluate_out_of_fold(logits[known], labels[known], folds[known], 0.05)
    assert not report.refusal_tested
    assert report.false_accepts is None
    assert report.auroc is None
    assert set(report.scores(["a", "b", "c"])) >= {"right", "right/a", "calibration_error"}
    assert "auroc" not in report.scores(["a", "b", "c"])


def test_a_network_without_none_output_is_judged_by_its_best_place() -> None:
    logits, labels, folds = draw(5)
    report = evaluate_out_of_fold(logits[:, :3], labels, folds, 0.05, "max_probability", has_none_output=False)
    assert report.probabilities.shape == (300, 3)
    assert report.false_accepts is not None
    assert report.calibration_error.n == (labels != -1).sum()


def test_unknown_photos_in_one_fold_only_leave_that_fold_a_threshold() -> None:
    logits, labels, folds = draw(6)
    folds = np.where(labels == -1, 0, folds)
    assert evaluate_out_of_fold(logits, labels, folds, 0.05).false_accepts is not None


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda x, y, f: (x, y, np.zeros_like(f)), r"metrics\.folds"),
        (lambda x, y, f: (x, np.full_like(y, -1), f), r"metrics\.empty"),
        (lambda x, y, f: (x[:-1], y, f), r"metrics\.shape"),
        (lambda x, y, f: (x[:, :3], y, f), r"metrics\.shape"),
        (lambda x, y, f: (x * np.nan, y, f), r"metrics\.shape"),
        (lambda x, y, f: (x[:, 0], y, f), r"metrics\.shape"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(change: Callable[..., Arrays], code: str) -> None:
    with pytest.raises(InvalidInput, match=code):
        evaluate_out_of_fold(*change(*draw()), 0.05)
