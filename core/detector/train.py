"""Boxes to a detector's run: the entry point of detector training, from photos to a folder under `weights/`.

The work folder keeps every stage: a training that was cancelled, or killed, goes on where it stopped when the same
training is started again, and is removed when its run is written. ultralytics runs in child processes only.
"""

import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.detector.box_run import write_detector_run
from core.detector.child_process import run_child
from core.detector.config import DetectorConfig
from core.detector.judge import JudgedPhoto, clear_ones, find_on, judge
from core.detector.predict import Network
from core.detector.progress import Progress
from core.detector.stage import LAST_FILE, ONNX_FILE, Stage
from core.detector.training_folder import write_data, write_photos
from core.detector.training_set import SHIPS, BoxedPhoto, BoxSet, TrainingPart, arrange
from core.errors import InvalidInput, MissingPackage
from core.jobs.report import Report
from core.metrics.detection import BoxesOnPhoto
from core.weights.detector_manifest import DetectorInput

STRIDE_PX = 32  # of YOLO's coarsest map
TRAINING_PACKAGES = ("torch", "ultralytics", "onnx")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Places:
    """What a run says of its data. class_ids: class number by place slug; place_of: place slug by label slug.

    snapshot_id, fingerprint: the data set that was trained on.
    """

    class_ids: Mapping[str, int]
    place_of: Mapping[str, str]
    snapshot_id: str
    fingerprint: str


def train_detector(
    photos: Sequence[BoxedPhoto],
    config: DetectorConfig,
    places: Places,
    folders: tuple[Path, Path],
    report: Report,
    finish: bool = False,
) -> str:
    """Train a detector and write its run, whole or not at all.

    Args:
        photos: of a snapshot, with the boxes of each; see `training_set.arrange` for what becomes of them.
        config: every setting.
        places: what its labels belong to.
        folders: where trainings in progress lie, and where the run is written.
        report: told every batch; what it raises ends the training, which goes on from there when it is started again.
        finish: make the run from the weights that a stopped training left, without learning any further.

    Returns:
        The run's name.

    Raises:
        InvalidInput: see `arrange`; or code "detector.weights_missing", there is no such file to start from. Code
            "detector.nothing_to_finish"; what would ship has not ended its first epoch.
        EodiError: code "detector.failed"; ultralytics gave up, and its log says why.
        MissingPackage: ultralytics or torch is not installed.
        JobStopped: `report` asked to stop; the weights so far stay in the work folder.
    """
    _check_start(config)
    boxes = arrange(photos, config)
    work_dir, weights_dir = folders
    folder = work_dir / _work_name(boxes, config)
    if finish and not can_finish(folder):
        raise InvalidInput("detector.nothing_to_finish")
    progress = Progress(report, len(boxes.photos) + len(boxes.strangers), len(boxes.parts), config.epochs)
    write_photos(boxes, folder, config.size_px, progress.photo)
    judged: list[JudgedPhoto] = []
    for number, part in enumerate(boxes.parts):
        stage = replace(_stage(boxes, part, config, folder), finish=finish)
        if not stage.is_done:
            run_child(stage, progress.listener(part.name, number))
        progress.part_done(number)
        judged += _judged(boxes, part, stage, config, progress)
    ships = _stage(boxes, boxes.parts[-1], config, folder)
    progress.tell("detector.judging")
    strangers, watched = _looked_at(boxes, boxes.parts[-1], ships, config, progress)
    told = [JudgedPhoto(photo, SHIPS, clear_ones(one)) for photo, one in zip(boxes.strangers, strangers, strict=True)]
    judgement = replace(judge(boxes, judged, strangers, watched), strangers=tuple(told))
    progress.tell("train.writing")
    stages = [(part.name, _stage(boxes, part, config, folder)) for part in boxes.parts]
    run = write_detector_run(boxes, judgement, stages, config, places, weights_dir)
    shutil.rmtree(folder, ignore_errors=True)
    return run.manifest.run_id


