"""Whose turn it is: one request at a time to a host, and its pace between two, over all threads and processes."""

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import timedelta

from core.errors import MustWait
from core.network.clock import LOOK_S, Clock, Stop, check_stop, wait_until
from core.network.neighbours import Neighbours

JITTER = 0.1  # added, never taken away


class Turns:
    """Lets one thread at a time talk to a site, and one process at a time where there are `neighbours`."""

    def __init__(self, neighbours: Neighbours | None = None) -> None:
        self._neighbours = neighbours
        self._lock = threading.Lock()
        self._sites: dict[str, threading.Lock] = {}

    @contextmanager
    def turn(self, site: str, stop: Stop) -> Iterator[None]:
        """Hold the site's turn. Whoever holds one waits for no other, so that no two wait in a circle.

        Raises:
            JobStopped: `stop` said so while others had the turn.
        """
        with self._lock:
            mine = self._sites.setdefault(site, threading.Lock())
        check_stop(stop)
        while not mine.acquire(timeout=LOOK_S):
            check_stop(stop)
        try:
            with self._neighbours.turn(site, stop) if self._neighbours else nullcontext():
                yield
        finally:
            mine.release()


class Pace:
    """Keeps the time between requests. A key is a site, or a source with several."""

    def __init__(self, clock: Clock, neighbours: Neighbours | None = None) -> None:
        self._clock, self._neighbours = clock, neighbours
        self._lock = threading.Lock()
        self._next: dict[str, float] = {}

    def wait(self, site: str, gaps: Mapping[str, float], longest_s: float, stop: Stop) -> None:
        """Wait until every key may be asked again, and take that moment. gaps: least seconds between two, by key.

        Raises:
            MustWait: that is longer than `longest_s`; no moment is taken.
            JobStopped: `stop` said so meanwhile.
        """
        with self._lock:
            now = self._clock.monotonic()
            moment = max(
                now, *(max(self._next.get(key, now), self._told(key, gap_s, now)) for key, gap_s in gaps.items())
            )
            if moment - now > longest_s:
                until = self._clock.now() + timedelta(seconds=moment - now)
                raise MustWait(host=site, until=until.isoformat(timespec="seconds"))
            self._put_off(gaps, moment)
        wait_until(moment, self._clock, stop)

    def answered(self, gaps: Mapping[str, float], ago_s: float = 0.0) -> None:
        """Count the pace from the answer, so that a slow connection does not bring two requests closer together."""
        with self._lock:
            self._put_off(gaps, self._clock.monotonic() - ago_s)

    def _put_off(self, gaps: Mapping[str, float], since: float) -> None:
        for key, gap_s in gaps.items():
            later = since + gap_s * (1 + random.uniform(0, JITTER))  # noqa: S311  # no secret hangs on it
            self._next[key] = max(later, self._next.get(key, later))
            if self._neighbours and gap_s:
                self._neighbours.put_off(key, self._wall_s() + self._next[key] - self._clock.monotonic())

    def _told(self, key: str, gap_s: float, now: float) -> float:
        """Return when another process says that a key may be asked; a clock that was set back holds nobody for long."""
        if not self._neighbours or not gap_s:
            return now
        return now + min(self._neighbours.next_moment(key) - self._wall_s(), gap_s * (1 + JITTER))

    def _wall_s(self) -> float:
        return self._clock.now().timestamp()
