"""Jobs get processes of their own, which outlive whoever started them and leave nothing behind."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from core.domain.job import JobState
from core.errors import EodiError
from core.jobs.runner import COMMAND, REPOSITORY, ProcessRunner
from tests.support.job_child import CHILD
from tests.support.job_desk import JobDesk


def test_progress_is_seen_while_the_job_runs(desk: JobDesk) -> None:
    job = desk.start("count", "80", "0.02")
    running = desk.wait_running(job.job_id)
    assert running.total == 80
    assert running.message == "test.counting"
    assert str(running.message_values["name"]).endswith("번")
    ended = desk.wait_end(job.job_id)
    assert (ended.state, ended.done, ended.total) == (JobState.SUCCEEDED, 80, 80)
    assert f"counting from 0 in {REPOSITORY}" in desk.log(job.job_id)


def test_the_job_has_its_own_session_and_leaves_no_zombie(desk: JobDesk) -> None:
    job = desk.wait(desk.start("count", "20", "0.02").job_id, lambda row: row.pid is not None)
    assert job.pid is not None
    assert os.getsid(job.pid) == os.getpgid(job.pid) == job.pid
    desk.wait_end(job.job_id)
    until = time.monotonic() + 5
    while job.pid in {child.pid for child in psutil.Process().children()}:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_the_job_runs_on_when_the_server_that_started_it_dies(desk: JobDesk) -> None:
    command = [*CHILD[:-1], "serve", desk.url, str(desk.data_dir), "count", "40", "0.05"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True, cwd=REPOSITORY)
    assert server.stdout is not None
    job_id = server.stdout.readline().strip()
    before = desk.wait_running(job_id)
    os.killpg(server.pid, 9)
    server.wait()
    server.stdout.close()
    ended = desk.wait_end(job_id)
    assert (ended.state, ended.done, ended.attempt) == (JobState.SUCCEEDED, 40, before.attempt)


def test_a_process_that_dies_before_it_claims_its_row_fails_the_job(desk: JobDesk) -> None:
    runner = ProcessRunner(desk.jobs, desk.data_dir / "jobs", None, (sys.executable, "-c", "raise SystemExit(3)"))
    job = desk.jobs.create("count", ("1", "0"))
    runner.start(job)
    ended = desk.wait_end(job.job_id)
    assert (ended.state, ended.message) == (JobState.FAILED, "error.job.not_started")


def test_a_command_that_cannot_be_started_is_said(desk: JobDesk) -> None:
    runner = ProcessRunner(desk.jobs, desk.data_dir / "jobs", None, (str(desk.data_dir / "no python"),))
    with pytest.raises(EodiError, match=r"job\.not_started"):
        runner.start(desk.jobs.create("count", ()))


def test_the_environment_is_handed_on_only_where_none_is_given(desk: JobDesk) -> None:
    show = (sys.executable, "-c", "import os; print('MARK', os.environ.get('EODI_TEST_MARK'))")
    os.environ["EODI_TEST_MARK"] = "inherited"
    try:
        for environment, expected in ((None, "inherited"), ({"EODI_TEST_MARK": "given"}, "given"), ({}, "None")):
            job = desk.jobs.create("count", ())
            ProcessRunner(desk.jobs, desk.data_dir / "jobs", environment, show).start(job)
            desk.wait_end(job.job_id)
            assert f"MARK {expected}" in desk.log(job.job_id)
    finally:
        del os.environ["EODI_TEST_MARK"]


def test_the_command_is_the_command_line_of_this_project() -> None:
    assert COMMAND[0] == sys.executable
    assert COMMAND[-4:] == ("-m", "core", "jobs", "run")
