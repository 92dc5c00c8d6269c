"""A job process with small test commands, started like `python -m core jobs run`; also a server that starts a job.

`python -m tests.support.job_child run <database url> <data folder> <job id>`
`python -m tests.support.job_child serve <database url> <data folder> <kind> <argument>…`
"""

import os
import sys
import time
from pathlib import Path

from core.db.engine import open_database
from core.db.jobs import JobRepository
from core.jobs import writer
from core.jobs.execute import Command, run_job
from core.jobs.queue import heavy_turn
from core.jobs.report import Reporter
from core.jobs.runner import ProcessRunner
from core.jobs.start import submit

CHILD = (sys.executable, "-u", "-X", "utf8", "-m", "tests.support.job_child", "run")


def count(arguments: tuple[str, ...], report: Reporter) -> None:
    """Count on from where the last attempt stopped: total, seconds a step."""
    total, step_s = int(arguments[0]), float(arguments[1])
    print(f"counting from {report.done} in {Path.cwd()}")
    for done in range(report.done, total):
        report(done, total, "test.counting", name=f"{done}번")
        time.sleep(step_s)
    report(total, total)


def sleep(arguments: tuple[str, ...], report: Reporter) -> None:
    """Report once, then come to no safe point for some seconds."""
    report(1, 2)
    time.sleep(float(arguments[0]))


def crash(arguments: tuple[str, ...], report: Reporter) -> None:
    """Fail as only a mistake in a program does."""
    report(3, 7)
    raise ValueError("the password is 1234")


def commands(data_dir: Path) -> dict[str, Command]:
    """The test commands by kind."""

    def heavy(arguments: tuple[str, ...], report: Reporter) -> None:
        with heavy_turn(data_dir, report):
            print(f"has the turn from {time.time()}")
            try:
                count(arguments, report)
            finally:
                print(f"had the turn until {time.time()}")

    return {"count": count, "sleep": sleep, "crash": crash, "heavy": heavy}


def main() -> None:
    """Do what the command line says."""
    action, url, folder, *rest = sys.argv[1:]
    data_dir = Path(folder)
    writer.KILL_AFTER_S = float(os.environ.get("TEST_KILL_AFTER_S", writer.KILL_AFTER_S))
    jobs = JobRepository(open_database(url))
    if action == "run":
        run_job(rest[0], jobs, commands(data_dir))
        return
    runner = ProcessRunner(jobs, data_dir / "jobs", command=(*CHILD, url, folder))
    print(submit(jobs, runner, rest[0], rest[1:]).job_id, flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main()
