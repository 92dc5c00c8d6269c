"""The log of a classifier's training elsewhere, under its many spellings, as the table that our own runs keep.

Keras's CSVLogger writes `epoch,accuracy,loss,val_accuracy,val_loss`, older ones `acc` and `val_acc`; a pandas table of
its history has a first column without a name; ultralytics' classification has `metrics/accuracy_top1`. Separators may
be commas, semicolons or tabs, names padded or capitalised, a byte order mark in front. Used by `runs import`.
"""

import csv
import io
from collections.abc import Sequence

from core.errors import InvalidInput, ModelRefused
from core.metrics.training_log import TrainingLog, read_training_log

SEPARATORS = (",", ";", "\t")
LOSS, EPOCH = "loss", "epoch"
WATCHED = "val_"
# Other names of what our own logs call so; Keras puts "val_" before any of them.
SPELLINGS = {
    "acc": "accuracy",
    "categorical_accuracy": "accuracy",
    "sparse_categorical_accuracy": "accuracy",
    "binary_accuracy": "accuracy",
    "lr": "learning_rate",
    "train_loss": LOSS,
    "training_loss": LOSS,
    "train_accuracy": "accuracy",
    "training_accuracy": "accuracy",
    "validation_loss": "val_loss",
    "validation_accuracy": "val_accuracy",
    "train/loss": LOSS,
    "val/loss": "val_loss",
    "metrics/accuracy_top1": "val_accuracy",
}
OF_BOXES = ("metrics/map", "metrics/recall", "train/box_loss")
HEAD_BYTES = 8192  # of a file whose heading is looked at


def looks_like_boxes(content: bytes) -> bool:
    """Whether a file's heading is one of a detector's log."""
    heading = content[:HEAD_BYTES].decode("utf-8-sig", "replace").partition("\n")[0].lower()
    return any(name in heading for name in OF_BOXES)


def looks_like_keras(content: bytes) -> bool:
    """Whether a file's heading is one of a classifier's log: it has a loss, and nothing of boxes."""
    try:
        columns, _ = _split(content)
    except InvalidInput:
        return False
    return bool({LOSS, "val_loss"} & set(_names(columns))) and not looks_like_boxes(content)


def read_keras_log(content: bytes, file: str) -> tuple[bytes, TrainingLog]:
    """Return a log as a table under our own names, and the same read. file: its name, for sentences.

    Raises:
        InvalidInput: code "run_import.file", it is no text; "run_import.keras_columns", it has no column of a loss;
            "run_import.no_epochs", it holds no whole epoch; "run_import.no_numbers", its loss is never a number.
    """
    columns, lines = _split(content, file)
    names = _names(columns)
    if LOSS not in names:
        raise InvalidInput("run_import.keras_columns", file=file, found=_some(columns))
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerows([names, *lines[:-1]])
    csv.writer(table, lineterminator="").writerow(lines[-1])  # a last line without its end was cut off
    try:
        log = read_training_log(table.getvalue().encode(), file)
    except ModelRefused as error:
        raise InvalidInput("run_import.file", file=file) from error
    if not log.parts:
        raise InvalidInput("run_import.no_epochs", file=file)
    if not any(isinstance(cell, int | float) for part in log.parts for cell in part.curves[LOSS]):
        raise InvalidInput("run_import.no_numbers", file=file, column=columns[names.index(LOSS)])
    return table.getvalue().encode(), log


def _split(content: bytes, file: str = "") -> tuple[list[str], list[list[str]]]:
    """Return heading and lines, by the separator that gives the heading most columns; the last line may be empty.

    Raises:
        InvalidInput: code "run_import.file"; it is no UTF-8 text, or no table.
    """
    try:
        heading, *lines = content.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
        separator = max(SEPARATORS, key=heading.count)
        rows = [next(csv.reader([line], delimiter=separator), []) for line in (heading, *lines)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("run_import.file", file=file) from error
    whole = [[cell.strip() for cell in row] for row in rows]
    return whole[0], [row for row in whole[1:-1] if row] + (whole[-1:] if len(whole) > 1 else [[]])


def _names(columns: Sequence[str]) -> list[str]:
    """Return our own names; a first column without one counts epochs, and of two that mean the same the first does."""
    given: list[str] = []
    for number, column in enumerate(columns):
        lowered = column.lower().replace(" ", "_")
        watched = lowered.startswith(WATCHED)
        bare = lowered.removeprefix(WATCHED)
        named = SPELLINGS.get(lowered) or (WATCHED if watched else "") + SPELLINGS.get(bare, bare)
        if number == 0 and not column:
            named = EPOCH
        given.append(named if named not in given else f"{column or 'column'}_{number}")
    return given


def _some(columns: Sequence[str]) -> str:
    """Return names from outside for a sentence: not too many, not too long, and nothing that moves a cursor."""
    shown = [column[:30] if column.isprintable() else repr(column[:30]) for column in columns[:8]]
    return ", ".join(name for name in shown if name) or "–"
