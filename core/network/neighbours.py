"""What the processes of one machine share about hosts: whose turn it is, and when the next may ask.

Two crawls at once would else ask a host twice as often as it wants to be asked. A host has one of `SLOTS` files by its
hash, so that a list of many hosts leaves few files behind; two hosts in one slot now and then wait for each other.
"""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.network.clock import LOOK_S, Stop, check_stop

SLOTS = 1024
POLL_S = 0.02

logger = logging.getLogger(__name__)


class Neighbours:
    """Files in a folder that all processes of a machine know; thread-safe, and free again when a process dies.

    Where the folder cannot be written, each process keeps to its own turns and pace, and the log says so.
    """

    def __init__(self, folder: Path) -> None:
        """folder: made at the first turn."""
        self._folder = folder

    @contextmanager
    def turn(self, key: str, stop: Stop) -> Iterator[None]:
        """Hold a key's turn among all processes.

        Raises:
            JobStopped: `stop` said so while another process had the turn.
        """
        lock = FileLock(self._path(key, "lock"), thread_local=False)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            while not _acquired(lock):
                check_stop(stop)
        except OSError as reason:
            logger.warning("hosts are asked without regard to other processes: %s", reason)
        try:
            yield
        finally:
            lock.release()

    def next_moment(self, key: str) -> float:
        """Return when the key may be asked again, in seconds since 1970; 0.0 where nobody noted it."""
        try:
            return float(self._path(key, "next").read_text(encoding="ascii"))
        except (OSError, ValueError):  # nobody asked yet, or a kill left the file empty
            return 0.0

    def put_off(self, key: str, moment: float) -> None:
        """Note that nobody asks before `moment`, in seconds since 1970."""
        try:
            self._path(key, "next").write_text(f"{moment:.3f}", encoding="ascii")
        except OSError as reason:
            logger.warning("other processes are not told when a host was asked: %s", reason)

    def _path(self, key: str, kind: str) -> Path:
        slot = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % SLOTS
        return self._folder / f"{slot:04d}.{kind}"


def _acquired(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=LOOK_S, poll_interval=POLL_S)
    except Timeout:
        return False
    return True
