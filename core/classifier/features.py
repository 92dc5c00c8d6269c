"""Photos to features: every photo once through the backbone, as served and in changed copies.

Called by `train` and `out_of_fold`; what is fitted on features is in `head`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.classifier.augment import AugmentPolicy, augment
from core.classifier.config import TrainConfig
from core.classifier.preprocess import ViewPolicy, make_views
from core.classifier.progress import Steps
from core.classifier.training_set import PixelSource

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FeatureTable:
    """Features of N photos. served: (N, V, D) of the views that serving shows; augmented: (N, A, D), A may be 0."""

    served: Floats
    augmented: Floats

    def rows(self, indices: npt.NDArray[np.int64]) -> Floats:
        """Return (len(indices), V + A, D): everything a head may learn of these photos."""
        return np.concatenate([self.served[indices], self.augmented[indices]], axis=1)


def extract_features(backbone: Any, pixels: PixelSource, config: TrainConfig, steps: Steps) -> FeatureTable:
    """Show every photo to the backbone.

    Args:
        backbone: as `backbones.load_backbone` returns it.
        pixels: of N photos.
        config: its views, seed and number of augmented views are used.
        steps: advanced by one per photo.
    """
    run = _compiled(backbone)
    features: list[Floats] = []
    for index in range(len(pixels)):
        photo = pixels[index]
        seen = [run(photo_views(photo, index, config))]
        if config.second_scale:
            seen.append(run(make_views(photo, ViewPolicy(size_px=round(config.size_px * config.second_scale)))))
        features.append(np.concatenate(seen))
        steps.advance(1, "train.looking", photo=index + 1, photos=len(pixels))
    table = np.stack(features)
    return FeatureTable(table[:, : config.views.view_count], table[:, config.views.view_count :])


def photo_views(pixels: npt.NDArray[np.uint8], index: int, config: TrainConfig) -> Floats:
    """Return (V + A, size, size, 3): the served views of a photo, then its mirror and crops that its number decides."""
    crops = [augmented_view(pixels, config, config.crops, (0, index, copy)) for copy in range(config.augmented_views)]
    served = make_views(pixels, config.views)
    mirror = [served[:1, :, ::-1]] if config.mirrored and not config.flip else []
    return np.concatenate([served, *mirror, *crops])


def augmented_view(
    pixels: npt.NDArray[np.uint8], config: TrainConfig, policy: AugmentPolicy, key: Sequence[int]
) -> Floats:
    """Return (1, size, size, 3): one changed copy; the seed and `key` alone decide which."""
    rng = np.random.default_rng([config.seed, *key])
    return make_views(augment(pixels, rng, policy), ViewPolicy(size_px=config.size_px))


def _compiled(backbone: Any) -> Any:
    """Return views to features as numpy; compiled once, as an eager call takes ten times as long."""
    import tensorflow as tf

    @tf.function(reduce_retracing=True)  # type: ignore[untyped-decorator]  # tensorflow has no types
    def forward(views: Any) -> Any:
        return backbone(views, training=False)["features"]

    return lambda views: forward(tf.constant(views)).numpy()
