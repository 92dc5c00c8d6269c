"""Train and judge fold by fold: what is said of a photo comes from a network and a head that never saw its group.

`fit_on` is one training on given photos; `judge_out_of_fold` runs it once per fold. `train` runs it once more on all
photos for what ships. Temperature, threshold and scores are then fitted by `core/metrics` on these predictions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classifier.config import TrainConfig
from core.classifier.epochs import EpochRow
from core.classifier.features import FeatureTable, extract_features
from core.classifier.fine_tune import Tuner, TuningData
from core.classifier.head import Head, fit_head
from core.classifier.progress import Steps
from core.classifier.training_set import PixelSource, TrainingSet

Ints = npt.NDArray[np.int64]
ALL = "all"


@dataclass(frozen=True, slots=True)
class Workshop:
    """What every training of a run shares.

    features: of the backbone at its start, for all photos. tuner: changes the backbone's weights; None leaves them.
    """

    photos: TrainingSet
    pixels: PixelSource
    backbone: Any
    features: FeatureTable
    tuner: Tuner | None
    config: TrainConfig
    steps: Steps


@dataclass(frozen=True, slots=True)
class Fitted:
    """One training: the head, the features of all photos that belong to it, and what happened on the way."""

    head: Head
    features: FeatureTable
    epochs: Sequence[EpochRow]

    def logits(self, rows: Ints) -> npt.NDArray[np.float64]:
        """Return (len(rows), M): the mean over the served views of each photo, as serving takes it."""
        return np.asarray(self.head.logits(self.features.served[rows]).mean(axis=1))


def fit_on(shop: Workshop, rows: Ints, part: str) -> Fitted:
    """Train on the photos `rows`; with fine-tuning the backbone's weights are changed and stay so.

    Args:
        shop: what is shared.
        rows: numbers of the photos that may be learned from.
        part: name of this training in epochs.csv.
    """
    photos, config = shop.photos, shop.config
    features, epochs = shop.features, list[EpochRow]()
    if shop.tuner is not None:
        groups = np.array(photos.groups)
        data = TuningData(shop.pixels, features, rows, photos.columns, groups, photos.output_count)
        epochs = shop.tuner.tune(data, shop.steps, part)
        features = extract_features(shop.backbone, shop.pixels, config, shop.steps)
    head = fit_head(
        features.rows(rows),
        photos.columns[rows],
        len(photos.slugs),
        photos.has_none_output,
        config.ridge,
        config.balance,
    )
    return Fitted(head, features, epochs)


def judge_out_of_fold(shop: Workshop) -> tuple[npt.NDArray[np.float64], list[EpochRow]]:
    """Return (N, M) logits, row i by the training that held photo i out, and the rows of epochs.csv.

    Raises:
        JobStopped: whoever listens asked to stop.
    """
    folds = shop.photos.folds
    logits = np.zeros((len(folds), shop.photos.output_count))
    epochs: list[EpochRow] = []
    for fold in np.unique(folds).tolist():
        shop.steps.advance(0, "train.fold", fold=fold + 1, folds=int(folds.max()) + 1)
        fitted = fit_on(shop, np.flatnonzero(folds != fold), f"fold {fold}")
        held_out = np.flatnonzero(folds == fold)
        logits[held_out] = fitted.logits(held_out)
        epochs.extend(fitted.epochs)
    return logits, epochs
