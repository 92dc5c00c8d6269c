"""Whose turn it is: one request at a time to a host, and at least its pace between two, over all threads."""

import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from core.errors import MustWait
from core.network.clock import LOOK_S, Clock, Stop, check_stop, wait_until

JITTER = 0.1  # added, never taken away


class Turns:
    """Lets one thread at a time talk to a site."""

    def __init__(self) -> None:
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
            yield
        finally:
            mine.release()


class Pace:
    """Keeps the time between requests. A key is a site, or a source with several."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
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
            moment = max(now, *(self._next.get(key, now) for key in gaps))
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
