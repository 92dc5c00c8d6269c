"""How far a detector's training is, read from the folder in which it works; for whoever watches. Changes nothing."""

from pathlib import Path

from core.detector.box_run import epochs_csv
from core.detector.child_process import LOG_FILE
from core.detector.stage import BEST_FILE, EPOCHS_FILE, LAST_FILE, TASK_FILE, Stage
from core.metrics.training_log import TrainingLog, read_training_log


def log_so_far(work: Path) -> TrainingLog:
    """Return the epochs of every part that has begun, the part at work last.

    Raises:
        ModelRefused: see `read_training_log`.
    """
    logs = [(_name(stage), _epochs(stage), bool(stage.arguments.get("val", True))) for stage in _stages(work)]
    content = epochs_csv((name, text, watches) for name, text, watches in logs if text)
    return read_training_log(content, EPOCHS_FILE) if content else TrainingLog("")


def child_log(work: Path) -> Path | None:
    """Return where the child of the part at work writes what it prints; None before the first began."""
    stages = _stages(work)
    return stages[-1].folder / LOG_FILE if stages else None


def kept_weights(work: Path) -> Path | None:
    """Return the weights kept by the part at work: of its best epoch where it watches any photos, else of its last."""
    for stage in reversed(_stages(work)):
        path = stage.folder / (BEST_FILE if stage.arguments.get("val", True) else LAST_FILE)
        if path.exists():
            return path
    return None


def _stages(work: Path) -> list[Stage]:
    """Return the parts that have begun, in the order in which they did."""
    found = []
    for task in work.glob(f"*/{TASK_FILE}"):
        try:
            found.append((task.stat().st_mtime, Stage.read(task)))
        except (OSError, ValueError, TypeError, KeyError):
            continue  # being written this very moment, or removed
    return [stage for _, stage in sorted(found, key=lambda pair: pair[0])]


def _name(stage: Stage) -> str:
    return stage.folder.name.replace("-", " ")


def _epochs(stage: Stage) -> str:
    try:
        return (stage.folder / EPOCHS_FILE).read_text(encoding="utf-8")
    except OSError:
        return ""
