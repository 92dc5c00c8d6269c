"""What a training wrote about each epoch: a CSV file with any columns, read under the names of the log.

Keras logs, Ultralytics' `results.csv` with its padded headings, and the `epochs.csv` of our own runs. Where a log has a
column `part`, each part is a training of its own (one per fold, and one for what ships, which comes last). Called by
`core/cli/metrics` and the page of metrics.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Literal

from core.errors import ModelRefused
from core.weights.folder import DetectorRun, Run

LOG_FILES = ("epochs.csv", "results.csv")
PART = "part"
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,15}")  # more digits than a float holds exactly stay a float
Cell = int | float | str | None
Wanted = Literal["highest", "lowest"]


@dataclass(frozen=True, slots=True)
class BestRule:
    """Which epoch is the best: the one where this column is highest or lowest; of equal ones the first."""

    column: str
    wanted: Wanted


# The first whose column holds a number decides: a detector's mean average precision, else the loss that our own
# trainings stop by, else the share of watched photos that were right.
BEST_RULES = (
    BestRule("metrics/mAP50-95(B)", "highest"),
    BestRule("metrics/mAP50-95", "highest"),
    BestRule("metrics/mAP_0.5:0.95", "highest"),  # YOLOv5's name of the same
    BestRule("val_loss", "lowest"),
    BestRule("val_accuracy", "highest"),
)


@dataclass(frozen=True, slots=True)
class LogPart:
    """One training. name: "" in a log without a column `part`.

    curves: one value per epoch under each name of the log; None where it was not a finite number.
    best_by, best_row: see `BEST_RULES`; None when no column of theirs holds a number.
    """

    name: str
    curves: Mapping[str, tuple[Cell, ...]]
    best_by: BestRule | None
    best_row: int | None

    @property
    def epochs(self) -> int:
        """How many epochs there are; at least one."""
        return len(next(iter(self.curves.values())))

    @property
    def best(self) -> dict[str, Cell] | None:
        """The values of the best epoch, by name."""
        return None if self.best_row is None else self._row(self.best_row)

    @property
    def last(self) -> dict[str, Cell]:
        """The values of the last epoch, by name."""
        return self._row(-1)

    def _row(self, row: int) -> dict[str, Cell]:
        return {name: values[row] for name, values in self.curves.items()}


@dataclass(frozen=True, slots=True)
class TrainingLog:
    """A whole log. file: "" for a run that has none. parts: in the order of the log; none when no epoch was written.

    columns: names as in the log, without the blanks around them.
    dropped_lines: numbers, counting from 1, of lines that are not whole: cut off at the end, or with another number
        of values than the heading has.
    """

    file: str
    columns: tuple[str, ...] = ()
    parts: tuple[LogPart, ...] = ()
    dropped_lines: tuple[int, ...] = ()


def shown_part(log: TrainingLog) -> LogPart | None:
    """Return the training whose curves stand for the run: the last that watched photos; it is what ships, or a fold."""
    watching = [part for part in log.parts if part.best_by is not None] or list(log.parts)
    return watching[-1] if watching else None


def read_run_log(run: Run | DetectorRun) -> TrainingLog:
    """Read the log of a run, or an empty one when the run has none.

    Raises:
        ModelRefused: see `Run.read` and `read_training_log`.
    """
    for name in LOG_FILES:
        if name in run.manifest.files:
            return read_training_log(run.read(name), name)
    return TrainingLog("")


def read_training_log(content: bytes, file: str) -> TrainingLog:
    """Read the bytes of a log; `file` is its name.

    A last line without its line end was cut off while it was written, perhaps within a number, and is dropped.

    Raises:
        ModelRefused: code "model.table"; it is no UTF-8 text, or two columns have the same name.
    """
    try:
        *lines, cut = content.decode("utf-8-sig").split("\n")
        whole = [(number, _cells(line)) for number, line in enumerate(lines, 1) if line.strip()]
    except (UnicodeDecodeError, csv.Error) as error:
        raise ModelRefused("model.table", file=file) from error
    columns = whole[0][1] if whole else ()
    if len(set(columns)) != len(columns):
        raise ModelRefused("model.table", file=file)
    rows = [cells for _, cells in whole[1:] if len(cells) == len(columns)]
    dropped = [number for number, cells in whole[1:] if len(cells) != len(columns)]
    if cut.strip():
        dropped.append(len(lines) + 1)
    return TrainingLog(file, columns, _parts(columns, rows), tuple(dropped))


def _cells(line: str) -> tuple[str, ...]:
    """Split one line; no value of a log runs over several, so a stray quote spoils its own line only."""
    return tuple(cell.strip() for cell in next(csv.reader([line.rstrip("\r")])))


def _parts(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> tuple[LogPart, ...]:
    grouped: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        grouped.setdefault(row[columns.index(PART)] if PART in columns else "", []).append(row)
    return tuple(_part(name, columns, part) for name, part in grouped.items())


def _part(name: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> LogPart:
    texts = dict(zip(columns, zip(*rows, strict=True), strict=True))
    curves = {column: values if column == PART else _curve(values) for column, values in texts.items()}
    for rule in BEST_RULES:
        numbers = {
            row: value for row, value in enumerate(curves.get(rule.column, ())) if isinstance(value, int | float)
        }
        if numbers:
            choose = max if rule.wanted == "highest" else min
            return LogPart(name, curves, rule, choose(numbers, key=numbers.__getitem__))
    return LogPart(name, curves, None, None)


def _curve(texts: Sequence[str]) -> tuple[Cell, ...]:
    """Return numbers; a column without a single one is a column of texts."""
    cells = [_cell(text) for text in texts]
    if any(isinstance(cell, int | float) for cell in cells):
        return tuple(None if isinstance(cell, str) else cell for cell in cells)
    return tuple(cells)


def _cell(text: str) -> Cell:
    try:
        number = float(text)
    except ValueError:
        return text or None
    if not isfinite(number):
        return None
    return int(text) if WHOLE_NUMBER.fullmatch(text) else number
