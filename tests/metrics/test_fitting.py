"""Temperature and threshold, against hand-worked arrays and independent minimisers."""

import numpy as np
import pytest

from core.errors import InvalidInput
from core.metrics.fitting import (
    TEMPERATURE_RANGE,
    cross_entropy,
    fit_calibration,
    fit_temperature,
    fit_threshold,
    succession_targets,
)
from core.metrics.probabilities import softmax


def draw(seed: int, count: int = 400, temperature: float = 2.5) -> tuple[np.ndarray, np.ndarray]:
    """Return logits that are `temperature` times too large, and labels drawn from what they should say."""
    rng = np.random.default_rng(seed)
    honest = rng.normal(size=(count, 4)) * 2
    labels = np.array([rng.choice(4, p=shares) for shares in softmax(honest)])
    return honest * temperature, labels


def test_the_loss_agrees_with_scikit_learn() -> None:
    from sklearn.metrics import log_loss

    logits, labels = draw(0)
    expected = log_loss(labels, softmax(logits, 1.7), labels=range(4))
    assert cross_entropy(logits, np.eye(4)[labels], 1.7) == pytest.approx(expected, abs=1e-9)


def test_the_temperature_is_where_an_independent_minimiser_finds_it() -> None:
    from scipy.optimize import minimize_scalar

    logits, labels = draw(1)
    targets = succession_targets(labels, 4)
    found = minimize_scalar(
        lambda t: cross_entropy(logits, targets, t), bounds=(0.1, 10), method="bounded", options={"xatol": 1e-9}
    )
    assert fit_temperature(logits, labels) == pytest.approx(found.x, abs=1e-5)
    assert fit_temperature(logits, labels) == pytest.approx(2.5, rel=0.2)


def test_three_photos_allow_to_believe_four_of_five() -> None:
    assert succession_targets(np.array([2, 0, 0]), 3) == pytest.approx(
        np.array([[0.1, 0.1, 0.8], [0.8, 0.1, 0.1], [0.8, 0.1, 0.1]])
    )


@pytest.mark.parametrize("gap", [0.5, 5.0, 50.0])
def test_a_hundred_photos_all_right_never_make_an_answer_certain(gap: float) -> None:
    labels = np.arange(100) % 4
    logits = gap * np.eye(4)[labels]
    shares = softmax(logits, fit_temperature(logits, labels))
    assert shares.max(axis=1) == pytest.approx(101 / 102, abs=1e-4)


def test_logits_that_say_nothing_end_at_the_limit_not_at_infinity() -> None:
    assert fit_temperature([[5.0, 0.0], [0.0, 5.0]], [1, 0]) == pytest.approx(TEMPERATURE_RANGE[1])


def test_without_photos_there_is_no_temperature() -> None:
    with pytest.raises(InvalidInput, match=r"metrics\.empty"):
        fit_temperature(np.empty((0, 3)), [])


def test_the_threshold_stands_halfway_between_the_two_kinds() -> None:
    assert fit_threshold([0.8, 0.9], [0.1, 0.4], 0.0) == pytest.approx(0.6)


def test_the_target_share_of_unknowns_passes_and_no_more() -> None:
    unknown = [0.0, 0.1, 0.2, 0.3, 0.7]
    assert fit_threshold([0.6, 0.9], unknown, 0.2) == pytest.approx(0.5)  # one of five passes
    assert fit_threshold([0.6, 0.9], unknown, 0.4) == pytest.approx(0.25)  # two of five
    assert fit_threshold([0.6, 0.9], unknown, 0.19) == pytest.approx(0.8)  # none may: 0.6 is refused
    assert fit_threshold([0.6, 0.9], unknown, 1.0) == 0.0


def test_unknowns_that_score_alike_pass_together_or_not_at_all() -> None:
    assert fit_threshold([0.9], [0.1, 0.5, 0.5, 0.8], 0.5) == pytest.approx(0.65)


@pytest.mark.parametrize("target", [0.0, 0.01, 0.05, 0.29, 1.0])
def test_the_share_of_unknowns_that_pass_never_exceeds_the_target(target: float) -> None:
    rng = np.random.default_rng(6)
    for _ in range(50):
        unknown, right = np.round(rng.random(100) * 0.99, 2), rng.random(80)
        threshold = fit_threshold(right, unknown, target)
        assert 0 <= threshold <= 1
        assert (unknown >= threshold).mean() <= target + 1e-12


@pytest.mark.parametrize("unknown", [0.5, float(np.nextafter(0.5, 0)), float(np.nextafter(1, 0))])
def test_a_smallest_gap_still_holds_the_unknown_back(unknown: float) -> None:
    assert fit_threshold([np.nextafter(unknown, 1)], [unknown], 0.0) == np.nextafter(unknown, 1)


def test_right_answers_that_look_like_unknowns_are_refused_rather_than_let_unknowns_pass() -> None:
    assert fit_threshold([0.1, 0.2], [0.5], 0.0) == pytest.approx(0.75)
    assert fit_threshold([1.0], [1.0], 0.0) == 1.0


def test_without_unknown_photos_99_of_100_right_answers_pass() -> None:
    right = np.linspace(0, 1, 101)
    assert (right >= fit_threshold(right, [], 0.05)).sum() == 100  # 0.01 itself passes too
    assert fit_threshold([], [], 0.05) == 0.0


def test_known_places_and_none_count_half_each_however_many_strangers_there_are() -> None:
    rng = np.random.default_rng(0)
    columns = np.repeat([0, 1, 2], [40, 40, 80])
    logits = rng.normal(size=(160, 3)) + np.eye(3)[columns]
    many = np.concatenate([logits, *[logits[80:]] * 9])
    repeated = np.concatenate([columns, np.repeat(2, 720)])
    assert fit_calibration(many, repeated, True) == pytest.approx(fit_calibration(logits, columns, True), abs=0.1)


def test_the_offset_undoes_a_shift_of_none() -> None:
    rng = np.random.default_rng(1)
    columns = rng.integers(0, 3, 900)
    logits = rng.normal(size=(900, 3)) + 2 * np.eye(3)[columns]
    temperature, offset = fit_calibration(logits, columns, True)
    shifted = logits - np.array([0, 0, 4.0])
    assert fit_calibration(shifted, columns, True) == pytest.approx((temperature, offset + 4), abs=0.01)


def test_without_strangers_or_an_output_for_them_only_the_temperature_is_fitted() -> None:
    logits, columns = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 0.9]]), np.array([0, 1, 1])
    assert fit_calibration(logits, columns, False) == (fit_temperature(logits, columns), 0.0)
    assert fit_calibration(logits, np.zeros(3, int), True)[1] == 0.0
