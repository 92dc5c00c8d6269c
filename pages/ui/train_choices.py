"""What can be chosen of a training, and the choices as the options of its command; nothing changed is no option."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from core.classifier.backbone_file import BACKBONE_FILE, shares_backbone
from core.classifier.backbones import BACKBONES, IMAGENET, NONE
from core.classifier.config import OPTIONS as CLASSIFIER_OPTIONS
from core.classifier.config import RANGES as CLASSIFIER_RANGES
from core.classifier.config import TrainConfig
from core.detector.config import OPTIONS as DETECTOR_OPTIONS
from core.detector.config import RANGES as DETECTOR_RANGES
from core.detector.config import DetectorConfig
from core.errors import EodiError, InvalidInput
from core.messages import Translator
from core.weights.folder import open_run
from pages.ui import resources
from pages.ui.access import serves_this_machine_only
from pages.ui.train_resources import CLASSIFIER, DETECTOR, trainings
from pages.ui.train_words import task_of

SERVICE, FILE, AUTOMATIC = "service", "file", ""
NETWORKS = ("yolo11n", "yolo11s", "yolo11m")
FINE_TUNE = ("none", "last", "whole")
VIEW_STEP_PX = 32  # networks halve their input five times
AS_SPLIT = -1  # folds of a detector: as the fixed splits say
OF_CLASSIFIER, OF_DETECTOR = TrainConfig(), DetectorConfig()


@dataclass(frozen=True, slots=True)
class Choices:
    """A training's settings, checked, and as options of `train classifier` or `train detector`."""

    config: TrainConfig | DetectorConfig
    arguments: tuple[str, ...]


def choose(t: Translator, task: str) -> Choices:
    """Draw what can be chosen of a training.

    Raises:
        InvalidInput: the choices do not go together; see the settings.
    """
    return _of_detector(t) if task == DETECTOR else _of_classifier(t)


def as_options(config: TrainConfig | DetectorConfig) -> tuple[str, ...]:
    """Return settings as options of `train classifier` or `train detector`: those that are not the usual ones."""
    is_detector = isinstance(config, DetectorConfig)
    options, usual = (DETECTOR_OPTIONS, OF_DETECTOR) if is_detector else (CLASSIFIER_OPTIONS, OF_CLASSIFIER)
    chosen = {name: (getattr(config, setting), getattr(usual, setting)) for name, setting in options.items()}
    return tuple(f"--{name}={value}" for name, (value, other) in chosen.items() if value != other)


# ---- classifier ----


def _of_classifier(t: Translator) -> Choices:
    usual, key = OF_CLASSIFIER, f"{CLASSIFIER}-"
    left, right = st.columns(2)
    with left:
        names = list(BACKBONES)
        backbone = st.selectbox(t("train_job.backbone"), names, names.index(usual.backbone), key=f"{key}net")
        size = _number(usual, "size_px", t("train_job.size"), t("train_page.size_help"), VIEW_STEP_PX)
        folds = _number(usual, "folds", t("train_page.folds"), t("train_page.folds_help"))
    with right:
        pretrained = _classifier_start(t, backbone)
        depths = {
            "none": t("train_page.tune_none"),
            "last": t("train_page.tune_last"),
            "whole": t("train_page.tune_whole"),
        }
        help_text = t("train_page.tune_help")
        depth = st.selectbox(t("train_page.tune"), FINE_TUNE, format_func=depths.get, key=f"{key}tune", help=help_text)
        epochs = usual.epochs
        if depth != "none":
            epochs = _number(usual, "epochs", t("train_page.epochs"), t("train_page.epochs_help"))
        seed = _number(usual, "seed", t("train_page.seed"), t("train_page.seed_help"))
    config = TrainConfig(
        backbone=backbone,
        pretrained=pretrained,
        size_px=size,
        epochs=epochs,
        seed=seed,
        folds=folds,
        fine_tune=depth,
    )
    return Choices(config, as_options(config))


