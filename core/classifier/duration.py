"""How long a classifier's training will probably take. Called by the page that starts one."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from core.classifier.config import TrainConfig
from core.classifier.fine_tune import planned_steps
from core.errors import InvalidInput
from core.metrics.duration import Estimate
from core.weights.manifest import Manifest

SECONDS = "seconds"  # in the settings of a run's manifest: how long it trained
# MobileNetV2 at 448 px on two cores of a server, where a photo is looked at as it is, mirrored and larger: 553 photos
# took 113 s in all.
SECONDS_PER_STEP = 0.08
USUAL_PX = 448
# Loading tensorflow, fitting the head in every fold, writing the graph and comparing it.
FIXED_S = 25.0


def planned(config: TrainConfig, photos: int) -> int:
    """Return the steps of a training: one per photo read and per look at it, three per photo and epoch learned from.

    A test photo is looked at once as well, at the end.
    """
    once = 2 * photos
    if config.fine_tune == "none":
        return once
    return once + (config.folds + 1) * (photos + planned_steps(config, photos))


def estimate(config: TrainConfig, photos: int, runs: Sequence[Manifest]) -> Estimate:
    """Return how long a training will take, by the newest run of the same network and way that says how long it took.

    runs: newest first.
    """
    wanted = _work(config, photos)
    for run in runs:
        took, settings = run.training.config.get(SECONDS), _settings(run.training.config)
        if not isinstance(took, int | float) or settings is None or run.data.photos < 1:
            continue
        if (settings.backbone, settings.fine_tune) == (config.backbone, config.fine_tune):
            # What every training needs, however small, does not grow with the photos.
            pace = max(took - FIXED_S, took / 10) / _work(settings, run.data.photos)
            return Estimate(min(FIXED_S, took) + pace * wanted, run.run_id)
    return Estimate(FIXED_S + SECONDS_PER_STEP * wanted)


def _work(config: TrainConfig, photos: int) -> float:
    """Return the steps of a training, each as large as its views are."""
    return planned(config, photos) * (config.size_px / USUAL_PX) ** 2


def _settings(plain: dict[str, Any]) -> TrainConfig | None:
    """Return the settings of a manifest, as far as they say how much work there was."""
    names = {field.name for field in fields(TrainConfig)} & {
        "backbone",
        "size_px",
        "epochs",
        "folds",
        "fine_tune",
        "batch_size",
        "augmented_views",
        "mirrored",
        "second_scale",
    }
    try:
        return TrainConfig(**{name: plain[name] for name in names if name in plain})
    except (InvalidInput, TypeError):
        return None
