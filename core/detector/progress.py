"""How far a detector's training is, in one bar over photos and the epochs of all its parts. Called by `train`."""

from collections.abc import Callable
from typing import Any

from core.errors import Value
from core.jobs.report import Report

EPOCH_STEPS = 20  # a step of the bar is a photo read or judged, which takes a twentieth of an epoch and less


class Progress:
    """Counts photos and epochs; tells at least five times a second while a child works."""

    def __init__(self, report: Report, photos: int, parts: int, epochs: int) -> None:
        self._report, self._epochs = report, epochs
        self._photos = self._epoch_steps = 0
        self._total = photos + parts * epochs * EPOCH_STEPS
        self.tell("detector.reading")

    def tell(self, key: str = "", **values: Value) -> None:
        """Say what is done now; an empty key keeps the last words.

        Raises:
            JobStopped: whoever listens asked to stop.
        """
        self._report(min(self._photos + self._epoch_steps, self._total), self._total, key, **values)

    def photo(self) -> None:
        """Count a photo."""
        self._photos += 1
        self.tell()

    def part_done(self, number: int) -> None:
        """Count what an early end of a part left out."""
        self._epoch_steps = (number + 1) * self._epochs * EPOCH_STEPS
        self.tell()

    def listener(self, part: str, number: int) -> Callable[[dict[str, Any]], None]:
        """Return what turns the events of a part's child into progress."""

        def listen(event: dict[str, Any]) -> None:
            epochs = _epochs_behind(event)
            if epochs is not None:
                within = number * self._epochs + epochs
                self._epoch_steps = max(self._epoch_steps, round(within * EPOCH_STEPS))
            if "metrics" in event:
                self.tell("detector.epoch", part=part, **_epoch_values(event))
            elif event.get("epoch") == 1 and event.get("batch") == 1:
                self.tell("detector.learning", part=part, epochs=int(event["epochs"]))
            else:
                self.tell()

        return listen


def _epochs_behind(event: dict[str, Any]) -> float | None:
    if "ended" in event:
        return float(event["ended"])
    if "batch" in event:
        return float(event["epoch"] - 1 + event["batch"] / max(event["batches"], 1))
    return None


def _epoch_values(event: dict[str, Any]) -> dict[str, Value]:
    metrics = event["metrics"]
    return {
        "epoch": int(event["ended"]),
        "epochs": int(event["epochs"]),
        "precision": round(float(metrics.get("metrics/precision(B)", 0.0)), 3),
        "recall": round(float(metrics.get("metrics/recall(B)", 0.0)), 3),
        "map50": round(float(metrics.get("metrics/mAP50(B)", 0.0)), 3),
    }
