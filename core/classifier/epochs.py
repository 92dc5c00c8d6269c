"""What happened in each epoch of a fine-tuning, as rows and as epochs.csv. Called by `fine_tune` and `run_files`."""

import csv
import io
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from core.classifier.progress import Steps
from core.errors import Value

EPOCHS_FILE = "epochs.csv"


@dataclass(frozen=True, slots=True)
class EpochRow:
    """One epoch. part: "fold 0" for a training that held that fold out, "all" for what ships; epochs count from 1."""

    stage: str
    epoch: int
    loss: float
    val_loss: float
    accuracy: float
    val_accuracy: float
    learning_rate: float
    seconds: float
    part: str


class EpochDiary:
    """Collects the rows of one fine-tuning, and tells how far it is after every batch."""

    def __init__(self, part: str, steps: Steps) -> None:
        self.rows: list[EpochRow] = []
        self._part, self._steps, self._began = part, steps, 0.0

    def callback(self, stage: str, steps_per_batch: int) -> Any:
        """Return the Keras callback for a stage."""
        import keras

        callback: Any = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs: self._begin(),
            on_train_batch_end=lambda batch, logs: self._steps.advance(
                steps_per_batch, "train.learning", epoch=len(self.rows) + 1
            ),
            on_epoch_end=lambda epoch, logs: self._note(stage, epoch, logs, callback.model),
        )
        return callback

    def _begin(self) -> None:
        self._began = time.monotonic()

    def _note(self, stage: str, epoch: int, logs: dict[str, float], model: Any) -> None:
        named = {name: float(logs[name]) for name in ("loss", "val_loss", "accuracy", "val_accuracy")}
        rate, seconds = float(model.optimizer.learning_rate), time.monotonic() - self._began
        row = EpochRow(stage=stage, epoch=epoch + 1, **named, learning_rate=rate, seconds=seconds, part=self._part)
        self.rows.append(row)
        self._steps.advance(0, "train.epoch", **_rounded(row))


def write_epochs(rows: Sequence[EpochRow]) -> bytes:
    """Return the bytes of epochs.csv: UTF-8, one line per epoch, only the heading when nothing was fine-tuned."""
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(EpochRow)], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(_rounded(row))
    return text.getvalue().encode()


def _rounded(row: EpochRow) -> dict[str, Value]:
    """Return a row's values as epochs.csv has them."""
    return {name: f"{value:.6g}" if isinstance(value, float) else value for name, value in asdict(row).items()}
