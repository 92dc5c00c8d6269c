"""The files of a detector's run beside its model: boxes, epochs, card and manifest. Called at the end of a training."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from core.detector.box_card import MODEL_CARD_FILE, write_card
from core.detector.config import DetectorConfig
from core.detector.epoch_log import each_epoch_once, read_epochs
from core.detector.judge import JudgedPhoto, Judgement
from core.detector.stage import EPOCHS_FILE, Stage
from core.detector.training_set import BoxSet
from core.metrics.box_table import BOX_COLUMNS, BOXES_FILE, STRANGER_BOXES_FILE
from core.metrics.training_log import PART
from core.weights.detector_manifest import BoxThresholds, DetectorInput, DetectorManifest, LabelEntry
from core.weights.folder import DetectorRun, write_run
from core.weights.manifest import MODEL_FILE, DataFacts, TrainingFacts

if TYPE_CHECKING:
    from pathlib import Path

    from core.detector.train import Places

LIBRARIES = ("torch", "ultralytics", "numpy", "pillow", "onnx", "onnxruntime")
WATCHED_COLUMNS = ("metrics/", "val/")
OF_BOXES = "(B)"  # ultralytics' mark on metrics of boxes, beside those of masks and poses


def write_detector_run(
    boxes: BoxSet,
    judgement: Judgement,
    stages: Sequence[tuple[str, Stage]],
    config: DetectorConfig,
    places: "Places",
    weights_dir: "Path",
) -> DetectorRun:
    """Write the run of what the last stage trained.

    Raises:
        StorageUnavailable: the disk is full or read-only; nothing is left.
    """
    manifest = describe_run(boxes, judgement, config, places)
    contents = {
        MODEL_FILE: stages[-1][1].model.read_bytes(),
        BOXES_FILE: boxes_csv(judgement.photos, boxes.labels),
        EPOCHS_FILE: epochs_csv(
            (name, (stage.folder / EPOCHS_FILE).read_text(), bool(stage.arguments["val"])) for name, stage in stages
        ),
        MODEL_CARD_FILE: write_card(manifest, boxes, config),
    }
    if judgement.strangers:
        contents[STRANGER_BOXES_FILE] = boxes_csv(judgement.strangers, boxes.labels)
    return write_run(weights_dir, manifest, contents)


def boxes_csv(photos: Sequence[JudgedPhoto], labels: Sequence[str]) -> bytes:
    """Return boxes.csv: the truth and what was found on each held-out photo, corners as fractions of it.

    A photo without either has one line of kind "none", so that it counts.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(BOX_COLUMNS)
    for judged in photos:
        head = (judged.photo.sha256, judged.photo.group, judged.part)
        one = judged.boxes
        truth = zip(one.truth_labels, one.truth, strict=True)
        found = zip(one.found_labels, one.confidences, one.found, strict=True)
        rows = [("truth", labels[label], "", *_fractions(corners)) for label, corners in truth]
        rows += [("found", labels[label], f"{share:.5f}", *_fractions(corners)) for label, share, corners in found]
        writer.writerows((*head, *row) for row in rows or [("none", "", "", "", "", "", "")])
    return text.getvalue().encode()


def _fractions(corners: Iterable[float]) -> tuple[str, ...]:
    return tuple(f"{side:.6f}" for side in corners)


def epochs_csv(logs: Iterable[tuple[str, str, bool]]) -> bytes:
    """Join ultralytics' logs into one, a column `part` first and names without its mark on boxes.

    logs: name, log, and whether it watched photos that it did not learn from. Where not, ultralytics writes zeros and
    at the end a score on the very photos it learned from; both are left blank. An epoch that was learned twice, for the
    training was killed and taken up again, stands once.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for number, (part, log, watches) in enumerate(logs):
        header, rows = read_epochs(log)
        if number == 0:
            writer.writerow((PART, *(name.removesuffix(OF_BOXES) for name in header)))
        blank = [not watches and name.startswith(WATCHED_COLUMNS) for name in header]
        writer.writerows((part, *_without(row, blank)) for row in each_epoch_once(header, rows))
    return text.getvalue().encode()


def _without(row: Sequence[str], blank: Sequence[bool]) -> Iterable[str]:
    if len(row) != len(blank):
        return row  # half a line, which whoever reads the log drops
    return ("" if out else cell for cell, out in zip(row, blank, strict=True))


def describe_run(boxes: BoxSet, judgement: Judgement, config: DetectorConfig, places: "Places") -> DetectorManifest:
    """Return the manifest of what was trained, without the hashes of its files."""
    created_at = datetime.now(UTC)
    per_place: Mapping[str, int] = Counter(photo.place_slug for photo in boxes.photos if photo.place_slug)
    return DetectorManifest(
        run_id=f"detector-{created_at:%Y%m%d-%H%M%S}-{boxes.fingerprint[:6]}",
        architecture=config.model,
        created_at=created_at,
        input=DetectorInput(config.size_px, 32, rectangular=True),
        labels=tuple(
            _entry(label_id, slug, places) for label_id, slug in zip(boxes.label_ids, boxes.labels, strict=True)
        ),
        thresholds=BoxThresholds(judgement.confidence, config.iou),
        data=DataFacts(
            fingerprint=places.fingerprint,
            photos=len(boxes.photos),
            groups=len({photo.group for photo in boxes.photos}),
            per_class=dict(sorted(per_place.items())),
            unknown=sum(photo.place_slug is None for photo in boxes.photos),
        ),
        training=TrainingFacts(
            {**config.as_plain(), "snapshot_id": places.snapshot_id, "boxes": boxes.box_count},
            config.seed,
            config.as_plain()["pretrained"] or f"{config.model}.pt",
        ),
        libraries={name: version(name) for name in LIBRARIES},
        scores={f"held_out_{name}": score for name, score in judgement.scores.items()},
        licence=config.licence,
        files={},
    )


def _entry(label_id: int, slug: str, places: "Places") -> LabelEntry:
    place = places.place_of[slug]
    return LabelEntry(label_id, slug, places.class_ids[place], place)
