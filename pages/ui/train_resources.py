"""What the train page asks of the library, the runs and the jobs; what is slow to count is kept for a few seconds."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from core.dataset.contribute import VISITOR
from core.dataset.snapshots import boxes_from, freeze_snapshot
from core.dataset.training_data import DataCounts, count_data, library_data
from core.domain.job import Job
from core.domain.library import Snapshot, SnapshotPhoto
from core.errors import EodiError
from core.jobs.spool import job_folder
from core.weights.folder import DetectorRun, list_runs, open_detector_run
from core.weights.manifest import Manifest
from core.weights.manifest_file import AnyManifest
from core.weights.release import current_release
from pages.ui import resources

CLASSIFIER, DETECTOR, FUSION = "classifier", "detector", "fusion"
KIND = "train"
LOOKED_THROUGH = 300  # newest jobs of all kinds


@st.cache_data(show_spinner=False, ttl=10, max_entries=2)
def library_now() -> tuple[SnapshotPhoto, ...]:
    """Return the photos that would be frozen now; at most a few seconds old."""
    return library_data(resources.photos(), boxes_from(resources.boxes(), resources.labels()))


@st.cache_data(show_spinner=False, max_entries=8)
def snapshot_photos(snapshot_id: str) -> tuple[SnapshotPhoto, ...]:
    """Return the photos of a snapshot, which never change.

    Raises:
        NotFound: no such snapshot.
    """
    return resources.snapshots().photos(snapshot_id)


def counts_of(snapshot_id: str) -> DataCounts:
    """Return the counts of a snapshot, "" for the library as it is now."""
    if snapshot_id:
        return count_data(snapshot_photos(snapshot_id))
    return replace(count_data(library_now()), leaks=resources.library_health()[1])


def freeze_now(note: str = "") -> Snapshot:
    """Freeze what is accepted.

    Raises:
        InvalidInput, Conflict: see `freeze_snapshot`.
    """
    boxes_of = boxes_from(resources.boxes(), resources.labels())
    return freeze_snapshot(resources.photos(), resources.snapshots(), boxes_of, note, review=resources.review())


def contributions(sha256s: tuple[str, ...]) -> int:
    """Return how many of these photos visitors gave."""
    return len(set(resources.photos().hashes_of_source(VISITOR)) & set(sha256s))


def manifests() -> tuple[AnyManifest, ...]:
    """Return the manifests of all runs, newest first; read again when a run came or went."""
    weights_dir = resources.settings().weights_dir
    try:
        changed_at = weights_dir.stat().st_mtime_ns
    except OSError:
        return ()  # no run was ever written
    return _manifests(weights_dir, changed_at)


@st.cache_resource(show_spinner=False, max_entries=2)
def _manifests(weights_dir: Path, changed_at: int) -> tuple[AnyManifest, ...]:
    return list_runs(weights_dir)


def classifier_manifests() -> tuple[Manifest, ...]:
    """Return the manifests of the classifiers' runs, newest first."""
    return tuple(manifest for manifest in manifests() if isinstance(manifest, Manifest))


def detector_runs() -> tuple[DetectorRun, ...]:
    """Return the newest runs of detectors that can be opened, newest first."""
    weights_dir, found = resources.settings().weights_dir, []
    for manifest in manifests():
        if manifest.task == DETECTOR and len(found) < 3:
            try:
                found.append(open_detector_run(weights_dir, manifest.run_id))
            except EodiError:
                continue
    return tuple(found)


def manifest_of(run_id: str) -> AnyManifest | None:
    """Return the manifest of a run, None where there is none that can be read."""
    return next((manifest for manifest in manifests() if manifest.run_id == run_id), None)


def serving(task: str) -> str:
    """Return the run of a task that answers now, "" where there is none."""
    try:
        members = current_release(resources.releases(), resources.settings().weights_dir).members
    except EodiError:
        return ""
    return members[task]["run_id"] if task in members else ""


def trainings() -> tuple[Job, ...]:
    """Return the newest trainings, newest first."""
    return tuple(job for job in resources.jobs().list(limit=LOOKED_THROUGH) if job.kind == KIND)


def folder_of(job: Job) -> Path:
    """Return the folder of a job."""
    return job_folder(resources.settings().jobs_dir, job.job_id)
