"""What a training elsewhere left: the folder, or zip, of ultralytics, of YOLOv5, or of our kit. Called by `import_run`.

Nothing of it is believed: the log is read as a table, settings are kept where they are plain values, and weights are
only named here.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path, PurePosixPath
from typing import Any

from core.dataset.archive import MEBI, ArchiveLimits
from core.dataset.label_source import SourceFiles, list_files
from core.detector.config import DetectorConfig
from core.detector.export_kit import KIT_FILE, KIT_FORMAT
from core.errors import EodiError, InvalidInput, Value
from core.metrics.training_log import TrainingLog, read_training_log

LOG_FILE = "results.csv"
SETTINGS_FILES = ("args.yaml", "opt.yaml")  # of ultralytics, and of YOLOv5
WEIGHTS_FILES = ("weights/best.pt", "best.pt", "weights/last.pt", "last.pt")
LIMITS = ArchiveLimits(total_bytes=2048 * MEBI, file_bytes=512 * MEBI, nested=True)  # YOLO11x has 110 MB
LARGEST_TABLE_BYTES = 32 * MEBI
LARGEST_SETTINGS_BYTES = MEBI
LONGEST_SETTING = 200  # characters
AT_HOME = frozenset({"folds", "threads"})  # settings that a kit does not have
# What a log of boxes has, under any name that it goes by; the epoch itself is the number of the row.
NEEDED = (
    ("metrics/precision", "metrics/precision(B)"),
    ("metrics/recall", "metrics/recall(B)"),
    ("metrics/mAP50", "metrics/mAP50(B)", "metrics/mAP_0.5"),
    ("metrics/mAP50-95", "metrics/mAP50-95(B)", "metrics/mAP_0.5:0.95"),
)


@dataclass(frozen=True, slots=True)
class Kit:
    """What our kit says of itself. config: as it was written, with the seed and size that arranged the photos."""

    snapshot_id: str
    fingerprint: str
    config: DetectorConfig


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """A training that took place elsewhere. weights: None when there are none; weights_name: for sentences.

    table: the bytes of the log; settings: the plain ones. kit: None for a training that was not of our kit.
    """

    table: bytes
    log: TrainingLog
    settings: Mapping[str, Value]
    weights: Path | None
    weights_name: str
    kit: Kit | None


def read_result(files: SourceFiles) -> TrainingResult:
    """Read what `list_result` found.

    Raises:
        InvalidInput: code "run_import.no_log" or "run_import.several", there is not the log of just one training;
            "run_import.no_epochs", it holds no whole epoch; "run_import.columns", it is not one of boxes;
            "run_import.file", a file is too large or not what its name says.
    """
    logs = [name for name in files.paths if _last(name) == LOG_FILE]
    if not logs:
        raise InvalidInput("run_import.no_log", file=LOG_FILE)
    if len(logs) > 1:
        raise InvalidInput("run_import.several", file=LOG_FILE, count=len(logs))
    folder = logs[0][: -len(LOG_FILE)]
    table = _content(files, logs[0], LARGEST_TABLE_BYTES)
    settings = next((name for name in SETTINGS_FILES if folder + name in files.paths), None)
    weights = next((name for name in WEIGHTS_FILES if folder + name in files.paths), None)
    return TrainingResult(
        table,
        _checked(table),
        _read_settings(files, folder + settings) if settings else {},
        files.paths[folder + weights] if weights else None,
        _last(weights or ""),
        _read_kit(files, folder + KIT_FILE) if folder + KIT_FILE in files.paths else None,
    )


def list_result(source: Path, unpack_into: Path) -> SourceFiles:
    """List a folder, or unpack a zip; the weights in it are archives too, and stay packed.

    Raises:
        InvalidInput: see `list_files`.
        StorageUnavailable: no room to unpack, or no right to read.
    """
    return list_files(source, unpack_into, LIMITS)


def _checked(table: bytes) -> TrainingLog:
    try:
        log = read_training_log(table, LOG_FILE)
    except EodiError as error:
        raise InvalidInput("run_import.file", file=LOG_FILE) from error
    missing = [names[0] for names in NEEDED if not set(names) & set(log.columns)]
    if missing:
        raise InvalidInput("run_import.columns", file=LOG_FILE, columns=", ".join(missing))
    if not log.parts:
        raise InvalidInput("run_import.no_epochs", file=LOG_FILE)
    return log


def _read_settings(files: SourceFiles, name: str) -> dict[str, Value]:
    """Return the plain values; of a path only its last part, for the rest says where somebody's files lie."""
    import yaml

    try:
        document = yaml.safe_load(_content(files, name, LARGEST_SETTINGS_BYTES))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidInput("run_import.file", file=_last(name)) from error
    if not isinstance(document, dict):
        raise InvalidInput("run_import.file", file=_last(name))
    return {str(key)[:LONGEST_SETTING]: _plain(value) for key, value in document.items() if _is_plain(value)}


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))


def _plain(value: Value) -> Value:
    if not isinstance(value, str):
        return value if isinstance(value, float) or abs(value) < 2**63 else str(value)[:LONGEST_SETTING]
    return PurePosixPath(value.replace("\\", "/")).name[:LONGEST_SETTING]


def _read_kit(files: SourceFiles, name: str) -> Kit:
    content = _content(files, name, LARGEST_SETTINGS_BYTES)
    try:
        document = json.loads(content)
        config = DetectorConfig(**_typed(document["config"]))
        said = (document["snapshot_id"], document["fingerprint"])
        if document["format"] != KIT_FORMAT or not all(isinstance(text, str) for text in said):
            raise InvalidInput("run_import.file", file=KIT_FILE)
        return Kit(*said, replace(config, pretrained=Path(config.pretrained).name))
    except (EodiError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidInput("run_import.file", file=KIT_FILE) from error


def _typed(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a kit, each of the kind that it has by default."""
    usual = DetectorConfig()
    known = {field.name: type(getattr(usual, field.name)) for field in fields(usual) if field.name not in AT_HOME}
    typed = {name: kind(config[name]) if kind is float else config[name] for name, kind in known.items()}
    if any(type(typed[name]) is not kind for name, kind in known.items()):
        raise TypeError
    return typed


def _content(files: SourceFiles, name: str, most_bytes: int) -> bytes:
    path = files.paths[name]
    if path.stat().st_size > most_bytes:
        raise InvalidInput("run_import.file", file=_last(name))
    return path.read_bytes()


def _last(name: str) -> str:
    return PurePosixPath(name).name
