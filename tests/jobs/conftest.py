"""The desk: a fresh database and runner in a folder whose name has a space and Korean letters."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.db.engine import open_database
from core.db.jobs import JobRepository
from core.db.ready import upgrade
from core.jobs.process import find_process, kill
from tests.support.job_desk import JobDesk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[JobDesk]:
    data_dir = tmp_path / "오디 data"
    data_dir.mkdir()
    url = f"sqlite:///{data_dir / 'eodi.sqlite3'}"
    database = open_database(url)
    upgrade(database)
    jobs = JobRepository(database)
    yield JobDesk(jobs, url, data_dir)
    for job in jobs.list(limit=1000):
        if (process := find_process(job.pid, job.process_started_at)) and process.pid != os.getpid():
            kill(process)
    database.dispose()


@pytest.fixture(autouse=True)
def signals_stay() -> Iterator[None]:
    before = (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT))
    yield
    assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
