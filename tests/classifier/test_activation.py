"""Where a photo speaks for a place: exact to the logit, of the class asked about, and on the object."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from core.classifier.activation import class_activation
from core.classifier.graph_file import last_step, with_outputs
from core.classifier.predict import OnnxClassifier
from core.classifier.preprocess import ViewPolicy, make_views
from core.domain.photo import Photo
from core.errors import ModelRefused
from core.weights.folder import Run
from core.weights.manifest import ClassEntry, InputSpec
from tests.support.tiny_model import COLOURS, GREY, SIZE_PX, tiny_onnx, write_tiny_run

RED, GREEN, BLUE = COLOURS[:3]


def grey_with(colour: tuple[int, int, int], corner: tuple[int, int]) -> Photo:
    """Return a grey photo of which one quarter, by row and column, has a colour."""
    pixels = np.full((64, 64, 3), GREY, np.uint8)
    row, column = corner
    pixels[row * 32 : row * 32 + 32, column * 32 : column * 32 + 32] = colour
    return Photo(pixels, 64, 64, "PNG", "0" * 64, pixels.size)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_tiny_run(tmp_path_factory.mktemp("weights"))


@pytest.mark.parametrize("corner", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_the_hot_quarter_is_the_one_with_the_places_colour(run: Run, corner: tuple[int, int]) -> None:
    found = class_activation(run, grey_with(BLUE, corner), 2)
    assert found.values.shape == (2, 2)
    assert np.unravel_index(found.heat().argmax(), (2, 2)) == corner
    assert found.heat()[corner] == 1


def test_of_two_objects_the_map_shows_the_one_that_was_asked_about(run: Run) -> None:
    photo = grey_with(BLUE, (0, 1))
    photo.pixels[32:, :32] = RED
    hottest = {place: class_activation(run, photo, place).heat().argmax() for place in (0, 2)}
    assert hottest == {0: 2, 2: 1}


@pytest.mark.parametrize("place", range(5))
def test_the_map_averages_to_the_logit_that_serves(run: Run, place: int) -> None:
    photo = grey_with(GREEN, (1, 1))
    found = class_activation(run, photo, place)
    session = onnxruntime.InferenceSession(run.read("model.onnx"))
    (logits,) = session.run(["logits"], {"views": make_views(photo.pixels, ViewPolicy(SIZE_PX))})
    assert found.logit == pytest.approx(float(logits[0, place]), abs=1e-5)
    assert float(found.values.mean()) + found.bias == pytest.approx(found.logit, abs=1e-5)


def test_a_photo_that_nowhere_speaks_for_a_place_is_cold_all_over(run: Run) -> None:
    photo = grey_with(GREEN, (0, 0))
    photo.pixels[:] = GREEN
    heat = class_activation(run, photo, 4).heat()
    assert heat.max() == 0


def test_a_place_that_the_network_does_not_know_has_no_map(run: Run) -> None:
    with pytest.raises(ModelRefused) as refused:
        class_activation(run, grey_with(RED, (0, 0)), 77)
    assert refused.value.code == "model.no_map"


def test_a_network_whose_logits_are_no_averages_has_no_map_and_says_so(tmp_path: Path) -> None:
    from onnx import helper, load_from_string

    model = load_from_string(tiny_onnx())
    last = model.graph.node[-1]
    last.output[0] = "nearly"
    model.graph.node.append(helper.make_node("Abs", ["nearly"], ["bent"]))
    model.graph.node.append(helper.make_node("Sum", ["bent", "bent"], ["logits"]))
    pooled = next(node for node in model.graph.node if node.op_type == "GlobalAveragePool")
    pooled.op_type = "GlobalMaxPool"
    run = write_tiny_run(tmp_path, model=model.SerializeToString())
    with pytest.raises(ModelRefused) as refused:
        class_activation(run, grey_with(RED, (0, 0)), 0)
    assert refused.value.code == "model.no_map"


@pytest.mark.parametrize("content", [b"\x0a\xff", b"\xff" * 20, b"\x0b", tiny_onnx()[:-9]])
def test_what_is_no_whole_graph_is_named_as_that(content: bytes) -> None:
    with pytest.raises(ValueError):
        last_step(content, "logits")


def test_asking_for_more_outputs_changes_no_answer() -> None:
    from tests.support.tiny_model import coloured_photo

    model, views = tiny_onnx(), make_views(coloured_photo(RED).pixels, ViewPolicy(SIZE_PX))
    step = last_step(model, "logits")
    assert step is not None
    more = onnxruntime.InferenceSession(with_outputs(model, (step.weights, *step.maps)))
    asked = ["logits", "embedding", "feature_map"]
    before = onnxruntime.InferenceSession(model).run(asked, {"views": views})
    assert all((a == b).all() for a, b in zip(before, more.run(asked, {"views": views}), strict=True))


@pytest.mark.train
@pytest.mark.parametrize("backbone", ["MobileNetV2-0.35"])
def test_it_equals_the_map_that_keras_gives(backbone: str, tmp_path: Path) -> None:
    network, run = _trained(backbone, tmp_path)
    pixels = np.random.default_rng(3).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    photo = Photo(pixels, 96, 96, "PNG", "0" * 64, pixels.size)
    views = make_views(pixels, ViewPolicy(96))
    OnnxClassifier(run).predict(photo)
    for place in range(3):
        wanted = _keras_map(network, views, place)
        found = class_activation(run, photo, place).values
        assert found.shape == wanted.shape
        assert np.abs(found - wanted).max() < 1e-3 * max(1.0, np.abs(wanted).max())


def _trained(backbone: str, folder: Path) -> tuple[Any, Run]:
    """Return a network with random weights, and the run that ships it."""
    from core.classifier.backbones import load_backbone
    from core.classifier.export import to_onnx
    from core.classifier.head import Head
    from core.classifier.network import join

    start = load_backbone(backbone, "none")
    rng, width = np.random.default_rng(1), start.output["features"].shape[1]
    head = Head(rng.normal(size=(width, 4)).astype(np.float32), rng.normal(size=4).astype(np.float32))
    network = join(start, head, 96)
    classes = tuple(ClassEntry(place, f"place-{place}") for place in range(3))
    spec = InputSpec(96, 96, "minus_one_to_one", "whole")
    return network, write_tiny_run(folder, model=to_onnx(network), classes=classes, input=spec)


def _keras_map(network: Any, views: np.ndarray, place: int) -> np.ndarray:
    """Return the map by Keras' own layers: weights times maps, each scaled as its averages are in the features."""
    import keras

    backbone = network.get_layer("backbone")
    joined = [layer for layer in backbone.layers if isinstance(layer, keras.layers.GlobalAveragePooling2D)]
    maps = keras.Model(backbone.input, [layer.input for layer in joined])(views, training=False)
    maps = maps if isinstance(maps, list) else [maps]
    features = network(views, training=False)["embedding"].numpy()[0]
    weights = network.get_layer("head").get_weights()[0][:, place]
    finest, at, total = max(cells.shape[1] for cells in maps), 0, 0.0
    for cells in (np.asarray(one)[0] for one in maps):
        mine = slice(at, at + cells.shape[2])
        scale = features[mine] @ cells.mean(axis=(0, 1)) / (cells.mean(axis=(0, 1)) ** 2).sum()
        grown = (cells @ weights[mine] * scale).repeat(finest // cells.shape[0], 0).repeat(finest // cells.shape[1], 1)
        total, at = total + grown, at + cells.shape[2]
    return np.asarray(total)
