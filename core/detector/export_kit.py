"""One zip that trains a detector elsewhere: data, settings, a small script, a notebook. Called by `runs export-kit`.

What judges the result stays at home: the kit holds photos to learn from and photos to choose the best epoch by, and
`import_run` scores what comes back on those that it left out.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from core.dataset.label_files import ZIP, Write, opened_target
from core.detector.config import DetectorConfig
from core.detector.training_folder import IMAGES, LABELS, label_lines, training_jpeg
from core.detector.training_set import SHIPS, BoxedPhoto, BoxSet, TrainingPart, arrange
from core.errors import InvalidInput
from core.jobs.report import Report

KIT_FILE = "kit.json"
KIT_FORMAT = 1
COPIED = ("train.py", "train.ipynb")
README = "README.md"
RESOURCES = Path(__file__).parent / "kit"
MOSAICS_STOP = 10  # epochs before the end; the last ones see photos as they are


@dataclass(frozen=True, slots=True)
class KitResult:
    """What a kit holds. held_out: photos that stay, and judge what comes back."""

    photos: int
    boxes: int
    labels: tuple[str, ...]
    held_out: int


def export_kit(
    photos: Sequence[BoxedPhoto], config: DetectorConfig, snapshot: tuple[str, str], target: Path, report: Report
) -> KitResult:
    """Write the kit, whole or not at all.

    Args:
        photos: of a snapshot, with the boxes of each.
        config: every setting; folds play no part, for a kit trains once.
        snapshot: its name and fingerprint, by which the result is known again.
        target: the zip.
        report: told every photo.

    Raises:
        InvalidInput: code "kit.no_zip", `target` does not end in ".zip"; or see `arrange`.
        PhotoRefused: a photo cannot be read.
        StorageUnavailable: the zip cannot be written; nothing is left.
        JobStopped: `report` asked to stop; nothing is left.
    """
    if target.suffix.lower() != ZIP:
        raise InvalidInput("kit.no_zip", target=target.name)
    boxes = arrange_for_kit(photos, config)
    (part,) = boxes.parts
    packed = [boxes.photos[index] for index in (*part.learned, *part.watched)]
    result = KitResult(len(packed), sum(len(photo.boxes) for photo in packed), boxes.labels, len(part.judged))
    with opened_target(target) as write:
        for done, photo in enumerate(packed, start=1):
            write(f"data/{IMAGES}/{photo.sha256}.jpg", training_jpeg(photo, config.size_px))
            write(f"data/{LABELS}/{photo.sha256}.txt", label_lines(photo, boxes).encode("ascii"))
            report(done, len(packed), "kit.packing", photos=done)
        _write_lists(write, boxes, part)
        _write_files(write, result, config, snapshot)
    return result


def arrange_for_kit(photos: Sequence[BoxedPhoto], config: DetectorConfig) -> BoxSet:
    """Return the one training of a kit: fixed splits where all photos have one, else a fifth each to judge and watch.

    The same photos and settings give the same training, so that a result finds the photos that it was not shown.

    Raises:
        InvalidInput: see `arrange`.
    """
    boxes = arrange(photos, replace(config, folds=None))
    *folds, ships = boxes.parts
    if not folds:
        return boxes
    judged = np.concatenate([folds[0].judged, ships.judged])
    watched = folds[1].judged
    learned = np.setdiff1d(np.arange(len(boxes.photos)), np.concatenate([judged, watched]))
    return replace(boxes, parts=(TrainingPart(SHIPS, learned, watched, judged, keeps_best=True),))


def _write_lists(write: Write, boxes: BoxSet, part: TrainingPart) -> None:
    for name, indices in (("train", part.learned), ("val", part.watched)):
        lines = (f"./{IMAGES}/{boxes.photos[index].sha256}.jpg\n" for index in indices)
        write(f"data/{name}.txt", "".join(lines).encode("ascii"))


def _write_files(write: Write, result: KitResult, config: DetectorConfig, snapshot: tuple[str, str]) -> None:
    snapshot_id, fingerprint = snapshot
    start = {"": f"{config.model}.pt", "none": f"{config.model}.yaml"}.get(config.pretrained, config.pretrained)
    frozen = config.frozen_epochs if config.pretrained != "none" else 0
    kit = {
        "format": KIT_FORMAT,
        "snapshot_id": snapshot_id,
        "fingerprint": fingerprint,
        "labels": result.labels,
        "start": Path(start).name,
        "frozen_epochs": frozen,
        "arguments": _arguments(config, bool(frozen)),
        "config": asdict(replace(config, pretrained=Path(config.pretrained).name)),
    }
    write(KIT_FILE, (json.dumps(kit, ensure_ascii=False, indent=2) + "\n").encode())
    for name in COPIED:
        write(name, (RESOURCES / name).read_bytes())
    filled = {**asdict(result), "labels": ", ".join(result.labels), "labels_count": len(result.labels)}
    readme = Template((RESOURCES / README).read_text(encoding="utf-8"))
    write(README, readme.substitute(filled, run=config.model, snapshot=snapshot_id).encode())


def _arguments(config: DetectorConfig, is_frozen: bool) -> dict[str, Any]:
    """Return what ultralytics is told; it chooses device and optimizer by what it finds."""
    return {
        "imgsz": config.size_px,
        "epochs": config.epochs,
        "batch": config.batch_size,
        "seed": config.seed,
        "patience": config.patience,
        "freeze": config.frozen_layers if is_frozen else 0,
        "close_mosaic": min(MOSAICS_STOP, config.epochs // 2),
        "plots": False,
    }
