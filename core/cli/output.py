"""Write results: one JSON document on stdout, or a table for people; everything else goes to stderr."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

UNCUT = 400  # characters
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # among them ESC, which moves the cursor and changes titles


def write_json(document: Any) -> None:
    """Write one JSON document to stdout, Korean as it is."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def printable(text: str) -> str:
    """Return text from outside without what would move the cursor."""
    return CONTROL.sub("", text)


def write_table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows as a table; cells are text from outside and are shown literally, without control characters."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=UNCUT)  # into a file or another program: nothing is cut
    table = Table(header_style="bold")
    for title in titles:
        table.add_column(Text(printable(title)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(table)
