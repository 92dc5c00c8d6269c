"""How rare a likeness is among strangers: an exponential tail is found again, and nothing is said of too few."""

import numpy as np
import pytest

from core.gallery.strangers import FEWEST_STRANGERS, TAIL, Tail, fit_tail


def test_the_share_falls_by_the_scale_from_the_start_of_the_tail() -> None:
    tail = Tail(start=0.3, scale=0.1)
    assert tail.share_above(0.3) == pytest.approx(TAIL)
    assert tail.share_above(0.4) == pytest.approx(TAIL / np.e)
    assert tail.share_above(0.29) == 1.0


def test_a_tail_is_right_about_strangers_that_it_was_not_fitted_on() -> None:
    rng = np.random.default_rng(0)
    draw = [np.asarray(rng.exponential(0.1, 40_000), np.float32) for _ in range(2)]
    tail = fit_tail(draw[0])
    assert tail is not None
    limit = float(np.quantile(draw[1], 0.98))
    assert tail.share_above(limit) == pytest.approx(0.02, rel=0.15)


def test_too_few_strangers_say_nothing_and_equal_ones_do_not_break_it() -> None:
    assert fit_tail(np.zeros(FEWEST_STRANGERS - 1, np.float32)) is None
    tail = fit_tail(np.zeros(FEWEST_STRANGERS, np.float32))
    assert tail is not None and tail.share_above(0.5) < 1e-9
