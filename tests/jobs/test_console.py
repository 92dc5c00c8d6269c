"""The same reports in a terminal."""

import io

import pytest
from rich.console import Console

from core.errors import JobStopped
from core.jobs.console import ConsoleReporter
from core.jobs.signals import StopRequest


def test_a_terminal_shows_message_and_count() -> None:
    shown = io.StringIO()
    with ConsoleReporter("en", console=Console(file=shown, force_terminal=True, width=120)) as report:
        report(3, 7, "job.waiting")
        assert (report.done, report.total) == (3, 7)
    assert "Waiting for another heavy job" in shown.getvalue()
    assert "3/7" in shown.getvalue()


def test_names_from_outside_are_shown_as_they_are() -> None:
    shown = io.StringIO()
    with ConsoleReporter("en", console=Console(file=shown, force_terminal=True, width=120)) as report:
        report(1, 2, "[bold]job[/nothing]")
    assert "[bold]job[/nothing]" in shown.getvalue()


def test_a_file_is_left_clean() -> None:
    shown = io.StringIO()
    with ConsoleReporter("ko", console=Console(file=shown)) as report:
        report(3, 7, "job.waiting")
    assert shown.getvalue() == ""


def test_nothing_reaches_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    with ConsoleReporter("ko") as report:
        report(1, None, "job.running")
    assert capsys.readouterr().out == ""


def test_a_stop_request_stops_the_work_at_its_next_report() -> None:
    stop = StopRequest()
    report = ConsoleReporter("ko", stop)
    report(1, 2)
    stop.requested = True
    with pytest.raises(JobStopped):
        report(2, 2)
