"""What parent and child of a training say to each other: a task as a file, events as lines of a file.

The parent (`child_process`) writes the task and reads the events; the child (`child`) does the reverse. A stage is one
training: a fold, or what ships. Its folder survives both, so that an interrupted stage is taken up again.
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

TASK_FILE = "task.json"
EVENTS_FILE = "events.jsonl"
BEST_FILE, LAST_FILE = "best.pt", "last.pt"
ONNX_FILE = "model.onnx"
EPOCHS_FILE = "epochs.csv"


@dataclass(frozen=True, slots=True)
class Stage:
    """One training. folder: its own, for what it writes; data: the data.yaml.

    keeps_best: whether the best epoch on the validation photos is kept, or the last. arguments: for ultralytics.
    finish: go no further where there are weights, and export them.
    """

    folder: Path
    data: Path
    weights: str
    keeps_best: bool
    frozen_epochs: int
    threads: int
    arguments: dict[str, Any] = field(default_factory=dict)
    finish: bool = False

    def write(self) -> Path:
        """Write the task where the child reads it, and return the file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        plain = {**asdict(self), "folder": str(self.folder), "data": str(self.data)}
        path = self.folder / TASK_FILE
        path.write_text(json.dumps(plain, indent=2), encoding="utf-8")
        return path

    @staticmethod
    def read(path: Path) -> "Stage":
        """Read a task."""
        plain = json.loads(path.read_text(encoding="utf-8"))
        return Stage(**{**plain, "folder": Path(plain["folder"]), "data": Path(plain["data"])})

    @property
    def is_done(self) -> bool:
        """Whether the exported model of this stage stands."""
        return (self.folder / ONNX_FILE).exists()

    @property
    def weights_so_far(self) -> Path:
        """The weights that would be exported now: of the best epoch so far, or of the last whole one."""
        best = self.folder / BEST_FILE
        return best if self.keeps_best and best.exists() else self.folder / LAST_FILE

    @property
    def model(self) -> Path:
        """The exported model."""
        return self.folder / ONNX_FILE


def add_event(folder: Path, **values: Any) -> None:
    """Append one line; a line that a kill cut off is skipped by `read_events`."""
    with (folder / EVENTS_FILE).open("a", encoding="utf-8") as file:
        file.write(json.dumps(values) + "\n")


def read_events(path: Path, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """Return the whole events after `offset` bytes, and the offset behind them."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            content = file.read()
    except FileNotFoundError:
        return [], offset
    whole = content[: content.rfind(b"\n") + 1]
    return [event for line in whole.splitlines() if (event := _parsed(line))], offset + len(whole)


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
