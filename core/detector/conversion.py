"""Weights from outside: what they are told by their form alone, and the child process that converts them.

No byte of such a file is unpickled in this process. Called by `import_run`.
"""

import json
import logging
import pickletools
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.detector.child_process import REPOSITORY, end_child
from core.detector.convert import FACTS_FILE, OTHER_TASK
from core.detector.stage import ONNX_FILE
from core.detector.train import TRAINING_PACKAGES
from core.detector.ultralytics_setup import child_environment
from core.errors import MissingPackage, ModelRefused

LARGEST_PICKLE_BYTES = 16 << 20  # of the structure; the numbers lie beside it. YOLO11x has 0.3 MB
LOOK_EVERY_S = 0.2
CONVERTS_WITHIN_S = 600.0  # the largest YOLO takes a minute or two on one core
PICKLE, SCRIPT = "/data.pkl", "/constants.pkl"
YOLOV5_MODULE = "models."  # a module of YOLOv5's own program, which ultralytics does not have
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Converted:
    """A network. model: ONNX bytes; names: of its outputs; size_px: of its training, 0 when it does not say."""

    model: bytes
    names: tuple[str, ...]
    stride_px: int
    size_px: int
    architecture: str


def is_of_yolov5(weights: Path, name: str) -> bool:
    """Whether weights were saved by YOLOv5's own program, and so load only where that program runs.

    Raises:
        ModelRefused: code "weights.kind"; it is no file of weights at all.
    """
    return any(module.startswith(YOLOV5_MODULE) for module in _modules(weights, name))


def convert_weights(weights: Path, name: str, folder: Path, tell: Callable[[], None]) -> Converted:
    """Convert weights in a child process.

    Args:
        weights: the file.
        name: what it was called, for sentences.
        folder: where the child may write; there, and empty.
        tell: called five times a second; what it raises ends the child.

    Raises:
        ModelRefused: code "weights.refused", they hold something else than numbers of a network that ultralytics
            knows; "weights.task", the network finds no boxes; "weights.kind", it is no file of weights.
        MissingPackage: ultralytics or torch is not installed.
    """
    _modules(weights, name)
    for package in TRAINING_PACKAGES:
        if find_spec(package) is None:
            raise MissingPackage(package=package)
    own = folder / "weights.pt"  # ultralytics goes by the ending, and writes beside the file
    shutil.copyfile(weights, own)
    status = _run_child(own, folder, tell)
    if status == OTHER_TASK:
        raise ModelRefused("weights.task", file=name)
    if status or not (folder / ONNX_FILE).exists():
        log.error("weights %s were refused: %s", name, _log_of(folder))
        raise ModelRefused("weights.refused", file=name)
    facts = json.loads((folder / FACTS_FILE).read_text(encoding="utf-8"))
    return Converted(
        (folder / ONNX_FILE).read_bytes(),
        tuple(facts["names"]),
        facts["stride"],
        facts["imgsz"],
        Path(facts["architecture"]).stem,
    )


def _modules(weights: Path, name: str) -> set[str]:
    """Return the modules that the structure of a checkpoint names, without loading anything.

    Raises:
        ModelRefused: code "weights.kind"; it is no archive as torch saves it, or is a program (TorchScript).
    """
    try:
        with zipfile.ZipFile(weights) as archive:
            names = archive.namelist()
            (pickled,) = (entry for entry in names if entry.endswith(PICKLE) and entry.count("/") == 1)
            is_script = any(entry.endswith(SCRIPT) or "/code/" in entry for entry in names)
            if is_script or archive.getinfo(pickled).file_size > LARGEST_PICKLE_BYTES:
                raise ModelRefused("weights.kind", file=name)
            return set(_named(archive.read(pickled)))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError) as error:
        raise ModelRefused("weights.kind", file=name) from error


def _named(pickled: bytes) -> Iterator[str]:
    """Yield what a pickle would import: read operation by operation, and none is done."""
    texts: list[str] = []
    for operation, argument, _ in pickletools.genops(pickled):
        if operation.name == "GLOBAL":
            yield str(argument)
        elif operation.name == "STACK_GLOBAL":
            yield " ".join(texts[-2:])
        elif isinstance(argument, str):
            texts.append(argument)


def _run_child(weights: Path, folder: Path, tell: Callable[[], None]) -> int:
    until = time.monotonic() + CONVERTS_WITHIN_S
    with (folder / "log.txt").open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter and files of ours, no shell
            [sys.executable, "-m", "core.detector.convert", str(weights), str(folder)],
            cwd=REPOSITORY,
            env=child_environment(folder / "ultralytics"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            while process.poll() is None and time.monotonic() < until:
                time.sleep(LOOK_EVERY_S)
                tell()
        finally:
            end_child(process)
    return int(process.returncode)


def _log_of(folder: Path) -> Any:
    return (folder / "log.txt").read_text(encoding="utf-8", errors="replace").strip()[-2000:]
