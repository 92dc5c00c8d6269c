"""Everything that the app has written: files by their hash, and every row of the embedded database."""

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

DATABASE = "eodi.sqlite3"


def files(home: Path) -> dict[str, str]:
    """Return the hash of every file of the home, but for the database's own and the server's log."""
    return {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.name.startswith(DATABASE) and path.name != "server.log"
    }


def rows(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table."""
    with sqlite3.connect(home / "data" / DATABASE) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall() for name in names}  # noqa: S608 - names of the schema


def table(home: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of one table by their columns."""
    with sqlite3.connect(home / "data" / DATABASE) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f'SELECT * FROM "{name}" ORDER BY 1')]  # noqa: S608 - names of the schema


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return what is new, gone or different."""
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}
