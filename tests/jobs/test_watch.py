"""Dead processes are found, jobs stop when asked and go on where they stopped."""

import os
import random
import signal
import time
from typing import Any

import pytest

from core.domain.job import JobState
from core.errors import Conflict, DatabaseUnavailable
from core.jobs import watch
from core.jobs.process import find_process, own_identity
from core.jobs.watch import cancel, refresh, resume
from tests.support.job_desk import JobDesk


def abandoned(desk: JobDesk, pid: int, started_at: float) -> str:
    """A running row whose starter is gone, so that only `refresh` can find its process missing."""
    job = desk.jobs.create("count", ())
    desk.jobs.claim(job.job_id, pid, started_at)
    desk.jobs.progress(job.job_id, 3, 9, "", {})
    return job.job_id


@pytest.mark.soak
def test_cancelling_at_random_moments_takes_at_most_two_seconds(desk: JobDesk, soak_rounds: Any) -> None:
    rounds = soak_rounds(10, 20)
    jobs = [desk.start("count", "100000", "0.01") for _ in range(rounds)]
    for job in jobs:
        desk.wait_running(job.job_id)
    took: list[float] = []
    for job in jobs:
        time.sleep(random.uniform(0, 0.3))
        clicked = time.monotonic()
        cancel(desk.jobs, job.job_id)
        assert desk.wait_end(job.job_id, within_s=5).state is JobState.CANCELLED
        took.append(time.monotonic() - clicked)
    print("cancelled after, s:", " ".join(f"{seconds:.2f}" for seconds in took))
    assert max(took) <= 2


def test_a_queued_job_is_cancelled_at_once_and_its_process_does_nothing(desk: JobDesk) -> None:
    job = desk.start("count", "100", "0.05")
    assert cancel(desk.jobs, job.job_id).state is JobState.CANCELLED
    until = time.monotonic() + 10
    while "conflict" not in desk.log(job.job_id).lower():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert "counting" not in desk.log(job.job_id)
    assert desk.jobs.get(job.job_id).state is JobState.CANCELLED


def test_a_sigterm_from_the_system_ends_the_job_cleanly_and_it_can_be_taken_up_again(desk: JobDesk) -> None:
    job = desk.wait_running(desk.start("count", "30", "0.05").job_id, done=3)
    assert job.pid is not None
    os.kill(job.pid, signal.SIGTERM)
    ended = desk.wait_end(job.job_id, within_s=2)
    assert (ended.state, ended.message) == (JobState.CANCELLED, "job.terminated")
    resume(desk.jobs, desk.runner(), job.job_id)
    assert desk.wait_end(job.job_id).done == 30
    assert f"counting from {ended.done} " in desk.log(job.job_id)


def test_an_ended_job_is_neither_cancelled_nor_resumed_when_it_succeeded(desk: JobDesk) -> None:
    job_id = abandoned(desk, 9_999_999, 1.0)
    with pytest.raises(Conflict):
        resume(desk.jobs, desk.runner(), job_id)
    desk.jobs.end(job_id, JobState.SUCCEEDED)
    with pytest.raises(Conflict):
        cancel(desk.jobs, job_id)
    with pytest.raises(Conflict):
        resume(desk.jobs, desk.runner(), job_id)


def test_a_killed_job_is_interrupted_and_goes_on_where_it_was(desk: JobDesk) -> None:
    job = desk.wait_running(desk.start("count", "40", "0.05").job_id, done=5)
    assert job.pid is not None
    os.kill(job.pid, signal.SIGKILL)
    desk.wait(job.job_id, lambda row: row.state is JobState.INTERRUPTED, within_s=5)
    stood_at = desk.jobs.get(job.job_id).done
    assert stood_at >= 5
    resumed = resume(desk.jobs, desk.runner(), job.job_id)
    assert (resumed.attempt, resumed.done) == (job.attempt + 1, stood_at)
    ended = desk.wait_end(job.job_id)
    assert (ended.state, ended.done) == (JobState.SUCCEEDED, 40)
    assert f"counting from {stood_at} " in desk.log(job.job_id)


def test_refresh_marks_a_row_whose_process_is_gone_once_its_heartbeat_is_old(desk: JobDesk) -> None:
    job_id = abandoned(desk, 9_999_999, 1.0)
    refresh(desk.jobs)
    assert desk.jobs.get(job_id).state is JobState.RUNNING, "it may live on another machine"
    time.sleep(0.3)
    refresh(desk.jobs, stale_s=0.2)
    row = desk.jobs.get(job_id)
    assert (row.state, row.done) == (JobState.INTERRUPTED, 3)


