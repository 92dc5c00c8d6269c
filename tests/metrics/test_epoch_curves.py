"""Curves over epochs, ready to draw."""

import time

import numpy as np
import pytest

from core.metrics.epoch_curves import MOST_POINTS, epoch_curve, smooth, thin, watched_columns
from core.metrics.training_log import read_training_log
from tests.support.boxed_run import EPOCHS

PART = read_training_log(EPOCHS, "epochs.csv").parts[0]


def test_a_curve_has_the_epochs_and_values_of_the_log_and_leaves_out_what_is_no_number() -> None:
    log = read_training_log(b"epoch,loss\n1,0.5\n2,nan\n3,0.25\n", "epochs.csv")
    curve = epoch_curve(log.parts[0], "loss")
    assert curve.epochs.tolist() == [1, 3] and curve.values.tolist() == [0.5, 0.25]
    assert epoch_curve(PART, "no such column").values.size == 0


def test_smoothing_is_worked_out_by_hand_and_none_changes_nothing() -> None:
    values = np.array([1.0, 3.0, 3.0])
    assert smooth(values, 0.0) is values
    assert smooth(values, 0.5) == pytest.approx([1.0, (0.25 + 1.5) / 0.75, (0.125 + 0.75 + 1.5) / 0.875])
    assert smooth(np.full(50, 2.0), 0.9) == pytest.approx(np.full(50, 2.0))


def test_a_spike_survives_thinning_and_both_ends_stay() -> None:
    values = np.zeros(5000)
    values[3210], values[1234] = 9.0, -9.0
    rows = thin(values, MOST_POINTS)
    assert {0, 3210, 1234, 4999} <= set(rows.tolist()) and len(rows) <= MOST_POINTS
    assert thin(values[:MOST_POINTS], MOST_POINTS).size == MOST_POINTS


def test_only_columns_with_a_number_are_drawn() -> None:
    assert watched_columns([PART], ("loss", "train/box_loss", "metrics/recall")) == ("train/box_loss", "metrics/recall")


def test_twenty_runs_of_five_hundred_epochs_are_ready_in_a_fraction_of_a_second() -> None:
    lines = b"".join(f"{epoch},{1 / epoch}\n".encode() for epoch in range(1, 501))
    parts = [read_training_log(b"epoch,loss\n" + lines, "epochs.csv").parts[0] for _ in range(20)]
    began = time.perf_counter()
    curves = [epoch_curve(part, "loss", 0.6) for part in parts]
    assert time.perf_counter() - began < 1.0 and max(len(curve.values) for curve in curves) <= MOST_POINTS
