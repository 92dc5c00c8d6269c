"""What the door knows of time, as a port: its waits are hours in production and nothing in tests."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from core.errors import JobStopped

LOOK_S = 0.1  # whoever asks for a stop is heard after so long

Stop = Callable[[], bool]


def never() -> bool:
    """Say that nobody asked for a stop."""
    return False


class Clock(Protocol):
    """A clock that can also be slept by."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        ...

    def now(self) -> datetime:
        """Return the moment, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class SystemClock:
    """The clock of this machine."""

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    def now(self) -> datetime:
        """Return the moment, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        time.sleep(seconds)


def check_stop(stop: Stop) -> None:
    """Go on, unless a stop is asked for.

    Raises:
        JobStopped: it is.
    """
    if stop():
        raise JobStopped


def wait_until(moment_s: float, clock: Clock, stop: Stop) -> None:
    """Wait until the clock's `monotonic` reads `moment_s`.

    Raises:
        JobStopped: `stop` said so meanwhile.
    """
    check_stop(stop)
    while (left_s := moment_s - clock.monotonic()) > 0:
        clock.sleep(min(left_s, LOOK_S))
        check_stop(stop)
