"""Progress is written sparingly and never lost; stopping is noticed wherever it comes from."""

import os
import signal
import threading
import time
from typing import Any

import pytest

from core.db.jobs import JobRepository
from core.domain.job import Job, JobState
from core.errors import DatabaseUnavailable, JobStopped
from core.jobs import writer
from core.jobs.process import own_identity
from core.jobs.reporter import JobReporter
from core.jobs.signals import StopRequest, catch_stop_signals
from tests.support.job_desk import JobDesk


class WatchedJobs:
    """The real repository, with its progress writes counted and, for a while, refused."""

    def __init__(self, jobs: JobRepository) -> None:
        self.jobs = jobs
        self.written: list[int] = []
        self.away = False

    def __getattr__(self, name: str) -> Any:
        if self.away:
            raise DatabaseUnavailable
        return getattr(self.jobs, name)

    def progress(self, job_id: str, done: int, *rest: Any) -> JobState:
        if self.away:
            raise DatabaseUnavailable
        self.written.append(done)
        return self.jobs.progress(job_id, done, *rest)


def claimed(desk: JobDesk) -> Job:
    return desk.jobs.claim(desk.jobs.create("count", ()).job_id, *own_identity())


def report_until_stopped(report: JobReporter, within_s: float) -> None:
    until = time.monotonic() + within_s
    done = 0
    while time.monotonic() < until:
        done += 1
        report(done, None)
        time.sleep(0.01)


def test_hundreds_of_reports_are_few_writes_and_the_last_one_counts(desk: JobDesk) -> None:
    jobs, job = WatchedJobs(desk.jobs), claimed(desk)
    begun = time.monotonic()
    with JobReporter(jobs, job, StopRequest()) as report:  # type: ignore[arg-type]
        for done in range(1, 601):
            report(done, 600, "train.epoch", epoch=done)
            time.sleep(0.002)
    allowed = 2 * (time.monotonic() - begun) + 1
    assert 2 <= len(jobs.written) <= allowed
    row = desk.jobs.get(job.job_id)
    assert (row.state, row.done, row.total) == (JobState.SUCCEEDED, 600, 600)
    assert (row.message, row.message_values) == ("train.epoch", {"epoch": 600})


def test_the_heart_beats_while_the_work_says_nothing(desk: JobDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "HEARTBEAT_EVERY_S", 0.6)
    job = claimed(desk)
    with JobReporter(desk.jobs, job, StopRequest()) as report:
        report(1, 2)
        time.sleep(0.7)
        first = desk.jobs.get(job.job_id).heartbeat_at
        time.sleep(1.3)
        second = desk.jobs.get(job.job_id).heartbeat_at
    assert first is not None
    assert second is not None
    assert second > first


def test_without_the_signal_the_row_alone_stops_the_work(desk: JobDesk) -> None:
    job = claimed(desk)
    with JobReporter(desk.jobs, job, StopRequest()) as report:
        report(1, None)
        desk.jobs.request_cancel(job.job_id)
        report_until_stopped(report, within_s=2)
    row = desk.jobs.get(job.job_id)
    assert (row.state, row.message) == (JobState.CANCELLED, "job.cancelled")


def test_the_signal_stops_the_work_at_its_next_report(desk: JobDesk) -> None:
    job = claimed(desk)
    with catch_stop_signals() as stop, JobReporter(desk.jobs, job, stop) as report:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(JobStopped):
            report(5, 9)
        report(6, 9)
    row = desk.jobs.get(job.job_id)
    assert (row.state, row.done, row.message) == (JobState.CANCELLED, 6, "job.terminated")


def test_a_cancellation_that_came_too_late_leaves_the_success(desk: JobDesk) -> None:
    job = claimed(desk)
    with JobReporter(desk.jobs, job, StopRequest()):
        desk.jobs.request_cancel(job.job_id)
    assert desk.jobs.get(job.job_id).state is JobState.SUCCEEDED


def test_a_row_that_was_given_to_another_process_is_left_alone(desk: JobDesk) -> None:
    job = claimed(desk)
    with JobReporter(desk.jobs, job, StopRequest()) as report:
        desk.jobs.mark_interrupted(job.job_id, os.getpid())
        desk.jobs.requeue(job.job_id)
        desk.jobs.claim(job.job_id, 999_999, 1.0)
        report_until_stopped(report, within_s=3)
    row = desk.jobs.get(job.job_id)
    assert (row.state, row.pid) == (JobState.RUNNING, 999_999)


def test_work_goes_on_while_the_database_is_away_and_is_written_when_it_is_back(desk: JobDesk) -> None:
    jobs, job = WatchedJobs(desk.jobs), claimed(desk)
    with JobReporter(jobs, job, StopRequest()) as report:  # type: ignore[arg-type]
        jobs.away = True
        begun = time.monotonic()
        for done in range(100):
            report(done + 1, 100)
        assert time.monotonic() - begun < 0.2
        time.sleep(0.7)
        threading.Timer(0.5, setattr, (jobs, "away", False)).start()
    row = desk.jobs.get(job.job_id)
    assert (row.state, row.done) == (JobState.SUCCEEDED, 100)


def test_what_earlier_attempts_did_is_known_before_the_first_report(desk: JobDesk) -> None:
    job = claimed(desk)
    desk.jobs.progress(job.job_id, 7, 9, "", {})
    again = desk.jobs.get(job.job_id)
    report = JobReporter(desk.jobs, again, StopRequest())
    assert (report.done, report.total) == (7, 9)
