"""The settings of a training, each with the reason for its default. Called by whoever starts one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from core.classifier.augment import AugmentPolicy
from core.classifier.backbones import IMAGENET
from core.classifier.preprocess import ViewPolicy
from core.errors import InvalidInput

NEARER = AugmentPolicy(area=(0.3, 0.72), aspect=1.0, light=0, contrast=0, colour=0, warmth=0)
FineTune = Literal["none", "last", "whole"]
# Least and most of each number; the page that starts trainings draws its fields by them.
RANGES: Mapping[str, tuple[float, float]] = {
    "size_px": (32, 1024),
    "epochs": (1, 1000),
    "seed": (0, 2**31 - 1),
    "folds": (2, 20),
    "augmented_views": (0, 32),
    "second_scale": (0.0, 4.0),
    "balance": (0.0, 1.0),
    "batch_size": (1, 512),
    "target_false_accept": (0.0, 1.0),
}
# Options of `train classifier`, without their dashes, and the settings that they are.
OPTIONS: Mapping[str, str] = {
    "backbone": "backbone",
    "pretrained": "pretrained",
    "imgsz": "size_px",
    "epochs": "epochs",
    "seed": "seed",
    "folds": "folds",
    "fine-tune": "fine_tune",
}


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """How a classifier is trained.

    backbone: a key of `backbones.BACKBONES`.
    pretrained: "imagenet" (Keras fetches it), "none", or an .h5 file of weights.
    size_px: side of a view, in training and in service.
    epochs: at most so many in each stage; early stopping usually ends sooner.
    folds: at most so many; each photo is held out once.
    fine_tune: what learns after the head: "none" of the backbone, its "last" layers, or the "whole" of it.
    augmented_views: random crops of each photo that the head learns from beside the photo itself.
    mirrored: whether the head learns from the mirrored photo too.
    second_scale: side of one more view that the head learns from, as a multiple of `size_px`; 0 for none.
    balance: weight of classes in the head; see `fit_head`.
    threads: of tensorflow; 0 takes all.
    licence, photo_origin: a name and a sentence for the manifest and the model card.
    snapshot_id, snapshot_fingerprint: the frozen data set that the photos are of; "" for a plain folder.
    """

    backbone: str = "MobileNetV2"
    pretrained: str = IMAGENET
    # Pixels pay most: at 224 px 11 of 35 photos of five places are named, at 320 px 13, at 448 px 15, at 576 px 16, by
    # the head's measure; 448 px costs four times the time of 224 and leaves an answer quick.
    size_px: int = 448
    flip: bool = False
    epochs: int = 30
    seed: int = 0
    folds: int = 5
    fine_tune: FineTune = "none"
    last_layers: int = 40
    # The mirrored photo and a larger scale, learned but never asked at answering, give one more photo of 35. Random
    # crops beside them gave nothing on average: 16.2 of 35 with two, 16.3 without, over six divisions into folds.
    augmented_views: int = 0
    mirrored: bool = True
    second_scale: float = 8 / 7
    balance: float = 0.0
    batch_size: int = 16
    head_learning_rate: float = 1e-3
    learning_rate: float = 1e-4
    patience: int = 5
    ridge: float = 0.05
    # 12 of 518 strangers: about one wrong name in forty photos of places it does not know.
    target_false_accept: float = 12 / 518
    threads: int = 0
    licence: str = "AGPL-3.0-only"
    photo_origin: str = "Their origin and licence were not stated."
    snapshot_id: str = ""
    snapshot_fingerprint: str = ""
    augmentation: AugmentPolicy = field(default_factory=AugmentPolicy)
    # For the head: nearer, in the photo's own light. Its features shrug off light already.
    crops: AugmentPolicy = NEARER

    def __post_init__(self) -> None:
        """Refuse numbers that mean nothing.

        Raises:
            InvalidInput: code "classifier.setting"; which setting, its value and its range.
        """
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise InvalidInput("classifier.setting", setting=name, value=value, low=low, high=high)
        if self.fine_tune not in get_args(FineTune):
            raise InvalidInput(
                "classifier.choice", setting="fine_tune", value=self.fine_tune, known="none, last, whole"
            )

    @property
    def views(self) -> ViewPolicy:
        """Which views the network is shown."""
        return ViewPolicy(size_px=self.size_px, flip=self.flip)

    def as_plain(self) -> dict[str, Any]:
        """Return the settings as plain JSON for the manifest; of a file of weights only its name, not where it lay.

        The data set is no setting; the manifest names it among its data.
        """
        plain = {name: value for name, value in asdict(self).items() if not name.startswith("snapshot_")}
        plain["pretrained"] = Path(self.pretrained).name
        for name in ("augmentation", "crops"):
            plain[name]["area"] = list(plain[name]["area"])
        return plain
