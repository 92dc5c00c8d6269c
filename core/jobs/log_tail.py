"""The end of what a job's process printed, as plain lines; for pages that show how it goes."""

import re
from pathlib import Path

TAIL_BYTES = 32_000
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")  # colours and cursor moves of a terminal


def read_tail(path: Path, lines: int = 40) -> str:
    """Return the last lines of a log; "" while there is none. Of a line that was drawn over, its last state."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - TAIL_BYTES))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    shown = (CONTROL.sub("", line.rstrip("\r").rpartition("\r")[2]).rstrip() for line in text.split("\n"))
    return "\n".join([line for line in shown if line][-lines:])