def test_refresh_is_not_misled_by_a_reused_process_number(desk: JobDesk) -> None:
    pid, started_at = own_identity()
    stranger, ours = abandoned(desk, pid, started_at - 3600), abandoned(desk, pid, started_at)
    time.sleep(0.3)
    refresh(desk.jobs, stale_s=0.2)
    assert desk.jobs.get(stranger).state is JobState.INTERRUPTED
    assert desk.jobs.get(ours).state is JobState.RUNNING


def test_cancelling_never_signals_a_stranger_with_the_same_number(desk: JobDesk) -> None:
    pid, started_at = own_identity()
    job_id = abandoned(desk, pid, started_at - 3600)
    received: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
    try:
        assert cancel(desk.jobs, job_id).state is JobState.CANCELLING
    finally:
        signal.signal(signal.SIGTERM, before)
    assert received == []


def test_cancelling_hurries_the_job_with_a_signal(desk: JobDesk) -> None:
    job_id = abandoned(desk, *own_identity())
    received: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
    try:
        cancel(desk.jobs, job_id)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert received == [signal.SIGTERM]


def test_a_job_that_died_while_stopping_is_cancelled(desk: JobDesk) -> None:
    job_id = abandoned(desk, 9_999_999, 1.0)
    cancel(desk.jobs, job_id)
    time.sleep(0.3)
    refresh(desk.jobs, stale_s=0.2)
    assert desk.jobs.get(job_id).state is JobState.CANCELLED


def test_a_row_no_process_ever_claimed_is_failed(desk: JobDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    job = desk.jobs.create("count", ())
    refresh(desk.jobs)
    assert desk.jobs.get(job.job_id).state is JobState.QUEUED
    monkeypatch.setattr(watch, "UNCLAIMED_S", 0.1)
    time.sleep(0.2)
    refresh(desk.jobs)
    assert desk.jobs.get(job.job_id).state is JobState.FAILED


def test_a_resumed_job_is_not_called_unclaimed_for_its_age(desk: JobDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = abandoned(desk, 9_999_999, 1.0)
    desk.jobs.mark_interrupted(job_id, 9_999_999)
    monkeypatch.setattr(watch, "UNCLAIMED_S", 0.3)
    time.sleep(0.5)
    desk.jobs.requeue(job_id)
    refresh(desk.jobs)
    assert desk.jobs.get(job_id).state is JobState.QUEUED


def test_work_that_does_not_stop_is_killed_after_its_minute(desk: JobDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_KILL_AFTER_S", "1")
    job = desk.wait_running(desk.start("sleep", "60").job_id)
    cancel(desk.jobs, job.job_id)
    ended = desk.wait_end(job.job_id, within_s=6)
    assert (ended.state, ended.message) == (JobState.CANCELLED, "job.killed")
    until = time.monotonic() + 2
    while find_process(job.pid, job.process_started_at) is not None:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_frozen_process_that_should_stop_is_killed_by_whoever_looks(
    desk: JobDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = desk.wait_running(desk.start("count", "100000", "0.01").job_id)
    assert job.pid is not None
    freeze_outside_of_writing(job.pid, desk)
    cancel(desk.jobs, job.job_id)
    refresh(desk.jobs)
    assert desk.jobs.get(job.job_id).state is JobState.CANCELLING
    monkeypatch.setattr(watch, "STUCK_S", 0.5)
    time.sleep(0.7)
    refresh(desk.jobs)
    assert desk.wait_end(job.job_id, within_s=2).state is JobState.CANCELLED
    until = time.monotonic() + 5  # a killed process is there until it is taken off the table
    while find_process(job.pid, job.process_started_at) is not None:
        assert time.monotonic() < until
        time.sleep(0.02)


def freeze_outside_of_writing(pid: int, desk: JobDesk) -> None:
    """Freeze a process at a moment when it holds no lock of the database, which would hold up everybody else."""
    for _ in range(5):
        os.kill(pid, signal.SIGSTOP)
        try:
            desk.jobs.create("count", ("0",))
        except DatabaseUnavailable:
            os.kill(pid, signal.SIGCONT)
            time.sleep(0.1)
        else:
            return
    raise AssertionError("it is always writing")
