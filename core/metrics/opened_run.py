"""A run with everything that its figures and comparisons are made of, opened once. For pages and command line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.metrics.box_table import BOXES_FILE, BoxTable, read_boxes
from core.metrics.evaluations import FOLDER, Evaluation, evaluated_boxes, evaluated_photos, read_evaluations
from core.metrics.judged_photos import JudgedPhotos, Part, judged_parts
from core.metrics.training_log import TrainingLog, read_run_log
from core.metrics.unseen import unseen_boxes, unseen_photos
from core.weights.detector_manifest import DetectorManifest
from core.weights.folder import DetectorRun, open_detector_run, open_fusion_run, open_run, task_of
from core.weights.manifest import Manifest
from core.weights.manifest_file import AnyManifest
from core.weights.release_members import CLASSIFIER, DETECTOR

NO_LOG = TrainingLog("")


@dataclass(frozen=True, slots=True, eq=False)
class OpenedRun:
    """A run, opened. parts: of a classifier; boxes: of a detector; neither of anything else.

    evaluations: of other data sets, newest first. judged, judged_boxes: all that it was judged on without having
    learned from it, evaluations included; this is what runs are compared by, see `unseen`.
    """

    manifest: AnyManifest
    log: TrainingLog = NO_LOG
    parts: Mapping[Part, JudgedPhotos] = field(default_factory=dict)
    boxes: BoxTable | None = None
    evaluations: tuple[Evaluation, ...] = ()
    judged: JudgedPhotos | None = None
    judged_boxes: BoxTable | None = None

    @property
    def run_id(self) -> str:
        """Its name."""
        return self.manifest.run_id

    @property
    def is_detector(self) -> bool:
        """Whether it finds boxes rather than naming places."""
        return isinstance(self.manifest, DetectorManifest)

    @property
    def threshold(self) -> float:
        """The confidence from which it answers, or draws a box; 0 where its task knows none."""
        if isinstance(self.manifest, DetectorManifest):
            return self.manifest.thresholds.confidence
        return self.manifest.calibration.threshold if isinstance(self.manifest, Manifest) else 0.0


def open_for_metrics(weights_dir: Path, data_dir: Path, run_id: str) -> OpenedRun:
    """Open a run of any task. data_dir: where evaluations lie.

    Raises:
        ModelRefused: there is no such run, its files are not those of its manifest, or a table is broken.
    """
    task = task_of(weights_dir, run_id)
    if task == CLASSIFIER:
        run = open_run(weights_dir, run_id)
        more, parts = read_evaluations(data_dir, run), judged_parts(run)
        judged = unseen_photos(parts, evaluated_photos(run, more))
        return OpenedRun(run.manifest, read_run_log(run), parts, evaluations=more, judged=judged)
    if task == DETECTOR:
        detector = open_detector_run(weights_dir, run_id)
        more, boxes = read_evaluations(data_dir, detector), _boxes(detector)
        found = unseen_boxes(boxes, evaluated_boxes(detector, more))
        return OpenedRun(detector.manifest, read_run_log(detector), boxes=boxes, evaluations=more, judged_boxes=found)
    return OpenedRun(open_fusion_run(weights_dir, run_id).manifest)


def _boxes(run: DetectorRun) -> BoxTable | None:
    if BOXES_FILE not in run.manifest.files:
        return None
    return read_boxes(run.read(BOXES_FILE), [entry.slug for entry in run.manifest.labels])


def snapshot_of(manifest: AnyManifest) -> str:
    """Return the frozen data set that a run was made from, "" for a plain folder."""
    return manifest.data.snapshot_id or str(manifest.training.config.get("snapshot_id") or "")


def data_of(manifest: AnyManifest) -> str:
    """Return what tells the data that a run was made from: two runs of the same photos have the same."""
    return manifest.data.snapshot_fingerprint or manifest.data.fingerprint


def evaluated_at(data_dir: Path, run_id: str) -> int:
    """Return when a run was last evaluated, as a stamp that changes with each; 0 for never."""
    try:
        return (data_dir / FOLDER / run_id).stat().st_mtime_ns
    except OSError:
        return 0
