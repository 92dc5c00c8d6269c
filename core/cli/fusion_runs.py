"""Which runs `train fusion` fits on: named ones, those that learned from a named data set, or those in service."""

import hashlib
from pathlib import Path

from core.cli import compose
from core.dataset.folder import read_folder
from core.db.releases import ReleaseRepository
from core.errors import InvalidInput, ModelRefused
from core.weights.detector_manifest import DetectorManifest
from core.weights.folder import DetectorRun, Run, list_runs, open_detector_run, open_run
from core.weights.manifest import Manifest
from core.weights.records import PREDICTIONS_FILE, read_predictions
from core.weights.release import current_release, open_detector, open_release

Runs = tuple[Run, DetectorRun | None]
LEAST_SHARED = 0.5  # of a folder's photos; a run that knows fewer of them learned from something else


def runs_named(classifier: str, detector: str) -> Runs:
    """Return the runs of these names; where no classifier is named, what is in service stands in.

    Raises:
        NotFound: code "model.none"; nothing is in service.
        ModelRefused: a run cannot be read.
    """
    weights_dir = compose.settings().weights_dir
    if classifier:
        return open_run(weights_dir, classifier), open_detector_run(weights_dir, detector) if detector else None
    release = current_release(ReleaseRepository(compose.database()), weights_dir)
    found = open_detector_run(weights_dir, detector) if detector else open_detector(release, weights_dir)
    return open_release(release, weights_dir), found


def runs_of_snapshot(snapshot_id: str) -> Runs:
    """Return the newest classifier, and the newest detector if there is one, that learned from a frozen data set.

    Raises:
        InvalidInput: code "fusion.no_run"; no classifier did.
    """
    weights_dir = compose.settings().weights_dir
    made = [manifest for manifest in list_runs(weights_dir) if snapshot_id == _snapshot_of(manifest)]
    classifier = next((one.run_id for one in made if isinstance(one, Manifest)), "")
    detector = next((one.run_id for one in made if isinstance(one, DetectorManifest)), "")
    if not classifier:
        raise InvalidInput("fusion.no_run", data=snapshot_id)
    return runs_named(classifier, detector)


def runs_of_folder(data: Path) -> Runs:
    """Return the classifier that knows most of a folder's photos, of equals the newest; detectors learn from none.

    Raises:
        InvalidInput: code "fusion.no_run"; none knows half of them. Or as `read_folder`.
    """
    weights_dir = compose.settings().weights_dir
    wanted = {hashlib.sha256(photo.path.read_bytes()).hexdigest() for photo in read_folder(data)}
    runs = [one.run_id for one in list_runs(weights_dir) if isinstance(one, Manifest)]
    shared = {run_id: len(wanted & _photos_of(weights_dir, run_id)) for run_id in runs}
    best = max(shared, key=shared.__getitem__, default="")  # the first of equals, and runs come newest first
    if not best or shared[best] < LEAST_SHARED * len(wanted):
        raise InvalidInput("fusion.no_run", data=str(data))
    return runs_named(best, "")


def _snapshot_of(manifest: object) -> str:
    return manifest.data.snapshot_id if isinstance(manifest, Manifest | DetectorManifest) else ""


def _photos_of(weights_dir: Path, run_id: str) -> frozenset[str]:
    """Return the hashes of the photos that a run has records of; none where they cannot be read."""
    try:
        return frozenset(read_predictions(open_run(weights_dir, run_id).read(PREDICTIONS_FILE)).sha256s)
    except ModelRefused:
        return frozenset()
