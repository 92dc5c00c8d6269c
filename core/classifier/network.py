"""Backbone and head put together: the network that a run ships. Called by `train`, read by `export`."""

from typing import Any

from core.classifier.head import Head

OUTPUTS = ("logits", "embedding", "feature_map")


def join(backbone: Any, head: Head, size_px: int) -> Any:
    """Return a keras.Model from "views" (N, size_px, size_px, 3) to `OUTPUTS`.

    The embedding is the features of unit length that the logits are a linear map of, so that neighbours and logits
    speak of the same space.
    """
    import keras

    dense = keras.layers.Dense(head.weights.shape[1], name="head", dtype="float32")
    views = keras.Input((size_px, size_px, 3), name="views")
    seen = backbone(views, training=False)
    outputs = {"logits": dense(seen["features"]), "embedding": seen["features"], "feature_map": seen["feature_map"]}
    dense.set_weights([head.weights, head.bias])
    return keras.Model(views, outputs, name="classifier")
