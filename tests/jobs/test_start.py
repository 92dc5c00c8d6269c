"""Jobs are submitted once, however often the button is pressed."""

import threading

import pytest

from core.domain.job import Job, JobState
from core.errors import EodiError
from core.jobs.start import submit
from tests.support.job_desk import JobDesk


class CountingRunner:
    """Starts nothing and counts."""

    def __init__(self) -> None:
        self.started: list[str] = []

    def start(self, job: Job) -> None:
        self.started.append(job.job_id)


class BrokenRunner:
    """Can start nothing."""

    def start(self, job: Job) -> None:
        raise EodiError("job.not_started")


def test_a_double_click_is_one_job_and_one_process(desk: JobDesk) -> None:
    runner = CountingRunner()
    first = submit(desk.jobs, runner, "count", ["1", "0"], dedupe_key="train")
    second = submit(desk.jobs, runner, "count", ["1", "0"], dedupe_key="train")
    assert first.job_id == second.job_id
    assert runner.started == [first.job_id]


def test_two_sessions_in_the_same_instant_run_the_work_once(desk: JobDesk) -> None:
    ids: list[str] = []
    threads = [
        threading.Thread(target=lambda: ids.append(desk.start("count", "10", "0.05", dedupe_key="train").job_id))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 1
    assert desk.wait_end(ids[0]).state is JobState.SUCCEEDED
    assert desk.log(ids[0]).count("counting from 0") == 1


def test_without_a_key_each_submission_is_a_job(desk: JobDesk) -> None:
    runner = CountingRunner()
    ids = {submit(desk.jobs, runner, "count", ["1", "0"]).job_id for _ in range(2)}
    assert len(ids) == len(runner.started) == 2


def test_a_key_is_free_again_once_its_job_ended(desk: JobDesk) -> None:
    runner = CountingRunner()
    first = submit(desk.jobs, runner, "count", ["1", "0"], dedupe_key="train")
    desk.jobs.end(first.job_id, JobState.FAILED)
    second = submit(desk.jobs, runner, "count", ["1", "0"], dedupe_key="train")
    assert runner.started == [first.job_id, second.job_id]


def test_a_job_that_gets_no_process_is_failed_and_said(desk: JobDesk) -> None:
    with pytest.raises(EodiError, match=r"job\.not_started"):
        submit(desk.jobs, BrokenRunner(), "count", [])
    (job,) = desk.jobs.list()
    assert (job.state, job.message) == (JobState.FAILED, "error.job.not_started")
