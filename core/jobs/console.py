"""The same reports without a job: a progress bar on stderr in the visitor's language; stdout stays free for results."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from core.domain.place import Language
from core.errors import JobStopped, Value
from core.jobs.signals import StopRequest
from core.messages.translate import translator


class ConsoleReporter:
    """A `Reporter` for work in the foreground; as a context manager it draws, and lets exceptions pass.

    With a `StopRequest` the first Ctrl+C stops the work at its next report. Without a terminal nothing is drawn.
    """

    def __init__(self, language: Language, stop: StopRequest | None = None, console: Console | None = None) -> None:
        self.done = 0
        self.total: int | None = None
        self._words = translator(language)
        self._stop = stop or StopRequest()
        shown_on = console or Console(stderr=True)
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._bar = Progress(*columns, console=shown_on, disable=not shown_on.is_terminal)
        self._task = self._bar.add_task("", total=None)

    def __call__(self, done: int, total: int | None, message_key: str = "", **values: Value) -> None:
        """Draw how far the work is.

        Raises:
            JobStopped: Ctrl+C or SIGTERM was noted.
        """
        self.done, self.total = done, total
        description = self._words(message_key, **values) if message_key else None
        self._bar.update(self._task, completed=done, total=total, description=description)
        if self._stop.requested:
            raise JobStopped

    def __enter__(self) -> "ConsoleReporter":
        """Show the bar."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the bar as it stands."""
        self._bar.stop()
