"""One heavy training at a time: the second waits its turn, says so, and can be cancelled meanwhile. Real processes."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from core.cli import compose
from core.cli.job_commands import job_commands
from core.cli.jobs import repository, runner
from core.domain.job import Job, JobState
from core.errors import JobStopped, Value
from core.jobs.console import ConsoleReporter
from core.jobs.start import submit
from core.jobs.watch import cancel
from tests.support.boxed_library import fill_boxed_library

SMALL = ("--pretrained=none", "--imgsz=64", "--epochs=1", "--folds=0")
STARTS_WITHIN_S = 60.0


class StopsWhenWaiting(ConsoleReporter):
    """Stops the work as soon as it says that it waits."""

    waited = False

    def __call__(self, done: int, total: int | None, message_key: str = "", **values: Value) -> None:
        if message_key == "job.waiting":
            self.waited = True
            raise JobStopped
        assert message_key == "", "it did not wait"


@pytest.mark.parametrize(
    "arguments",
    [("classifier",), ("detector", *SMALL), ("classifier", "--data", "photos")],
)
def test_every_training_waits_while_another_has_the_turn(
    arguments: tuple[str, ...], data_dir: Path, tmp_path: Path
) -> None:
    fill_boxed_library(boxed=4, strangers=1)
    (tmp_path / "photos" / "osulloc").mkdir(parents=True)
    (tmp_path / "photos" / "osulloc" / "1.jpg").write_bytes(b"")
    report = StopsWhenWaiting("en")
    with FileLock(data_dir / "heavy.lock"), pytest.raises(JobStopped):
        job_commands()["train"](arguments, report)
    assert report.waited


def test_a_job_that_waits_says_so_and_is_cancelled_at_once(data_dir: Path) -> None:
    fill_boxed_library(boxed=4, strangers=1)
    with FileLock(data_dir / "heavy.lock"):
        job = submit(repository(), runner(), "train", ("detector", *SMALL))
        wait(job, lambda row: row.message == "job.waiting")
        cancel(repository(), job.job_id)
        ended = wait(job, lambda row: row.state.ended, 5.0)
    assert ended.state is JobState.CANCELLED
    assert not (data_dir / "trainings").exists()


def wait(job: Job, reached: Callable[[Job], bool], within_s: float = STARTS_WITHIN_S) -> Job:
    until = time.monotonic() + within_s
    while not reached(row := repository().get(job.job_id)):
        log = compose.settings().jobs_dir / job.log_file
        assert time.monotonic() < until, f"still {row}: {log.read_text() if log.exists() else ''}"
        time.sleep(0.1)
    return row
