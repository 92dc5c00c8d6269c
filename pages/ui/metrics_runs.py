"""Runs for the page of metrics: opened once and held in memory, put in service, taken back.

What is opened is held under the time its manifest was written, so that a folder that is replaced is read again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.classifier.predict import OnnxClassifier
from core.detector.predict import OnnxDetector
from core.domain.score import Score
from core.errors import EodiError, NotFound
from core.identify.opinions import submit_opinions
from core.metrics.box_table import BOXES_FILE, BoxTable, read_boxes
from core.metrics.judged_photos import JudgedPhotos, Part, judged_parts
from core.metrics.training_log import TrainingLog, read_run_log
from core.weights.detector_manifest import DetectorManifest
from core.weights.folder import DetectorRun, Run, open_detector_run, open_run, task_of
from core.weights.manifest import MANIFEST_FILE
from core.weights.manifest_file import AnyManifest
from core.weights.release import Release, current_release, promote_detector, roll_back, shipped_release
from pages.ui import resources

DETECTOR = "detector"
# The first that a run has is its main score: of test photos before held-out ones.
MAIN_SCORES = ("test_right", "held_out_right", "test_accuracy", "held_out_map50", "test_map50")
HELD = 40  # runs in memory; a table of 500 photos takes some 100 kB


@dataclass(frozen=True, slots=True, eq=False)
class OpenedRun:
    """A run with everything that its figures are made of. parts: of a classifier; boxes: of a detector."""

    manifest: AnyManifest
    log: TrainingLog
    parts: Mapping[Part, JudgedPhotos]
    boxes: BoxTable | None

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
        """The confidence from which it answers, or draws a box."""
        if isinstance(self.manifest, DetectorManifest):
            return self.manifest.thresholds.confidence
        return self.manifest.calibration.threshold


def opened_run(run_id: str) -> OpenedRun:
    """Return a run by its name: text from outside.

    Raises:
        NotFound: code "metrics.run_not_found"; there is none.
        ModelRefused: its files are not those of its manifest, or a table is broken.
    """
    weights_dir = resources.settings().weights_dir
    path = weights_dir / run_id / MANIFEST_FILE
    if "/" in run_id or "\\" in run_id or run_id.startswith(".") or not path.is_file():
        raise NotFound("metrics.run_not_found", run_id=run_id[:80])
    return _opened(run_id, path.stat().st_mtime_ns)


@st.cache_resource(show_spinner=False, max_entries=HELD)
def _opened(run_id: str, written_at: int) -> OpenedRun:
    weights_dir = resources.settings().weights_dir
    if task_of(weights_dir, run_id) == DETECTOR:
        detector = open_detector_run(weights_dir, run_id)
        return OpenedRun(detector.manifest, read_run_log(detector), {}, _boxes(detector))
    run: Run = open_run(weights_dir, run_id)
    return OpenedRun(run.manifest, read_run_log(run), judged_parts(run), None)


def _boxes(run: DetectorRun) -> BoxTable | None:
    if BOXES_FILE not in run.manifest.files:
        return None
    return read_boxes(run.read(BOXES_FILE), [entry.slug for entry in run.manifest.labels])


def main_score(manifest: AnyManifest) -> tuple[str, Score] | None:
    """Return the name and the score that stands for a run; None where nothing scored it."""
    return next(((name, manifest.scores[name]) for name in MAIN_SCORES if name in manifest.scores), None)


def snapshot_of(manifest: AnyManifest) -> str:
    """Return the frozen data set that a run was made from, "" for a plain folder."""
    return manifest.data.snapshot_id or str(manifest.training.config.get("snapshot_id") or "")


def has_model(manifest: AnyManifest) -> bool:
    """Whether a run could serve; of some that were trained elsewhere only the curves are known."""
    return "model.onnx" in manifest.files


def runs_in_service() -> frozenset[str]:
    """Return the names of the runs that answer now; none while what names them is broken."""
    try:
        now = current_release(resources.releases(), resources.settings().weights_dir)
    except EodiError:
        return frozenset()
    return frozenset(run_id for run_id in (now.classifier_run_id, now.detector_run_id) if run_id)


def put_run_in_service(manifest: AnyManifest, allow_drop: bool) -> None:
    """Put a run in service after it was loaded once; what serves beside it stays.

    Raises:
        EodiError: as `promote_classifier` and `promote_detector`; what is in service stays.
    """
    if not isinstance(manifest, DetectorManifest):
        resources.put_in_service(manifest.run_id, allow_drop)
        return
    prepare = partial(OnnxDetector, threads=1)
    promote_detector(resources.releases(), resources.settings().weights_dir, manifest.run_id, prepare=prepare)


def release_before() -> str | None:
    """Return what would serve again after going back, in the runs' names; None when the default serves already."""
    releases = resources.releases()
    current = releases.in_service()
    if current is None:
        return None
    before = releases.previous(current.release_id)
    if before is not None:
        return " + ".join(member["run_id"] for member in before.members.values())
    default = shipped_release(resources.settings().weights_dir)
    return " + ".join(run_id for run_id in (default.classifier_run_id, default.detector_run_id) if run_id)


def take_back() -> Release:
    """Put the release before the current one back in service, after its runs were loaded once.

    Raises:
        EodiError: as `roll_back`; what is in service stays.
    """
    here = resources.settings()
    prepare, prepare_detector = partial(OnnxClassifier, threads=1), partial(OnnxDetector, threads=1)
    release = roll_back(resources.releases(), here.weights_dir, prepare, prepare_detector)
    submit_opinions(resources.jobs(), resources.job_runner(), release.classifier_run_id)
    return release
