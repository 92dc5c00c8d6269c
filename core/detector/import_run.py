"""A training that took place elsewhere becomes a run like any other. Called by `runs import`.

Its weights are converted in a child process. The result of our kit is scored here, on the photos that the kit was not
given; anything else comes without held-out scores, and its card says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from core.detector.box_card import MODEL_CARD_FILE, write_card
from core.detector.box_run import LIBRARIES, boxes_csv, describe_run
from core.detector.conversion import Converted, convert_weights, is_of_yolov5
from core.detector.export_kit import arrange_for_kit
from core.detector.import_card import write_import_card
from core.detector.judge import JudgedPhoto, Judgement, find_on, judge
from core.detector.predict import Network
from core.detector.result_files import LOG_FILE, TrainingResult
from core.detector.train import Places
from core.detector.training_set import SHIPS, BoxedPhoto, BoxSet
from core.errors import InvalidInput, ModelRefused, PhotoRefused
from core.jobs.report import Report
from core.metrics.box_table import BOXES_FILE
from core.weights.detector_manifest import BoxThresholds, DetectorInput, DetectorManifest, LabelEntry
from core.weights.folder import DetectorRun, write_run
from core.weights.manifest import MODEL_FILE, DataFacts, TrainingFacts

USUAL = Judgement(0.25, {}, ())  # ultralytics' own threshold, for what nothing here has scored
USUAL_IOU = 0.7
USUAL_SIZE_PX = 640
SMALLEST_PX, LARGEST_PX = 64, 1280
NAMES_SHOWN = 10  # of classes that nobody here knows
UNKNOWN_LICENCE = "unknown"


@dataclass(frozen=True, slots=True)
class Home:
    """What is known here. labels: by slug. photos: of the kit's snapshot, none when that is not known here.

    renamed: slugs by the names that the weights use. weights_dir: where runs lie; work_dir: there, and empty.
    """

    labels: Mapping[str, LabelEntry]
    photos: Sequence[BoxedPhoto]
    renamed: Mapping[str, str]
    weights_dir: Path
    work_dir: Path


def import_result(result: TrainingResult, home: Home, report: Report) -> DetectorRun:
    """Write the run of a training that took place elsewhere.

    Weights of YOLOv5's own program load nowhere but there: of such a training, and of one without weights, the
    curves and settings become a run that cannot be put in service.

    Raises:
        InvalidInput: code "run_import.names", its classes are not known here and no option names them; an option
            cannot be followed, "run_import.name_unknown", "run_import.label_unknown" or "run_import.same_label".
        ModelRefused: see `convert_weights`; "model.classes", "model.outputs" or "model.broken" when what came out
            cannot serve. Nothing is written.
        StorageUnavailable: the disk is full or read-only; nothing is left.
        JobStopped: `report` asked to stop; nothing is left.
    """
    if result.weights is None or is_of_yolov5(result.weights, result.weights_name):
        return _write_curves(result, home)
    report(0, None, "run_import.converting")
    converted = convert_weights(result.weights, result.weights_name, home.work_dir, lambda: report(0, None))
    labels = label_names(converted.names, home)
    _try(converted, result)
    boxes, judgement = _judged(result, home, converted, labels, report)
    contents = {MODEL_FILE: converted.model, LOG_FILE: result.table}
    if boxes is None or result.kit is None:
        manifest = _foreign(result, converted, labels)
        return write_run(home.weights_dir, manifest, {**contents, MODEL_CARD_FILE: write_import_card(manifest)})
    places = Places(
        {entry.place_slug: entry.class_id for entry in labels},
        {entry.slug: entry.place_slug for entry in labels},
        result.kit.snapshot_id,
        result.kit.fingerprint,
    )
    manifest = describe_run(boxes, judgement, result.kit.config, places)
    card = write_card(manifest, boxes, result.kit.config)
    tables = {BOXES_FILE: boxes_csv(judgement.photos, boxes.labels), MODEL_CARD_FILE: card}
    return write_run(home.weights_dir, _trained_elsewhere(manifest), {**contents, **tables})


def label_names(names: Sequence[str], home: Home) -> tuple[LabelEntry, ...]:
    """Return the label of each output.

    Raises:
        InvalidInput: see `import_result`.
    """
    unused = [name for name in home.renamed if name not in names]
    if unused:
        raise InvalidInput("run_import.name_unknown", name=unused[0], names=_some(names))
    strange = [slug for slug in home.renamed.values() if slug not in home.labels]
    if strange:
        raise InvalidInput("run_import.label_unknown", slug=strange[0])
    slugs = [home.renamed.get(name, name) for name in names]
    unknown = [slug for slug in slugs if slug not in home.labels]
    if unknown:
        raise InvalidInput("run_import.names", names=_some(unknown), name=_some(unknown[:1]))
    doubled = [slug for slug in slugs if slugs.count(slug) > 1]
    if doubled:
        raise InvalidInput("run_import.same_label", slug=doubled[0])
    return tuple(home.labels[slug] for slug in slugs)


def _some(names: Sequence[str]) -> str:
    """Return names from outside for a sentence: not too many, not too long, and nothing that moves a cursor."""
    shown = ", ".join(name[:60] if name.isprintable() else repr(name[:60]) for name in names[:NAMES_SHOWN])
    return shown if len(names) <= NAMES_SHOWN else f"{shown}, …"


def _try(converted: Converted, result: TrainingResult) -> None:
    """Refuse a network that would not serve, before anything is written."""
    found = _network(converted, result).label_count()
    if found != len(converted.names):
        names = {"expected": len(converted.names), "found": found}
        raise ModelRefused("model.classes", run_id=result.weights_name, file=MODEL_FILE, **names)


def _network(converted: Converted, result: TrainingResult) -> Network:
    return Network(converted.model, _input(converted, result), result.weights_name, threads=1)


def _input(converted: Converted, result: TrainingResult) -> DetectorInput:
    """Return the size that it was trained at: the kit's, the settings', the weights' own, else the usual one."""
    if result.kit is not None:
        size = result.kit.config.size_px
    else:
        said = (result.settings.get("imgsz"), converted.size_px)
        size = next(
            (size for size in said if isinstance(size, int) and SMALLEST_PX <= size <= LARGEST_PX), USUAL_SIZE_PX
        )
    stride = max(converted.stride_px, 1)
    return DetectorInput(-(-size // stride) * stride, stride, rectangular=True)


def _judged(
    result: TrainingResult, home: Home, converted: Converted, labels: Sequence[LabelEntry], report: Report
) -> tuple[BoxSet | None, Judgement]:
    """Score the result of a kit on the photos that the kit was not given; None where that cannot be done."""
    if result.kit is None or not home.photos:
        return None, USUAL
    boxes = arrange_for_kit(home.photos, result.kit.config)
    if boxes.labels != tuple(entry.slug for entry in labels):
        return None, USUAL
    (part,) = boxes.parts
    network, total = _network(converted, result), len(part.judged) + len(part.watched) + len(boxes.strangers)
    done = 0

    def look(photo: BoxedPhoto) -> Any:
        nonlocal done
        done += 1
        report(done, total, "detector.judging")
        return find_on(photo, boxes, network, result.kit.config.size_px, result.kit.config.iou)  # type: ignore[union-attr]  # checked above

    try:
        judged = [JudgedPhoto(boxes.photos[index], SHIPS, look(boxes.photos[index])) for index in part.judged]
        strangers = [look(photo) for photo in boxes.strangers]
        watched = [look(boxes.photos[index]) for index in part.watched]
    except (OSError, PhotoRefused):  # photos were deleted since
        return None, USUAL
    return boxes, judge(boxes, judged, strangers, watched)


def _foreign(result: TrainingResult, converted: Converted, labels: tuple[LabelEntry, ...]) -> DetectorManifest:
    """Describe a network of whose photos nothing is known."""
    return replace(
        _curves_only(result, converted.model),
        architecture=_architecture(result) or converted.architecture or "yolo",
        input=_input(converted, result),
        labels=labels,
    )


def _write_curves(result: TrainingResult, home: Home) -> DetectorRun:
    manifest = _curves_only(result, result.table)
    card = write_import_card(manifest)
    return write_run(home.weights_dir, manifest, {LOG_FILE: result.table, MODEL_CARD_FILE: card})


def _curves_only(result: TrainingResult, content: bytes) -> DetectorManifest:
    created_at = datetime.now(UTC)
    seed = result.settings.get("seed")
    return DetectorManifest(
        run_id=f"detector-{created_at:%Y%m%d-%H%M%S}-{sha256(content).hexdigest()[:6]}",
        architecture=_architecture(result) or "yolo",
        created_at=created_at,
        input=DetectorInput(USUAL_SIZE_PX, 32, rectangular=True),
        labels=(),
        thresholds=BoxThresholds(USUAL.confidence, USUAL_IOU),
        data=DataFacts("", 0, 0, {}, 0),
        training=TrainingFacts(
            {**result.settings, "imported": True},
            seed if isinstance(seed, int) else 0,
            str(result.settings.get("model", result.settings.get("weights", ""))),
        ),
        libraries={name: version(name) for name in LIBRARIES},
        scores={},
        licence=UNKNOWN_LICENCE,
        files={},
    )


def _architecture(result: TrainingResult) -> str:
    if result.kit is not None:
        return result.kit.config.model
    return Path(str(result.settings.get("model") or result.settings.get("cfg") or "")).stem[:60]


def _trained_elsewhere(manifest: DetectorManifest) -> DetectorManifest:
    training = replace(manifest.training, config={**manifest.training.config, "imported": True})
    return replace(manifest, training=training)
