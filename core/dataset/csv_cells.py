"""CSV that a spreadsheet opens safely: UTF-8 with a mark that Excel needs, and no text that it would run as a formula.

A text that begins like a formula gets an apostrophe in front, and `read_csv` takes it away again. Used for every table
that leaves the program.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

from core.errors import InvalidInput

Cell = str | int | float | None
BOM = b"\xef\xbb\xbf"
# Source: OWASP, "CSV Injection"; the full-width signs count as the plain ones in East Asian locales. Apostrophes before
# such a sign are guarded too, or reading back could not tell ours from the text's own.
RISKY = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def write_csv(titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a whole CSV file; None is an empty cell."""
    return BOM + write_row(titles) + b"".join(write_row(row) for row in rows)


def write_row(cells: Sequence[Cell]) -> bytes:
    """Return one line of a CSV file, without the mark that begins the file.

    All text is quoted: a spreadsheet that separates by semicolons would otherwise cut a cell in two behind the guard.
    """
    target = io.StringIO()
    guarded = [_guard(cell) if isinstance(cell, str) else cell for cell in cells]
    csv.writer(target, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n").writerow(guarded)
    return target.getvalue().encode("utf-8", "backslashreplace")


def read_csv(content: bytes) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return titles and rows of a CSV file as the texts that were written.

    Raises:
        InvalidInput: code "csv.broken"; not UTF-8, a quote that does not end, or no title line.
    """
    try:
        text = content.decode("utf-8-sig")
        rows = [tuple(_unguard(cell) for cell in row) for row in csv.reader(io.StringIO(text, newline=""), strict=True)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput("csv.broken") from error
    if not rows:
        raise InvalidInput("csv.broken")
    return rows[0], tuple(rows[1:])


def _guard(text: str) -> str:
    return f"'{text}" if RISKY.match(text) and not NUMBER.fullmatch(text) else text


def _unguard(text: str) -> str:
    return text[1:] if text.startswith("'") and RISKY.match(text) else text
