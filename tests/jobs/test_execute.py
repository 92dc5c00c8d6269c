"""How jobs end, seen in the row and in the log."""

import os
import signal
from typing import Any

import pytest

from core.db.engine import open_database
from core.db.jobs import JobRepository
from core.domain.job import Job, JobState
from core.errors import Conflict, NotFound, PhotoRefused
from core.jobs.execute import run_job
from core.jobs.report import Reporter
from tests.support.job_desk import JobDesk


def refuse(arguments: tuple[str, ...], report: Reporter) -> None:
    report(3, 7)
    raise PhotoRefused("photo.too_large", size_mb=31, limit_mb=20)


def test_an_expected_error_puts_its_sentence_in_the_row(desk: JobDesk) -> None:
    created = desk.jobs.create("refuse", ())
    assert run_job(created.job_id, desk.jobs, {"refuse": refuse}) is JobState.FAILED
    job = desk.jobs.get(created.job_id)
    assert (job.state, job.done, job.total) == (JobState.FAILED, 3, 7)
    assert (job.message, job.message_values) == ("error.photo.too_large", {"size_mb": 31, "limit_mb": 20})


def test_an_unexpected_error_leaves_its_traceback_in_the_log_only(desk: JobDesk) -> None:
    job = desk.wait_end(desk.start("crash").job_id)
    assert (job.state, job.message, job.message_values) == (JobState.FAILED, "error.unexpected", {})
    assert "1234" not in repr(job)
    log = desk.log(job.job_id)
    assert "Traceback (most recent call last)" in log
    assert "ValueError: the password is 1234" in log


def test_an_unknown_kind_is_failed_and_named(desk: JobDesk) -> None:
    created = desk.jobs.create("paint", ())
    run_job(created.job_id, desk.jobs, {"refuse": refuse})
    job = desk.jobs.get(created.job_id)
    assert (job.message, job.message_values) == ("error.job.unknown_kind", {"kind": "paint"})


def test_a_claimed_job_is_not_run_a_second_time(desk: JobDesk) -> None:
    job = desk.jobs.create("count", ())
    desk.jobs.claim(job.job_id, os.getpid(), 1.0)
    with pytest.raises(Conflict):
        run_job(job.job_id, desk.jobs, {"count": lambda arguments, report: pytest.fail("ran")})


def test_a_stop_signal_right_after_the_claim_is_taken_as_a_request(desk: JobDesk) -> None:
    job = desk.jobs.create("count", ())

    class Cancelled(JobRepository):
        def claim(self, *arguments: Any) -> Job:
            claimed = desk.jobs.claim(*arguments)
            os.kill(os.getpid(), signal.SIGTERM)
            return claimed

    unprepared: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: unprepared.append(number))
    try:
        jobs = Cancelled(open_database(desk.url))
        outcome = run_job(job.job_id, jobs, {"count": lambda arguments, report: pytest.fail("ran")})
    finally:
        signal.signal(signal.SIGTERM, before)
    assert unprepared == []
    assert outcome is desk.jobs.get(job.job_id).state is JobState.CANCELLED


def test_an_unknown_job_is_not_found(desk: JobDesk) -> None:
    with pytest.raises(NotFound):
        run_job("00000000", desk.jobs, {})


def test_the_work_may_exit_and_is_still_ended(desk: JobDesk) -> None:
    job = desk.jobs.create("exit", ())

    def leave(arguments: tuple[str, ...], report: object) -> None:
        raise SystemExit(0)

    assert run_job(job.job_id, desk.jobs, {"exit": leave}) is JobState.FAILED
    assert desk.jobs.get(job.job_id).message == "error.unexpected"
