"""What the door to the network is given in tests: a clock that is turned by hand, and a ledger in memory."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from core.network.fetch import Fetcher

MakeDoor = Callable[..., Fetcher]
NOON = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)  # noon in Korea


class HandClock:
    """Time passes by being slept."""

    def __init__(self) -> None:
        self.passed_s = 0.0
        self.lock = threading.Lock()

    def monotonic(self) -> float:
        return 1000.0 + self.passed_s

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.passed_s)

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.passed_s += seconds


class MemoryLedger:
    """Counts and pauses that do not outlive the test; `RequestLedger` is tested where they must."""

    def __init__(self) -> None:
        self.spent: list[str] = []
        self.pauses: dict[str, datetime] = {}

    def spend(self, source: str, quota: int | None, now: datetime) -> None:
        self.spent.append(source)

    def pause(self, host: str, until: datetime) -> None:
        self.pauses[host] = until

    def paused_until(self, host: str) -> datetime | None:
        return self.pauses.get(host)
