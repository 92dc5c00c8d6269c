"""From Keras to ONNX: three outputs that agree, or a refusal."""

from typing import Any

import numpy as np
import onnxruntime
import pytest

from core.classifier.backbones import load_backbone
from core.classifier.export import check_export, to_onnx
from core.classifier.head import Head
from core.classifier.network import join
from core.errors import ModelRefused

pytestmark = pytest.mark.train
VIEWS = np.random.default_rng(0).uniform(-1, 1, (3, 64, 64, 3)).astype(np.float32)


def network(seed: int, backbone: str = "MobileNetV2-0.35") -> Any:
    rng = np.random.default_rng(seed)
    start = load_backbone(backbone, "none")
    width = start.output["features"].shape[1]
    head = Head(rng.normal(size=(width, 4)).astype(np.float32), rng.normal(size=4).astype(np.float32))
    return join(start, head, 64)


@pytest.fixture(scope="module")
def both() -> tuple[object, bytes]:
    keras_network = network(0)
    return keras_network, to_onnx(keras_network)


def test_the_graph_takes_any_number_of_views_and_gives_three_outputs(both: tuple[object, bytes]) -> None:
    session = onnxruntime.InferenceSession(both[1])
    assert [(node.name, node.type, node.shape[1:]) for node in session.get_inputs()] == [
        ("views", "tensor(float)", [64, 64, 3])
    ]
    logits, embedding, feature_map = session.run(["logits", "embedding", "feature_map"], {"views": VIEWS})
    assert (logits.shape, embedding.shape, feature_map.shape) == ((3, 4), (3, 2480), (3, 2, 2, 1280))
    assert np.allclose(np.linalg.norm(embedding, axis=1), 1, atol=1e-4)


def test_it_agrees_with_keras(both: tuple[object, bytes]) -> None:
    assert max(check_export(both[1], both[0], VIEWS).values()) <= 1e-4


@pytest.mark.parametrize("backbone", ["MobileNetV3Large", "EfficientNetV2B0"])
def test_so_do_the_other_networks(backbone: str) -> None:
    other = network(0, backbone)
    assert max(check_export(to_onnx(other), other, VIEWS).values()) <= 1e-4


def test_a_network_that_says_something_else_is_refused(both: tuple[object, bytes]) -> None:
    with pytest.raises(ModelRefused) as refused:
        check_export(both[1], network(1), VIEWS)
    assert refused.value.code == "classifier.export_differs"
    assert refused.value.values["output"] == "logits"


def test_what_is_no_number_is_refused(both: tuple[object, bytes]) -> None:
    with pytest.raises(ModelRefused):
        check_export(both[1], both[0], np.full((1, 64, 64, 3), np.nan, np.float32))