def _classifier_start(t: Translator, backbone: str) -> str:
    kept = weights_in_service(backbone)
    starts = {SERVICE: t("train_job.from_service")} if kept else {}
    starts |= {IMAGENET: t("train_job.imagenet"), NONE: t("train_job.from_nothing")}
    chosen, file = _start(t, CLASSIFIER, starts)
    return {SERVICE: kept, FILE: file}.get(chosen, chosen)


def weights_in_service(backbone: str) -> str:
    """Return the file of weights of the model in service, "" where it has none for this network."""
    run_id, weights_dir = resources.run_in_service(), resources.settings().weights_dir
    if not run_id:
        return ""
    try:
        run = open_run(weights_dir, run_id)
    except EodiError:
        return ""
    return str(run.folder / BACKBONE_FILE) if shares_backbone(run, backbone) else ""


# ---- detector ----


def _of_detector(t: Translator) -> Choices:
    usual, key = OF_DETECTOR, f"{DETECTOR}-"
    left, right = st.columns(2)
    with left:
        model = st.selectbox(t("train_job.backbone"), NETWORKS, NETWORKS.index(usual.model), key=f"{key}net")
        size = _number(usual, "size_px", t("train_page.longer_side"), t("train_page.size_help"), VIEW_STEP_PX)
        epochs = _number(usual, "epochs", t("train_page.epochs"), t("train_page.epochs_help"))
    with right:
        starts = {AUTOMATIC: t("train_page.automatic"), NONE: t("train_job.from_nothing")}
        start, file = _start(t, DETECTOR, starts)
        folds = _detector_folds(t, key)
        seed = _number(usual, "seed", t("train_page.seed"), t("train_page.seed_help"))
    pretrained = file if start == FILE else start
    config = DetectorConfig(model=model, pretrained=pretrained, size_px=size, epochs=epochs, seed=seed, folds=folds)
    return Choices(config, as_options(config))


def _detector_folds(t: Translator, key: str) -> int | None:
    words = {AS_SPLIT: t("train_page.as_split"), 0: t("train_page.no_folds")}
    words |= {folds: t.number(folds) for folds in (2, 3, 5, 10)}
    label, help_text = t("train_page.folds"), t("train_page.folds_help")
    chosen = st.selectbox(label, list(words), format_func=words.get, key=f"{key}folds", help=help_text)
    return None if chosen == AS_SPLIT else chosen


# ---- both ----


def _start(t: Translator, task: str, starts: Mapping[str, str]) -> tuple[str, str]:
    """Draw where to start from; return the choice, and the file where that is it.

    Raises:
        InvalidInput: code "train.start_file"; there is no such file (yet).
    """
    known = _last_file(task) if serves_this_machine_only() else ""
    every = {**starts, FILE: t("train_page.file")} if serves_this_machine_only() else dict(starts)
    order = list(every)
    first = order.index(FILE) if known and SERVICE not in order else 0
    label, help_text = t("train_job.start"), t("train_page.start_help")
    chosen = st.selectbox(label, order, first, format_func=every.get, key=f"{task}-start", help=help_text)
    if chosen != FILE:
        return chosen, ""
    path = st.text_input(t("train_page.path"), known, 500, key=f"{task}-file").strip()
    if not Path(path).is_file():
        raise InvalidInput("train.start_file")
    return chosen, path


def _last_file(task: str) -> str:
    """Return the file of weights that the newest training of this kind began with, "" for none."""
    for job in trainings():
        if task_of(job) == task:
            named = [word.partition("=")[2] for word in job.arguments if word.startswith("--pretrained=")]
            return named[0] if named and named[0].endswith((".pt", ".h5")) else ""
    return ""


def _number(usual: TrainConfig | DetectorConfig, setting: str, label: str, help_text: str, step: int = 1) -> int:
    """Draw a number within the range that the settings take, first as usual."""
    is_detector = isinstance(usual, DetectorConfig)
    ranges, task = (DETECTOR_RANGES, DETECTOR) if is_detector else (CLASSIFIER_RANGES, CLASSIFIER)
    low, high = (int(end) for end in ranges[setting])
    first, key = getattr(usual, setting), f"{task}-{'size' if setting == 'size_px' else setting}"
    return int(st.number_input(label, low, high, first, step, key=key, help=help_text))
