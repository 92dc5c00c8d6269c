"""Start the child process of a stage, follow its events, and end it: politely, then not. Called by `train`."""

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.detector.stage import EVENTS_FILE, Stage, read_events
from core.detector.ultralytics_setup import child_environment
from core.errors import EodiError

REPOSITORY = Path(__file__).resolve().parents[2]
LOG_FILE = "log.txt"
LOOK_EVERY_S = 0.2
STOPS_WITHIN_S = 30.0  # a batch takes a second or two; whoever needs longer hangs
log = logging.getLogger(__name__)


def run_child(stage: Stage, on_event: Callable[[dict[str, Any]], None]) -> None:
    """Train a stage to its end in a child process.

    on_event: told every event, and called without one (`{}`) five times a second; what it raises ends the child, which
        keeps the weights of the last whole epoch.

    Raises:
        EodiError: code "detector.failed"; the child ended without a model. Its log lies in the stage's folder.
    """
    task = stage.write()
    offset = _size(stage.folder / EVENTS_FILE)
    with (stage.folder / LOG_FILE).open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter and a file of ours, no shell
            [sys.executable, "-m", "core.detector.child", str(task)],
            cwd=REPOSITORY,
            env=child_environment(stage.folder.parent / "ultralytics"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            while process.poll() is None:
                time.sleep(LOOK_EVERY_S)
                offset = _tell(stage, offset, on_event)
        finally:
            end_child(process)
    _tell(stage, offset, on_event)
    if not stage.is_done:
        log.error("the child of %s ended with %s: %s", stage.folder.name, process.returncode, _last_words(stage))
        raise EodiError("detector.failed", status=int(process.returncode), reason=_last_words(stage))


def _tell(stage: Stage, offset: int, on_event: Callable[[dict[str, Any]], None]) -> int:
    events, offset = read_events(stage.folder / EVENTS_FILE, offset)
    for event in events or [{}]:
        on_event(event)
    return offset


def end_child(process: subprocess.Popen[bytes]) -> None:
    """End a child: politely, and after a while not."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _last_words(stage: Stage) -> str:
    try:
        lines = (stage.folder / LOG_FILE).read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1][:200] if lines else ""


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
