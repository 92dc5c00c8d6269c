"""What a training's job leaves for whoever watches it."""

from pathlib import Path

import pytest

from core.errors import JobStopped, Value
from core.jobs.console import ConsoleReporter
from core.metrics.live_log import EPOCH, LOG_FILE, EpochNotes, note_work, read_live_log, work_of


def test_where_a_training_works_is_read_back_and_unknown_before(tmp_path: Path) -> None:
    assert work_of(tmp_path / "job") is None
    note_work(tmp_path / "job", Path("/data/trainings/detector-1"))
    assert work_of(tmp_path / "job") == Path("/data/trainings/detector-1")


def test_each_epoch_becomes_a_row_and_everything_is_handed_on(tmp_path: Path) -> None:
    report = EpochNotes(ConsoleReporter("en"), tmp_path / "job")
    assert read_live_log(tmp_path / "job").parts == ()
    report(1, 9, "train.learning", epoch=1)
    for epoch in (1, 2):
        report(epoch, 9, EPOCH, part="fold 0", stage="head", epoch=epoch, val_loss="0.5")
    (part,) = read_live_log(tmp_path / "job").parts
    assert (part.name, part.curves["epoch"], part.curves["val_loss"]) == ("fold 0", (1, 2), (0.5, 0.5))
    assert (report.done, report.total) == (2, 9)


def test_a_training_that_is_taken_up_again_begins_its_notes_anew(tmp_path: Path) -> None:
    (tmp_path / LOG_FILE).write_text("part,epoch\nold,1\n")
    EpochNotes(ConsoleReporter("en"), tmp_path)
    assert read_live_log(tmp_path).parts == ()


def test_an_epoch_is_noted_even_when_the_training_is_stopped_there(tmp_path: Path) -> None:
    class Stopping(ConsoleReporter):
        def __call__(self, done: int, total: int | None, message_key: str = "", **values: Value) -> None:
            raise JobStopped

    with pytest.raises(JobStopped):
        EpochNotes(Stopping("en"), tmp_path)(1, 2, EPOCH, part="all", stage="head", epoch=1)
    assert read_live_log(tmp_path).parts[0].epochs == 1
