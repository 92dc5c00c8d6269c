"""Heavy work takes turns on a file lock; the system frees it when its holder ends, however it ends.

Whose turn is next is not ordered: waiting jobs ask again every half second. A child that is forked (not spawned) while
the turn is held shares the lock until it ends too.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.errors import StorageUnavailable
from core.jobs.report import Reporter

ASK_EVERY_S = 0.5


@contextmanager
def heavy_turn(data_dir: Path, reporter: Reporter) -> Iterator[None]:
    """Hold the machine's one turn for heavy work during the block; wait for it first, saying so.

    Raises:
        JobStopped: asked to stop while waiting.
        StorageUnavailable: the lock file cannot be written.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = FileLock(data_dir / "heavy.lock", timeout=0)
        waited = _wait(lock, reporter)
    except OSError as reason:
        raise StorageUnavailable from reason
    try:
        if waited:
            reporter(reporter.done, reporter.total, "job.turn")
        yield
    finally:
        lock.release()


def _wait(lock: FileLock, reporter: Reporter) -> bool:
    """Take the lock; return whether someone else had it first."""
    waited = False
    while True:
        try:
            lock.acquire()
        except Timeout:
            waited = True
            reporter(reporter.done, reporter.total, "job.waiting")
            time.sleep(ASK_EVERY_S)
        else:
            return waited
