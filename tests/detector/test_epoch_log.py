"""A log whose training was killed and taken up again: every epoch stands once, by its last line."""

from pathlib import Path

import pytest

from core.detector.box_run import epochs_csv
from core.detector.child import _has_learned
from core.detector.epoch_log import forget_later_epochs, last_epoch
from core.detector.so_far import log_so_far
from core.detector.stage import Stage
from core.metrics.training_log import read_training_log

HEAD = "epoch,time,train/box_loss,metrics/recall(B)\n"
TWICE = HEAD + "1,2,3.5,0.25\n2,4,3.0,0.5\n2,3,2.5,0.75\n3,5,2.0,0.5\n"


def stage(folder: Path, epochs: int = 4) -> Stage:
    made = Stage(folder, folder / "data.yaml", "none", False, 0, 1, {"val": True, "epochs": epochs})
    made.write()
    return made


def test_an_epoch_that_was_learned_twice_stands_once_in_the_run(tmp_path: Path) -> None:
    (part,) = read_training_log(epochs_csv([("all", TWICE, True)]), "epochs.csv").parts
    assert part.curves["epoch"] == (1, 2, 3) and part.curves["train/box_loss"] == (3.5, 2.5, 2.0)


def test_and_once_in_the_live_log(tmp_path: Path) -> None:
    (stage(tmp_path / "all").folder / "epochs.csv").write_text(TWICE)
    (part,) = log_so_far(tmp_path).parts
    assert part.curves["epoch"] == (1, 2, 3) and part.curves["metrics/recall"] == (0.25, 0.75, 0.5)


def test_a_training_is_not_over_because_an_epoch_stands_twice(tmp_path: Path) -> None:
    made = stage(tmp_path / "all")
    (made.folder / "epochs.csv").write_text(TWICE)  # four lines, and the third of four epochs
    assert not _has_learned(made)
    (made.folder / "epochs.csv").write_text(TWICE + "4,6,1.5,0.5\n")
    assert _has_learned(made)


@pytest.mark.parametrize(
    ("epochs", "left"),
    [(0, HEAD), (1, HEAD + "1,2,3.5,0.25\n"), (2, HEAD + "1,2,3.5,0.25\n2,4,3.0,0.5\n2,3,2.5,0.75\n"), (9, TWICE)],
)
def test_what_goes_beyond_the_weights_is_taken_out_with_half_a_line(tmp_path: Path, epochs: int, left: str) -> None:
    log = tmp_path / "results.csv"
    log.write_text(TWICE + "4,6,1.")
    forget_later_epochs(log, epochs)
    assert log.read_text() == left
    assert [path.name for path in tmp_path.iterdir()] == ["results.csv"]


def test_a_log_that_is_not_there_or_empty_stays_so(tmp_path: Path) -> None:
    forget_later_epochs(tmp_path / "results.csv", 3)
    assert not list(tmp_path.iterdir())
    (tmp_path / "results.csv").write_text("")
    forget_later_epochs(tmp_path / "results.csv", 3)
    assert (tmp_path / "results.csv").read_text() == "" and last_epoch("") == 0


def test_half_a_line_at_the_end_of_a_live_log_is_still_named(tmp_path: Path) -> None:
    log = read_training_log(epochs_csv([("all", TWICE + "4,6", True)]), "epochs.csv")
    assert log.parts[0].curves["epoch"] == (1, 2, 3) and log.dropped_lines == (5,)
