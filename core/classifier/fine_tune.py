"""Two stages of gradient descent: a head on frozen features, then the backbone's last layers or the whole network.

What comes out is a better backbone; the head that ships is fitted on its features afterwards by `head`. A part of the
groups is held out inside the training photos to stop early. Called by `out_of_fold` and `train` when the settings ask
for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classifier.backbones import NONE
from core.classifier.config import TrainConfig
from core.classifier.epochs import EpochDiary, EpochRow
from core.classifier.features import FeatureTable, augmented_view
from core.classifier.preprocess import ViewPolicy, make_views
from core.classifier.progress import Steps
from core.classifier.training_set import PixelSource
from core.dataset.folds import grouped_folds

Ints = npt.NDArray[np.int64]
HEAD, BACKBONE = "head", "backbone"
# One group in six watches for overfitting: of five photos of a place one, as a fifth of folds would leave.
WATCHING_SHARE = 6
# Features of unit length are stretched so that one unit of weight moves a logit by about one.
FEATURE_SCALE = 30.0
DROPOUT = 0.2
TRAINING_COST = 3  # forward, backward and update, in steps of one look at a photo


@dataclass(frozen=True, slots=True)
class TuningData:
    """What a fine-tuning sees. rows: photos it may use, numbers into the rest; columns: (N,); groups: (N,)."""

    pixels: PixelSource
    features: FeatureTable
    rows: Ints
    columns: Ints
    groups: Ints
    output_count: int


class Tuner:
    """The network that learns by gradient descent, compiled once; every fold starts from the same weights."""

    def __init__(self, backbone: Any, output_count: int, config: TrainConfig) -> None:
        """Join a fresh dense layer to the backbone, whose weights every tuning changes in place.

        backbone: as `backbones.load_backbone` returns it.
        """
        import keras

        keras.utils.set_random_seed(config.seed)
        self._config = config
        self._head = keras.Sequential(
            [
                keras.Input(backbone.output["features"].shape[1:]),
                keras.layers.Rescaling(FEATURE_SCALE),
                keras.layers.Dropout(DROPOUT, seed=config.seed),
                keras.layers.Dense(output_count),
            ]
        )
        _open_layers(backbone, config)
        views = keras.Input(backbone.input_shape[1:])
        self._network = keras.Model(views, self._head(backbone(views)["features"]))
        _compile(self._head, config.head_learning_rate)
        _compile(self._network, config.learning_rate)
        self._variables = [
            *self._network.variables,
            *self._head.optimizer.variables,
            *self._network.optimizer.variables,
        ]
        self._start = [variable.numpy() for variable in self._variables]

    def reset(self) -> None:
        """Put backbone, dense layer and optimizers back to where they started."""
        for variable, value in zip(self._variables, self._start, strict=True):
            variable.assign(value)

    def tune(self, data: TuningData, steps: Steps, part: str) -> list[EpochRow]:
        """Train the backbone in place on `data.rows`, from the start.

        Args:
            data: `features` are those of the backbone at its start.
            steps: advanced by `planned_steps(config, len(data.rows))`.
            part: name of this training in the rows.

        Returns:
            The rows of both stages; the weights are those of the epoch with the least loss on the watching groups.

        Raises:
            JobStopped: between two batches, when whoever listens asked to stop.
        """
        import keras

        config = self._config
        keras.utils.set_random_seed(config.seed)
        self.reset()
        learn, watch = _split(data, config)
        end = steps.done + planned_steps(config, len(data.rows))
        diary = EpochDiary(part, steps)
        _train_head(self._head, data, learn, watch, config, diary.callback(HEAD, 0))
        batch_cost = TRAINING_COST * config.batch_size
        _train_network(self._network, data, learn, watch, config, diary.callback(BACKBONE, batch_cost))
        steps.reach(end, "train.learned")
        return diary.rows


def planned_steps(config: TrainConfig, photos: int) -> int:
    """Return the steps of a fine-tuning that no early stopping shortens."""
    return TRAINING_COST * config.epochs * photos


def _split(data: TuningData, config: TrainConfig) -> tuple[Ints, Ints]:
    """Return the rows that learn and those that watch; groups do not straddle the two."""
    groups = data.groups[data.rows]
    parts = min(WATCHING_SHARE, len(set(groups.tolist())))
    if parts < 2:
        return data.rows, data.rows
    folds = np.array(grouped_folds(data.columns[data.rows].tolist(), groups.tolist(), parts, config.seed))
    return data.rows[folds != 0], data.rows[folds == 0]


def photo_weights(columns: Ints) -> npt.NDArray[np.float32]:
    """Return a weight per photo so that each class weighs the same; their mean is 1."""
    counts = np.bincount(columns)
    return (len(columns) / (np.count_nonzero(counts) * counts[columns])).astype(np.float32)


def _train_head(head: Any, data: TuningData, learn: Ints, watch: Ints, config: TrainConfig, recorder: Any) -> None:
    """Train the dense layer on features computed once."""
    rows = data.features.rows(learn)
    columns = np.repeat(data.columns[learn], rows.shape[1])
    head.fit(
        rows.reshape(-1, rows.shape[-1]),
        columns,
        sample_weight=photo_weights(columns),
        validation_data=(data.features.served[watch, 0], data.columns[watch], photo_weights(data.columns[watch])),
        epochs=config.epochs,
        batch_size=config.batch_size,
        verbose=0,
        callbacks=[*_stopping(config), recorder],
    )


def _train_network(
    network: Any, data: TuningData, learn: Ints, watch: Ints, config: TrainConfig, recorder: Any
) -> None:
    """Train what is open of the network on changed copies of the photos; the photos themselves are watched."""

    def changed(index: int, epoch: int) -> Any:
        return augmented_view(data.pixels[index], config, config.augmentation, (2, epoch, index))

    def as_served(index: int, epoch: int) -> Any:
        return make_views(data.pixels[index], ViewPolicy(size_px=config.size_px))

    network.fit(
        _batches(data, learn, config, changed),
        validation_data=_batches(data, watch, config, as_served),
        epochs=config.epochs,
        verbose=0,
        callbacks=[*_stopping(config), recorder],
    )


def _compile(model: Any, learning_rate: float) -> None:
    """Give a network its loss and an optimizer whose variables exist at once."""
    import keras

    optimizer = keras.optimizers.Adam(learning_rate)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    # Compiling for the processor takes longer than a few dozen photos take to learn from.
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"], jit_compile=False)
    optimizer.build(model.trainable_variables)


def _stopping(config: TrainConfig) -> list[Any]:
    import keras

    return [
        keras.callbacks.ReduceLROnPlateau(monitor="val_loss", factor=0.3, patience=max(1, config.patience // 2)),
        keras.callbacks.EarlyStopping(monitor="val_loss", patience=config.patience, restore_best_weights=True),
    ]


def _open_layers(backbone: Any, config: TrainConfig) -> None:
    """Let the whole backbone learn, or its last layers only.

    BatchNorm layers with learned statistics stay as they are: batches of a few photos would spoil them. From random
    numbers there is nothing to spoil, and without them nothing is learned.
    """
    import keras

    inner = next(layer for layer in backbone.layers if hasattr(layer, "layers"))
    inner.trainable = True
    for layer in inner.layers[: -config.last_layers] if config.fine_tune == "last" else ():
        layer.trainable = False
    for layer in inner.layers if config.pretrained != NONE else ():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.trainable = False


def _batches(data: TuningData, rows: Ints, config: TrainConfig, view: Callable[[int, int], Any]) -> Any:
    """Return batches made when they are asked for, shuffled anew in each epoch.

    view: number of a photo and of the epoch to (1, size, size, 3).
    """
    import keras

    weights = dict(zip(rows.tolist(), photo_weights(data.columns[rows]).tolist(), strict=True))

    class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # keras comes without types
        epoch = 0

        def __len__(self) -> int:
            return ceil(len(rows) / config.batch_size)

        def __getitem__(self, number: int) -> tuple[Any, Any, Any]:
            order = np.random.default_rng([config.seed, 1, self.epoch]).permutation(rows)
            chosen = order[number * config.batch_size : (number + 1) * config.batch_size].tolist()
            views = np.concatenate([view(index, self.epoch) for index in chosen])
            return views, data.columns[chosen], np.array([weights[index] for index in chosen], np.float32)

        def on_epoch_end(self) -> None:
            self.epoch += 1

    return Batches()
