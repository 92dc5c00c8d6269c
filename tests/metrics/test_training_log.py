"""Logs of trainings as they are found: padded, cut off, with gaps, of several trainings, or empty."""

import json
from pathlib import Path

import pytest

from core.errors import ModelRefused
from core.metrics.training_log import BestRule, LogPart, TrainingLog, read_run_log, read_training_log
from core.weights.folder import write_run
from tests.support.tiny_model import tiny_manifest

# As Ultralytics writes `results.csv`: names and values padded to a width.
DETECTOR = b"""               epoch,      train/box_loss,   metrics/recall(B), metrics/mAP50-95(B),        val/box_loss
                   1,              1.2045,             0.31250,             0.20100,              1.5000
                   2,              0.9876,             0.45000,             0.35500,              1.2000
                   3,              0.8011,             0.44000,             0.35500,              1.1000
                   4,              0.7500,             0.50000,             0.29000,              1.0000
"""
# As `core/classifier/epochs` writes it: two stages per training, epochs counted anew.
OURS = b"""stage,epoch,loss,val_loss,accuracy,val_accuracy,learning_rate,seconds,part
head,1,1.5,1.25,0.5,0.4,0.001,0.25,fold 0
backbone,1,1.25,1.5,0.6,0.5,0.0001,2.5,fold 0
head,1,1.75,1.5,0.5,0.4,0.001,0.25,all
head,2,1.5,1,0.55,0.6,0.001,0.25,all
backbone,1,0.75,1.125,0.7,0.9,0.0001,2.5,all
"""


def only_part(content: bytes) -> LogPart:
    (part,) = read_training_log(content, "epochs.csv").parts
    return part


def test_names_are_those_of_the_log_without_the_padding() -> None:
    log = read_training_log(DETECTOR, "results.csv")
    names = ("epoch", "train/box_loss", "metrics/recall(B)", "metrics/mAP50-95(B)", "val/box_loss")
    assert (log.columns, tuple(log.parts[0].curves), log.dropped_lines) == (names, names, ())
    assert log.parts[0].curves["metrics/recall(B)"] == (0.3125, 0.45, 0.44, 0.5)
    assert log.parts[0].curves["epoch"] == (1, 2, 3, 4)


def test_a_detectors_best_epoch_is_the_first_with_the_highest_precision() -> None:
    part = only_part(DETECTOR)
    assert part.best_by == BestRule("metrics/mAP50-95(B)", "highest")
    assert part.best is not None
    assert (part.best["epoch"], part.last["epoch"], part.epochs) == (2, 4, 4)


def test_each_training_of_a_run_has_its_own_curves_and_its_own_best_epoch() -> None:
    fold, ships = read_training_log(OURS, "epochs.csv").parts
    assert (fold.name, fold.epochs, ships.name, ships.epochs) == ("fold 0", 2, "all", 3)
    assert fold.best is not None
    assert ships.best is not None
    assert (fold.best["stage"], fold.best["val_loss"]) == ("head", 1.25)
    assert (ships.best["val_loss"], ships.best["val_accuracy"], ships.last["val_accuracy"]) == (1, 0.6, 0.9)
    assert ships.best_by == BestRule("val_loss", "lowest")
    assert ships.curves["stage"] == ("head", "head", "backbone")


def test_without_a_loss_the_highest_share_of_right_photos_counts() -> None:
    part = only_part(b"epoch,val_accuracy\n1,0.5\n2,0.75\n3,0.7\n")
    assert (part.best_by, part.best) == (BestRule("val_accuracy", "highest"), {"epoch": 2, "val_accuracy": 0.75})


def test_a_log_that_nothing_in_says_which_is_best_has_a_last_epoch_only() -> None:
    part = only_part(b"epoch,loss\n1,0.5\n2,0.75\n")
    assert (part.best_by, part.best, part.last) == (None, None, {"epoch": 2, "loss": 0.75})


def test_a_number_that_is_none_is_a_gap_and_never_the_best() -> None:
    part = only_part(b"epoch,val_loss,lr\n1,nan,inf\n2,0.5,-inf\n3,,0.1\n4,NaN,oops\n")
    assert part.curves["val_loss"] == (None, 0.5, None, None)
    assert part.curves["lr"] == (None, None, 0.1, None)
    assert part.best_row == 1
    assert json.loads(json.dumps(part.last, allow_nan=False)) == {"epoch": 4, "val_loss": None, "lr": None}


def test_a_loss_that_was_never_a_number_leaves_the_choice_to_the_next_column() -> None:
    part = only_part(b"val_loss,val_accuracy\nnan,0.5\nnan,0.25\n")
    assert (part.best_by, part.best_row) == (BestRule("val_accuracy", "highest"), 0)


@pytest.mark.parametrize("half", [b"3", b"3,0.2", b"3,0.25,0.", b"3,0.25,0.125"])
def test_a_last_line_that_was_cut_off_is_dropped_and_said(half: bytes) -> None:
    log = read_training_log(b"epoch,loss,val_loss\n1,1.0,1.0\n2,0.5,0.5\n" + half, "epochs.csv")
    assert log.dropped_lines == (4,)
    assert log.parts[0].last == {"epoch": 2, "loss": 0.5, "val_loss": 0.5}


def test_a_line_that_a_resumed_training_wrote_into_a_cut_one_is_dropped_and_said() -> None:
    log = read_training_log(b"epoch,loss\n1,1.0\n2,0.2,0.5\n3\n\n4,0.25\n", "epochs.csv")
    assert (log.dropped_lines, log.parts[0].curves["epoch"]) == ((3, 4), (1, 4))


def test_windows_line_ends_a_byte_order_mark_and_a_stray_quote_do_no_harm() -> None:
    log = read_training_log(b'\xef\xbb\xbfepoch,note\r\n1,"so\r\n2,fine\r\n', "epochs.csv")
    assert (log.columns, log.parts[0].curves["note"]) == (("epoch", "note"), ("so", "fine"))


@pytest.mark.parametrize("content", [b"", b"\n", b"epoch,loss\n", b"epoch,loss\n\n"])
def test_a_log_without_epochs_has_no_parts(content: bytes) -> None:
    log = read_training_log(content, "epochs.csv")
    assert (log.parts, log.dropped_lines, log.file) == ((), (), "epochs.csv")


def test_a_heading_that_was_cut_off_is_no_heading() -> None:
    assert read_training_log(b"epoch,lo", "epochs.csv") == TrainingLog("epochs.csv", (), (), (1,))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"epoch,loss, loss\n1,2,3\n", b"a" * 200_000 + b",b\n1,2\n"])
def test_what_is_no_log_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(ModelRefused, match=r"model\.table.*epochs\.csv"):
        read_training_log(content, "epochs.csv")


def test_a_run_is_read_with_the_log_that_it_has(tmp_path: Path) -> None:
    ours = write_run(tmp_path, tiny_manifest("ours"), {"epochs.csv": OURS})
    detector = write_run(tmp_path, tiny_manifest("detector"), {"results.csv": DETECTOR})
    none = write_run(tmp_path, tiny_manifest("none"), {})
    assert read_run_log(ours) == read_training_log(OURS, "epochs.csv")
    assert read_run_log(detector) == read_training_log(DETECTOR, "results.csv")
    assert read_run_log(none) == TrainingLog("")
