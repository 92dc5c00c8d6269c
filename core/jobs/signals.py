"""SIGTERM and Ctrl+C as a request that work reads at its safe points, never as an exception inside foreign code."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopRequest:
    """Whether someone asked this process to stop. A plain attribute: setting it takes no lock inside a handler."""

    def __init__(self) -> None:
        self.requested = False

    def request(self, signum: int, frame: FrameType | None) -> None:
        """Note the request; a second Ctrl+C interrupts at once, for someone who sits in front and is done waiting."""
        if signum == signal.SIGINT and self.requested:
            raise KeyboardInterrupt
        self.requested = True


@contextmanager
def catch_stop_signals() -> Iterator[StopRequest]:
    """Turn stop signals into a `StopRequest` until the block ends; outside the main thread nothing is caught."""
    stop = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = {number: signal.signal(number, stop.request) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
