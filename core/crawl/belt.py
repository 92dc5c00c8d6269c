"""Between the sources, each of which fetches in a thread of its own, and the one thread that files what they bring.

Sources put candidates on the belt; a few threads make photos ready; `crawl` takes them off in the order in which they
were put. The belt knows how many photos each place still wants from each source, so that nothing is fetched in vain,
and who waits for how long.
"""

import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from core.crawl.spool import Fetched
from core.dataset.prepare import PreparedPhoto
from core.db.crawls import FoundCandidate
from core.domain.crawl import CandidateState
from core.errors import JobStopped

# Threads that decode and describe, three quarters of a crawl's work (19 of 25 ms for a photo of 0.7 megapixels); large
# photos are decoded two at a time whatever stands here.
READERS = max(2, min(4, os.cpu_count() or 2))
AHEAD = 16  # photos in memory that wait to be decoded or filed
LOOK_EVERY_S = 0.1  # whoever waits looks up this often, to see whether all is to stop
Want = tuple[str, str]  # source, place


@dataclass(frozen=True, slots=True)
class Reading:
    """A photo's bytes, looked at. prepared: None where the library, or this crawl, has met the bytes before."""

    sha256: str
    prepared: PreparedPhoto | None = None


@dataclass(frozen=True, slots=True)
class Brought:
    """What a source put on the belt. reading: raises PhotoRefused where the bytes are no photo that is taken in."""

    found: FoundCandidate
    reading: "Future[Reading]"


class Belt:
    """Shared by all threads of one crawl."""

    def __init__(self, limit: int, kept: dict[Want, int], read: Callable[[FoundCandidate, Fetched], Reading]) -> None:
        self._limit, self._kept, self._read = limit, dict(kept), read
        self._under_way: dict[Want, int] = {}
        self._waiting: dict[str, datetime] = {}
        self._changed = threading.Condition()
        self._free = threading.BoundedSemaphore(AHEAD)
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="read photo")
        self._brought: queue.Queue[Brought] = queue.Queue()
        self._stopped = self._gave_up = False
        self._awaited = 0

    def stopping(self) -> bool:
        """Whether all is to stop; handed to the fetcher, too."""
        return self._stopped

    def stop(self) -> None:
        """Ask all threads to leave."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def close(self) -> None:
        """Let go of the threads that decode."""
        self._pool.shutdown(cancel_futures=True)

    def wants_more(self, want: Want) -> bool:
        """Wait until it is certain whether another photo is wanted; False once there are enough.

        Raises:
            JobStopped: all is to stop.
        """
        with self._changed:
            while not self._stopped:
                kept = self._kept.get(want, 0)
                if kept >= self._limit:
                    return False
                if kept + self._under_way.get(want, 0) < self._limit:
                    return True
                self._awaited += 1
                self._changed.wait(LOOK_EVERY_S)
                self._awaited -= 1
        raise JobStopped

    def put(self, want: Want, found: FoundCandidate, fetched: Fetched) -> None:
        """Hand over what was fetched; waits while enough wait already.

        Raises:
            JobStopped: all is to stop.
        """
        self._put(want, found, lambda: self._pool.submit(self._read, found, fetched))

    def put_known(self, want: Want, found: FoundCandidate, sha256: str) -> None:
        """Hand over a candidate whose photo the library holds, without its bytes.

        Raises:
            JobStopped: all is to stop.
        """
        known: Future[Reading] = Future()
        known.set_result(Reading(sha256))
        self._put(want, found, lambda: known)

    def _put(self, want: Want, found: FoundCandidate, reading: Callable[[], "Future[Reading]"]) -> None:
        while not self._free.acquire(timeout=LOOK_EVERY_S):
            if self._stopped:
                raise JobStopped
        with self._changed:
            self._under_way[want] = self._under_way.get(want, 0) + 1
            self._brought.put(Brought(found, reading()))

    def take(self, timeout_s: float) -> Brought | None:
        """Return what was put first, once it is ready; None when there is nothing within this time."""
        try:
            brought = self._brought.get(timeout=timeout_s)
        except queue.Empty:
            return None
        self._free.release()
        return brought

    def settled(self, want: Want, state: CandidateState) -> None:
        """Note what became of one that was put."""
        with self._changed:
            self._under_way[want] -= 1
            if state is CandidateState.KEPT:
                self._kept[want] = self._kept.get(want, 0) + 1
            self._changed.notify_all()

    def is_awaited(self) -> bool:
        """Whether a source waits to hear what became of its photos, and none of them is still to be taken."""
        with self._changed:
            return self._awaited > 0 and self._brought.empty()

    def wait_until(self, source: str, until: datetime) -> bool:
        """Let a source wait; False when the crawl does not wait so long, or is to stop."""
        with self._changed:
            self._waiting[source] = until
        try:
            with self._changed:
                while not (self._stopped or self._gave_up):
                    left_s = (until - datetime.now(UTC)).total_seconds()
                    if left_s <= 0:
                        return True
                    self._changed.wait(min(left_s, LOOK_EVERY_S))
            return False
        finally:
            with self._changed:
                del self._waiting[source]

    def waiting(self) -> dict[str, datetime]:
        """Return the sources that wait, and until when."""
        with self._changed:
            return dict(self._waiting)

    def give_up(self) -> None:
        """Tell those that wait that the crawl does not."""
        with self._changed:
            self._gave_up = True
            self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Wait.

        Raises:
            JobStopped: all is to stop.
        """
        end = time.monotonic() + seconds
        with self._changed:
            while not self._stopped and (left_s := end - time.monotonic()) > 0:
                self._changed.wait(min(left_s, LOOK_EVERY_S))
        if self._stopped:
            raise JobStopped
