"""Ask a finished run about another data set than its own, so that runs of different snapshots can be compared.

Only photos that it has never learned from count, nor any of their group; the others are counted apart and left out. A
snapshot's photos for learning are left out as well: a run that was trained on it learned from them. What comes of it
lies beside the data, see `core/metrics/evaluations`. Called by `metrics RUN --snapshot ID`, alone or as a job.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np

from core.classifier.predict import OnnxClassifier
from core.dataset.ingest import read_photo
from core.dataset.read_ahead import read_ahead
from core.dataset.sniff import EXTENSIONS
from core.dataset.store import PhotoStore
from core.db.snapshots import SnapshotRepository
from core.detector.box_run import boxes_csv
from core.detector.judge import LOWEST_CONFIDENCE, JudgedPhoto, beside_truth, score_boxes
from core.detector.predict import OnnxDetector
from core.detector.training_set import BoxedPhoto
from core.domain.answer import ClassScores
from core.domain.library import Snapshot, SnapshotPhoto
from core.domain.photo import Photo, Split
from core.domain.score import Score
from core.errors import InvalidInput, NotFound, PhotoRefused
from core.identify.batch import READERS
from core.jobs.report import Report
from core.metrics.box_table import BOXES_FILE, BoxTable, read_boxes
from core.metrics.decisions import Decisions, score_decisions
from core.metrics.evaluations import APART_PART, Evaluation
from core.metrics.probabilities import Floats
from core.metrics.unseen import APART, dealt_boxes
from core.weights.detector_manifest import DetectorManifest
from core.weights.folder import DetectorRun, Run, RunFolder
from core.weights.manifest import MODEL_FILE, Manifest
from core.weights.records import PREDICTIONS_FILE, UNKNOWN, PredictionTable, read_predictions, write_predictions

PROGRESS = "evaluate_run.photo"


@dataclass(frozen=True, slots=True)
class DataSet:
    """A frozen data set, and where its photos lie."""

    snapshot: Snapshot
    photos: Sequence[SnapshotPhoto]
    store: PhotoStore


@dataclass(frozen=True, slots=True)
class Unseen:
    """What of a data set a run can be judged on. seen, beside: how many are left out; see `Evaluation`."""

    photos: tuple[SnapshotPhoto, ...]
    seen: int
    beside: int


class _Judge(Protocol):
    """A run that is shown one photo after another."""

    @property
    def need_px(self) -> int: ...

    def see(self, photo: SnapshotPhoto, pixels: Photo) -> None: ...

    def scores(self) -> dict[str, Score]: ...

    def table(self) -> bytes: ...


def reevaluate(
    run: Run | DetectorRun, data: DataSet, learned: frozenset[str], report: Report, threads: int = 2
) -> Evaluation:
    """Judge a run on the photos of a data set that it never learned from.

    Args:
        run: of a classifier or a detector.
        data: what to judge it on.
        learned: hashes that it learned from; see `learned_photos`.
        report: told after each photo.
        threads: of the network.

    Raises:
        InvalidInput: code "evaluate_run.no_model"; or "evaluate_run.nothing", it has learned from all there is.
        ModelRefused: it cannot answer.
        StorageUnavailable: photos cannot be read.
        JobStopped: `report` asked to stop; nothing is written.
    """
    manifest = run.manifest
    if MODEL_FILE not in manifest.files:
        raise InvalidInput("evaluate_run.no_model", run_id=manifest.run_id)
    wanted = [photo for photo in data.photos if photo.split is not Split.TRAIN and _counts(photo, manifest)]
    unseen = pick_unseen(wanted, data.photos, learned)
    judge: _Judge
    if isinstance(manifest, Manifest):
        judge = _Classifies(RunFolder(run.folder, manifest, run.sha256), threads)
    else:
        judge = _Detects(RunFolder(run.folder, manifest, run.sha256), threads)
    read = _look(unseen.photos, judge, data.store, report)
    if not read:
        raise InvalidInput("evaluate_run.nothing", run_id=manifest.run_id, seen=unseen.seen + unseen.beside)
    return Evaluation(
        run_id=manifest.run_id,
        run_sha256=run.sha256,
        snapshot_id=data.snapshot.snapshot_id,
        fingerprint=data.snapshot.fingerprint,
        created_at=datetime.now(UTC),
        photos=read,
        seen=unseen.seen,
        beside=unseen.beside,
        unreadable=len(unseen.photos) - read,
        scores=judge.scores(),
        table=judge.table().decode(),
    )


def pick_unseen(wanted: Sequence[SnapshotPhoto], every: Sequence[SnapshotPhoto], learned: frozenset[str]) -> Unseen:
    """Leave out what was learned from, and what belongs to its groups. every: the whole data set, which has them."""
    touched = {photo.group_id for photo in every if photo.sha256 in learned}
    seen = [photo for photo in wanted if photo.sha256 in learned]
    rest = [photo for photo in wanted if photo.sha256 not in learned]
    free = tuple(photo for photo in rest if photo.group_id not in touched)
    return Unseen(free, len(seen), len(rest) - len(free))


def learned_photos(run: Run | DetectorRun, snapshots: SnapshotRepository) -> frozenset[str]:
    """Return the hashes of the photos that a run learned from, or was chosen by.

    Raises:
        InvalidInput: code "evaluate_run.unknown_data"; neither the run nor this database knows them.
        ModelRefused: a table of the run is broken.
    """
    manifest = run.manifest
    if isinstance(manifest, Manifest):
        if PREDICTIONS_FILE not in manifest.files:
            raise InvalidInput("evaluate_run.unknown_data", run_id=manifest.run_id)
        return frozenset(read_predictions(run.read(PREDICTIONS_FILE)).sha256s)
    try:
        frozen = snapshots.photos(str(manifest.training.config.get("snapshot_id") or "-"))
        return frozenset(photo.sha256 for photo in frozen if photo.split is not Split.TEST and _counts(photo, manifest))
    except NotFound:
        return _learned_in_folds(RunFolder(run.folder, manifest, run.sha256))


def _learned_in_folds(run: DetectorRun) -> frozenset[str]:
    """Return what a training with folds held out in turn, which is all that it learned from."""
    labels = [entry.slug for entry in run.manifest.labels]
    table = read_boxes(run.read(BOXES_FILE), labels) if BOXES_FILE in run.manifest.files else BoxTable((), ())
    learned = frozenset(sha256 for sha256, fold in dealt_boxes(table).folds.items() if fold != APART)
    if not learned:
        raise InvalidInput("evaluate_run.unknown_data", run_id=run.manifest.run_id)
    return learned


def _counts(photo: SnapshotPhoto, manifest: Manifest | DetectorManifest) -> bool:
    """Whether somebody decided about a photo's boxes, or it can have none; of a classifier's photos each counts."""
    return isinstance(manifest, Manifest) or photo.boxes is not None or photo.place_slug is None


def _look(photos: Sequence[SnapshotPhoto], judge: _Judge, store: PhotoStore, report: Report) -> int:
    """Show each photo that can be read, and return how many those are."""
    report(0, len(photos), "evaluate_run.starting")
    read = 0
    reading = read_ahead(photos, partial(_read, store=store, need_px=judge.need_px), READERS, READERS)
    for number, (photo, waiting) in enumerate(reading, 1):
        with suppress(NotFound, PhotoRefused):
            judge.see(photo, waiting.result())
            read += 1
        report(number, len(photos), PROGRESS, photo=number, photos=len(photos))
    return read


def _read(photo: SnapshotPhoto, store: PhotoStore, need_px: int) -> Photo:
    return read_photo(store.get(photo.sha256, EXTENSIONS[photo.format]), need_px=need_px)


class _Classifies:
    """A classifier; a photo of a place that it has no output for counts as one of no known place."""

    def __init__(self, run: Run, threads: int) -> None:
        self._manifest, self._network = run.manifest, OnnxClassifier(run, threads)
        self._photos: list[SnapshotPhoto] = []
        self._said: list[ClassScores] = []

    @property
    def need_px(self) -> int:
        return self._network.need_px

    def see(self, photo: SnapshotPhoto, pixels: Photo) -> None:
        self._said.append(self._network.predict(pixels))
        self._photos.append(photo)

    def scores(self) -> dict[str, Score]:
        columns = {entry.slug: column for column, entry in enumerate(self._manifest.classes)}
        said = Decisions(
            slugs=tuple(columns),
            labels=np.array([columns.get(photo.place_slug or "", UNKNOWN) for photo in self._photos]),
            probabilities=self._probabilities(),
            acceptance=np.array([scores.acceptance for scores in self._said]),
            threshold=self._manifest.calibration.threshold,
        )
        return score_decisions(said)

    def table(self) -> bytes:
        class_ids = {entry.slug: entry.class_id for entry in self._manifest.classes}
        table = PredictionTable(
            class_ids=self._manifest.class_ids,
            sha256s=tuple(photo.sha256 for photo in self._photos),
            groups=tuple(photo.group_id for photo in self._photos),
            folds=np.full(len(self._photos), APART),
            labels=np.array([class_ids.get(photo.place_slug or "", UNKNOWN) for photo in self._photos]),
            probabilities=self._probabilities(),
            held_out=np.ones(len(self._photos), bool),
        )
        return write_predictions(table)

    def _probabilities(self) -> Floats:
        known = np.array([scores.probabilities for scores in self._said], np.float64)
        if not self._manifest.has_none_output:
            return known
        return np.column_stack([known, [scores.none_probability for scores in self._said]])


class _Detects:
    """A detector; boxes of parts that it has no output for are no boxes to it."""

    def __init__(self, run: DetectorRun, threads: int) -> None:
        self._manifest, self._network = run.manifest, OnnxDetector(run, threads)
        self._columns = {entry.slug: column for column, entry in enumerate(run.manifest.labels)}
        self._judged: list[JudgedPhoto] = []

    @property
    def need_px(self) -> int:
        return self._network.need_px

    def see(self, photo: SnapshotPhoto, pixels: Photo) -> None:
        found = self._network.network.find(pixels.pixels, (1, 1), LOWEST_CONFIDENCE, self._manifest.thresholds.iou)
        truth = [(self._columns[box.label], box.xyxyn) for box in photo.boxes or () if box.label in self._columns]
        named = BoxedPhoto(Path(), photo.sha256, photo.group_id, photo.place_slug, photo.split, photo.boxes or ())
        self._judged.append(JudgedPhoto(named, APART_PART, beside_truth(found, truth)))

    def scores(self) -> dict[str, Score]:
        groups = [one.photo.group for one in self._judged]
        threshold = self._manifest.thresholds.confidence
        return score_boxes([one.boxes for one in self._judged], groups, range(len(self._columns)), threshold)

    def table(self) -> bytes:
        return boxes_csv(self._judged, [*self._columns])
