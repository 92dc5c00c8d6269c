"""How long a detector's training will probably take. Called by the page that starts one."""

from collections.abc import Sequence

from core.detector.config import DetectorConfig
from core.detector.training_set import FOLDS
from core.errors import ModelRefused
from core.metrics.duration import Estimate, seconds_per_epoch
from core.metrics.training_log import read_run_log
from core.weights.folder import DetectorRun

# yolo11n at 320 px on two cores of a server: 40 s an epoch with 191 photos, 7.3 s with 32.
SECONDS_PER_PHOTO = 0.22
USUAL_PX = 320
# Starting a training and exporting its model, once for each part.
FIXED_S = 15.0


def parts_of(config: DetectorConfig, fixed: bool) -> int:
    """Return how many trainings a run consists of. fixed: whether every photo with boxes is in a fixed split."""
    if config.folds is None:
        return 1 if fixed else FOLDS + 1
    return config.folds + 1


def estimate(config: DetectorConfig, photos: int, fixed: bool, runs: Sequence[DetectorRun]) -> Estimate:
    """Return how long a training will take, by the newest run of the same network that was trained here.

    photos: with boxes and backgrounds. runs: newest first; one that says no times is passed over.
    """
    parts = parts_of(config, fixed)
    epochs = parts * config.epochs
    for run in runs:
        pace = _pace(run, config.model)
        if pace is not None:
            return Estimate(parts * FIXED_S + epochs * photos * config.size_px**2 * pace, run.manifest.run_id)
    pace = SECONDS_PER_PHOTO / USUAL_PX**2
    return Estimate(parts * FIXED_S + epochs * photos * config.size_px**2 * pace)


def _pace(run: DetectorRun, model: str) -> float | None:
    """Return the seconds that one pixel of one photo took in one epoch of a run; None where that is not known."""
    manifest = run.manifest
    if manifest.architecture != model or "snapshot_id" not in manifest.training.config or not manifest.data.photos:
        return None  # another network, or trained on another machine
    try:
        seconds = seconds_per_epoch(read_run_log(run))
    except ModelRefused:
        return None
    return None if seconds is None else seconds / manifest.data.photos / manifest.input.size_px**2