def can_finish(work: Path) -> bool:
    """Whether what would ship has weights, so that a run can be made of a stopped training."""
    return any((work / SHIPS / name).exists() for name in (LAST_FILE, ONNX_FILE))


def work_folder(photos: Sequence[BoxedPhoto], config: DetectorConfig, work_dir: Path) -> Path:
    """Return the folder under `work_dir` in which this very training works, for whoever watches it.

    Raises:
        InvalidInput: see `arrange`.
    """
    return work_dir / _work_name(arrange(photos, config), config)


def _check_start(config: DetectorConfig) -> None:
    for package in TRAINING_PACKAGES:
        if find_spec(package) is None:
            raise MissingPackage(package=package)
    if config.pretrained not in {"", "none"} and not Path(config.pretrained).is_file():
        raise InvalidInput("detector.weights_missing", file=config.pretrained)


def _work_name(boxes: BoxSet, config: DetectorConfig) -> str:
    """Name a training by what it is, so that the same one finds its own folder again."""
    return "detector-" + sha256(f"{boxes.fingerprint} {config}".encode()).hexdigest()[:16]


def _stage(boxes: BoxSet, part: TrainingPart, config: DetectorConfig, folder: Path) -> Stage:
    """Describe the training of a part; ultralytics chooses the optimizer and the rate by how much there is."""
    own = folder / part.name.replace(" ", "-")
    start = {"": f"{config.model}.pt", "none": f"{config.model}.yaml"}.get(config.pretrained, config.pretrained)
    frozen = config.frozen_epochs if config.pretrained != "none" else 0
    arguments: dict[str, Any] = {
        "imgsz": config.size_px,
        "epochs": config.epochs,
        "batch": config.batch_size,
        "seed": config.seed,
        "patience": config.patience if part.keeps_best else config.epochs,
        "freeze": config.frozen_layers if frozen else 0,
        "val": part.keeps_best or part.name != SHIPS,
        "close_mosaic": min(10, config.epochs // 2),
        "workers": 0,
        "device": "cpu" if not _has_gpu() else 0,
        "plots": False,
        "verbose": False,
        "cache": "ram",
    }
    data = write_data(boxes, part, folder, own)
    return Stage(own, data, str(start), part.keeps_best, frozen, config.threads, arguments)


def _has_gpu() -> bool:
    """Whether a graphics card is there; asked of the driver's device, for torch is not imported in this process."""
    return Path("/dev/nvidia0").exists()


def _network(stage: Stage, config: DetectorConfig) -> Network:
    spec = DetectorInput(config.size_px, STRIDE_PX, rectangular=True)
    return Network(stage.model.read_bytes(), spec, stage.folder.name, max(config.threads, 1))


def _judged(
    boxes: BoxSet, part: TrainingPart, stage: Stage, config: DetectorConfig, progress: Progress
) -> list[JudgedPhoto]:
    network = _network(stage, config)
    judged = []
    for photo in (boxes.photos[int(index)] for index in part.judged):
        progress.tell()  # each photo is a safe point
        judged.append(JudgedPhoto(photo, part.name, find_on(photo, boxes, network, config.size_px, config.iou)))
    return judged


def _looked_at(
    boxes: BoxSet, part: TrainingPart, stage: Stage, config: DetectorConfig, progress: Progress
) -> tuple[list[BoxesOnPhoto], list[BoxesOnPhoto]]:
    """Return what ships finds on the strangers, and on the validation photos where the threshold is chosen by them."""
    network = _network(stage, config)
    strangers = []
    for photo in boxes.strangers:
        strangers.append(find_on(photo, boxes, network, config.size_px, config.iou))
        progress.photo()
    watched = [boxes.photos[int(index)] for index in part.watched] if part.keeps_best else []
    return strangers, [find_on(photo, boxes, network, config.size_px, config.iou) for photo in watched]
