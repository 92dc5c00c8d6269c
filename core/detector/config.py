"""The settings of a detector's training, each with the reason for its default. Called by whoever starts one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import InvalidInput

# Least and most of each number; the page that starts trainings draws its fields by them.
RANGES: Mapping[str, tuple[float, float]] = {
    "size_px": (64, 1280),
    "epochs": (1, 1000),
    "batch_size": (1, 128),
    "seed": (0, 2**31 - 1),
    "folds": (0, 20),
    "frozen_epochs": (0, 1000),
    "frozen_layers": (0, 22),
    "patience": (1, 1000),
    "backgrounds": (0.0, 10.0),
}
# Options of `train detector`, without their dashes, and the settings that they are.
OPTIONS: Mapping[str, str] = {
    "model": "model",
    "pretrained": "pretrained",
    "imgsz": "size_px",
    "epochs": "epochs",
    "seed": "seed",
    "folds": "folds",
}


@dataclass(frozen=True, slots=True)
class DetectorConfig:
    """How a detector is trained.

    model: a network that ultralytics knows by name, such as "yolo11n".
    pretrained: a file of weights to start from, "" for the one that ultralytics fetches, "none" for random weights.
    size_px: longer side of the input, in training and in service.
    folds: each photo is held out once in so many trainings; 0 scores nothing. None: the fixed splits of the photos
        where all have one, else five folds.
    frozen_epochs: the first epochs, in which only the head learns and the layers before it stand still.
    patience: a training that watches a validation split ends after so many epochs without a better one.
    backgrounds: photos without any box, as a share of those with one; a detector that never sees such finds too much.
    licence, photo_origin: a name and a sentence for the manifest and the model card.
    """

    model: str = "yolo11n"
    pretrained: str = ""
    # On 180 photos of five towers 320 px gave the same boxes as 640 px in a third of the time.
    size_px: int = 320
    # The curve of the same photos is flat from epoch 30 on; mosaics stop ten epochs before the end.
    epochs: int = 40
    batch_size: int = 16
    seed: int = 0
    folds: int | None = None
    # A head that starts from nothing would shake what the backbone knows; two epochs are enough for it to settle, and
    # a backbone that stood still throughout finds less.
    frozen_epochs: int = 2
    frozen_layers: int = 10
    patience: int = 20
    backgrounds: float = 1.0
    iou: float = 0.7
    threads: int = 0
    licence: str = "AGPL-3.0-only"
    photo_origin: str = "Their origin and licence were not stated."

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing.

        Raises:
            InvalidInput: code "detector.setting"; which setting, its value and its range.
        """
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise InvalidInput("detector.setting", setting=name, value=value, low=low, high=high)
        if self.size_px % 32 or self.folds == 1:
            raise (
                InvalidInput("detector.folds")
                if self.folds == 1
                else InvalidInput("detector.multiple", value=self.size_px)
            )

    def as_plain(self) -> dict[str, Any]:
        """Return the settings as plain JSON for the manifest; of a file of weights only its name, not where it lay."""
        return {**asdict(self), "pretrained": Path(self.pretrained).name}
