"""The networks a classifier can start from, and where their weights come from.

`load_backbone` returns the convolutional part of a network, without its ImageNet classes, as features of unit length.
Every backbone here takes views in -1..1, as `preprocess` makes them. Called by `train` and its steps.
"""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.errors import InvalidInput, StorageUnavailable

IMAGENET = "imagenet"  # the weights that Keras' own loader fetches and keeps under ~/.keras
NONE = "none"  # random numbers
# A silent network must end in a sentence, not in a job that waits for hours; the largest file is 24 MB.
DOWNLOAD_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Backbone:
    """A network of keras.applications: its function's name and what that is called with.

    scales_itself: whether the network expects 0..255 and scales inside; views are put back to that first.
    taps: layers before the last whose averages join the features. Wide layers inside the last blocks still tell
        textures and materials apart that the last one has merged into ImageNet's classes.
    """

    function: str
    options: Mapping[str, Any]
    scales_itself: bool = False
    taps: tuple[str, ...] = ()


MOBILENET_V2_TAPS = tuple(f"block_{number}_expand_relu" for number in (13, 14, 15, 16))
# MobileNetV2 answers fastest of the four and is the default; the others for whoever trades time for accuracy.
BACKBONES: Mapping[str, Backbone] = MappingProxyType(
    {
        "MobileNetV2": Backbone("MobileNetV2", {"alpha": 1.0}, taps=MOBILENET_V2_TAPS),
        "MobileNetV2-0.35": Backbone("MobileNetV2", {"alpha": 0.35}, taps=MOBILENET_V2_TAPS),
        "MobileNetV3Large": Backbone("MobileNetV3Large", {"include_preprocessing": False}),
        "EfficientNetV2B0": Backbone("EfficientNetV2B0", {"include_preprocessing": True}, scales_itself=True),
    }
)

# Files of weights whose origin is known, by SHA-256; of any other the card says that it is not.
KNOWN_FILES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "3afa7953be7dfcbf29a9f5adba74b24c2e615802aa0edebf59bd3c91614bbc6a": (
            "ImageNet weights of Google Coral's tf2_mobilenet_v2_1.0_224_ptq.tflite, 8-bit values put back into floats",
            "Apache-2.0",
        ),
        "4a88245947d012e04695d1b500329ac0a045f28824135545a24c03b2621ae6d9": (
            "ImageNet weights of MobileNetV2 0.35 by Google, from a Teachable Machine export",
            "Apache-2.0",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Start:
    """Where training starts, as the manifest and the model card say it.

    weights: "imagenet", "none", or the name of the file given. sha256: of that file, else empty.
    """

    backbone: str
    weights: str
    origin: str
    licence: str
    sha256: str = ""


def describe_start(name: str, pretrained: str) -> Start:
    """Return the record of a start; refuse a name or a file that cannot be used before anything heavy is done.

    Raises:
        InvalidInput: code "classifier.backbone" or "classifier.pretrained"; no such network, or no such .h5 file.
    """
    if name not in BACKBONES:
        raise InvalidInput("classifier.backbone", backbone=name, known=", ".join(BACKBONES))
    if pretrained == NONE:
        return Start(name, NONE, "random numbers", "none needed")
    if pretrained == IMAGENET:
        return Start(name, IMAGENET, "ImageNet weights of keras.applications", "Apache-2.0")
    path = Path(pretrained)
    if path.suffix != ".h5" or not path.is_file():
        raise InvalidInput("classifier.pretrained", file=str(path))
    digest = sha256(path.read_bytes()).hexdigest()
    return Start(name, path.name, *KNOWN_FILES.get(digest, ("a file of unknown origin", "not known")), digest)


def load_backbone(name: str, pretrained: str) -> Any:
    """Build a backbone.

    Args:
        name: a key of `BACKBONES`.
        pretrained: "imagenet", "none", or the path of an .h5 file of weights without the top. Only numbers are read
            from it; a network or code in it is never built or run.

    Returns:
        A keras.Model from "views" (N, H, W, 3) in -1..1, of any size, to "features" (N, D) of unit length and
        "feature_map" (N, h, w, K), the last one. Features are averages over the last map and the taps, each of unit
        length before they are put together, so that none drowns the others.

    Raises:
        InvalidInput: see `describe_start`; also code "classifier.pretrained_mismatch", weights of another network.
        StorageUnavailable: code "classifier.weights_unreachable"; Keras could not fetch its weights.
    """
    import keras

    describe_start(name, pretrained)
    backbone = BACKBONES[name]
    weights = {IMAGENET: "imagenet", NONE: None}.get(pretrained, pretrained)
    build = getattr(keras.applications, backbone.function)
    with _named_failures(name, pretrained):
        network = build(include_top=False, weights=weights, input_shape=(None, None, 3), **backbone.options)
    views = keras.Input((None, None, 3), name="views")
    scaled = keras.layers.Rescaling(127.5, offset=127.5)(views) if backbone.scales_itself else views
    maps = [network.output, *(network.get_layer(tap).output for tap in backbone.taps)]
    feature_map, *tapped = _as_list(keras.Model(network.input, maps, name=network.name)(scaled, training=False))
    pooled = [
        keras.layers.UnitNormalization()(keras.layers.GlobalAveragePooling2D()(seen)) for seen in (feature_map, *tapped)
    ]
    features = keras.layers.UnitNormalization()(keras.layers.Concatenate()(pooled) if tapped else pooled[0])
    return keras.Model(views, {"features": features, "feature_map": feature_map}, name="backbone")


def _as_list(outputs: Any) -> list[Any]:
    """Keras gives one output alone and several in a list."""
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]


@contextmanager
def _named_failures(name: str, pretrained: str) -> Iterator[None]:
    """Put Keras' failures to fetch or to read weights into this project's errors; downloads do not wait forever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(DOWNLOAD_TIMEOUT_S)
    try:
        yield
    except Exception as error:
        if pretrained == IMAGENET:
            raise StorageUnavailable("classifier.weights_unreachable", backbone=name) from error
        if pretrained == NONE:
            raise
        raise InvalidInput("classifier.pretrained_mismatch", file=Path(pretrained).name, backbone=name) from error
    finally:
        socket.setdefaulttimeout(before)
