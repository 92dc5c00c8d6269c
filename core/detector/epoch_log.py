"""The log that ultralytics writes, a line for each epoch: what of it counts when a training is taken up again.

ultralytics writes an epoch's line before its weights; killed in between, it learns that epoch again and would write a
second line. So what goes beyond the weights is taken out before a training goes on, and where an epoch stands twice
all the same, its last line counts. Used by the child, and by whoever joins the logs of a run.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

EPOCH = "epoch"


def read_epochs(text: str) -> tuple[list[str], list[list[str]]]:
    """Return the heading and the lines of a log, its last one too where it is half a line; blanks are taken off."""
    header, *rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text)) if row] or [[]]
    return header, rows


def each_epoch_once(header: Sequence[str], rows: Sequence[list[str]]) -> Iterator[list[str]]:
    """Yield the last whole line of each epoch, in the order in which the epochs first came; half a line as it is."""
    if EPOCH not in header:
        yield from rows
        return
    at = list(header).index(EPOCH)
    whole = [row for row in rows if len(row) == len(header)]
    last = {row[at]: row for row in whole}
    yield from (last[epoch] for epoch in dict.fromkeys(row[at] for row in whole))
    yield from (row for row in rows if len(row) != len(header))


def last_epoch(text: str) -> int:
    """Return the number of the last epoch that has a whole line, 0 for none."""
    header, rows = read_epochs(text)
    return max((_number(row[header.index(EPOCH)]) for row in rows if len(row) == len(header)), default=0)


def forget_later_epochs(log: Path, epochs: int) -> None:
    """Take out of a log what goes beyond so many epochs, and half a line at its end; no log is no change."""
    try:
        text = log.read_text(encoding="utf-8")
    except OSError:
        return
    heading, *lines = text.splitlines(keepends=True) or [""]
    header, _ = read_epochs(heading)
    kept = [line for line in lines if _counts(line, header, epochs)]
    if kept != lines:
        unfinished = log.with_name(f".{log.name}")
        unfinished.write_text("".join([heading, *kept]), encoding="utf-8")
        unfinished.replace(log)


def _counts(line: str, header: Sequence[str], epochs: int) -> bool:
    row, _ = read_epochs(line)
    return line.endswith("\n") and len(row) == len(header) and _number(row[list(header).index(EPOCH)]) <= epochs


def _number(cell: str) -> int:
    try:
        return int(float(cell))
    except ValueError:
        return 0
