"""Heavy work takes turns."""

import os
import re
import signal
from pathlib import Path

import pytest

from core.domain.job import JobState
from core.errors import StorageUnavailable
from core.jobs.console import ConsoleReporter
from core.jobs.queue import heavy_turn
from core.jobs.watch import cancel
from tests.support.job_desk import JobDesk


def waiting(desk: JobDesk, job_id: str) -> None:
    desk.wait(job_id, lambda job: job.state is JobState.RUNNING and job.message == "job.waiting")


def test_the_second_heavy_job_says_that_it_waits_and_runs_after_the_first(desk: JobDesk) -> None:
    first = desk.wait_running(desk.start("heavy", "100000", "0.01").job_id)
    second = desk.start("heavy", "3", "0.01")
    waiting(desk, second.job_id)
    assert desk.jobs.get(first.job_id).state is JobState.RUNNING
    cancel(desk.jobs, first.job_id)
    assert desk.wait_end(second.job_id).state is JobState.SUCCEEDED
    until = re.search(r"had the turn until ([\d.]+)", desk.log(first.job_id))
    since = re.search(r"has the turn from ([\d.]+)", desk.log(second.job_id))
    assert until is not None
    assert since is not None
    assert float(since[1]) >= float(until[1])


def test_a_waiting_job_can_be_cancelled_and_a_killed_holder_frees_the_turn(desk: JobDesk) -> None:
    holder = desk.wait_running(desk.start("heavy", "100000", "0.01").job_id)
    impatient, patient = desk.start("heavy", "3", "0.01"), desk.start("heavy", "3", "0.01")
    waiting(desk, impatient.job_id)
    waiting(desk, patient.job_id)
    cancel(desk.jobs, impatient.job_id)
    assert desk.wait_end(impatient.job_id, within_s=2).state is JobState.CANCELLED
    assert "has the turn" not in desk.log(impatient.job_id)
    assert holder.pid is not None
    os.kill(holder.pid, signal.SIGKILL)
    assert desk.wait_end(patient.job_id, within_s=5).state is JobState.SUCCEEDED


def test_the_turn_is_free_again_after_work_that_failed(tmp_path: Path) -> None:
    reporter = ConsoleReporter("en")
    with pytest.raises(ValueError, match="broken"), heavy_turn(tmp_path, reporter):
        raise ValueError("broken")
    with heavy_turn(tmp_path, reporter):
        pass


def test_an_error_of_the_work_is_not_taken_for_one_of_the_lock(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), heavy_turn(tmp_path, ConsoleReporter("en")):
        raise FileNotFoundError


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(StorageUnavailable), heavy_turn(tmp_path / "data", ConsoleReporter("en")):
        pytest.fail("the turn was given")
