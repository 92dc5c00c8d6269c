"""The two shapes through which work tells how far it is; work functions ask for one of them and know no job.

`JobReporter` (reporter.py) writes to the job's row, `ConsoleReporter` (console.py) draws a bar. A work function that
only tells takes a `Report`, and a plain function will do; one that takes up where an earlier attempt stopped, or
waits its turn, takes a `Reporter`.
"""

from typing import Protocol

from core.errors import Value


class Report(Protocol):
    """Called as often as the work likes, at its safe points; at least every half second keeps stopping prompt."""

    def __call__(self, done: int, total: int | None, message_key: str = "", **values: Value) -> None:
        """Tell that `done` of `total` (None: unknown) steps are behind; an empty key keeps the last message.

        Raises:
            JobStopped: the work was asked to stop; let it pass through.
        """


class Reporter(Report, Protocol):
    """A `Report` that remembers: `done` of an earlier attempt is there before the first call."""

    @property
    def done(self) -> int:
        """Steps behind, counted over all attempts."""

    @property
    def total(self) -> int | None:
        """Steps in all, as told last."""
