"""How far a training is, in one count over all its stages. Called by the steps of `train`."""

import time

from core.errors import Value
from core.jobs.report import Report


class Steps:
    """Counts photos that went through the network, over reading, features and epochs alike.

    total: the plan; a training that stops early skips ahead with `reach`.
    """

    def __init__(self, report: Report, total: int) -> None:
        self._report, self._total, self._done = report, total, 0
        self._began = time.monotonic()

    def finish(self, message_key: str) -> None:
        """Tell that nothing but the last step is left."""
        self.reach(self._total, message_key)

    @property
    def done(self) -> int:
        """Steps behind."""
        return self._done

    @property
    def seconds(self) -> float:
        """Seconds since the training began."""
        return time.monotonic() - self._began

    def advance(self, steps: int, message_key: str, **values: Value) -> None:
        """Count `steps` more and tell it; also the safe point at which a training may be stopped.

        Raises:
            JobStopped: whoever listens asked to stop.
        """
        self.reach(self._done + steps, message_key, **values)

    def reach(self, done: int, message_key: str, **values: Value) -> None:
        """Tell that `done` steps are behind, however many of them were skipped.

        Raises:
            JobStopped: whoever listens asked to stop.
        """
        self._done = min(max(done, self._done), self._total)
        self._report(self._done, self._total, message_key, **values)
