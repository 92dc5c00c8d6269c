"""Stop signals are noted, not thrown."""

import os
import signal
import threading

import pytest

from core.jobs.signals import StopRequest, catch_stop_signals


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_signal_is_noted_and_raises_nothing(number: int) -> None:
    with catch_stop_signals() as stop:
        assert not stop.requested
        os.kill(os.getpid(), number)
        assert stop.requested


def test_a_second_ctrl_c_interrupts_at_once() -> None:
    with pytest.raises(KeyboardInterrupt), catch_stop_signals():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)


def test_outside_the_main_thread_nothing_is_caught_and_nothing_breaks() -> None:
    seen: list[StopRequest] = []

    def work() -> None:
        with catch_stop_signals() as stop:
            seen.append(stop)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not seen[0].requested
