"""The loaded classifier: right numbers, many threads, and no model that is not what it says."""

import io
import json
import math
import pickle
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.classifier.predict import OnnxClassifier
from core.domain.photo import Photo
from core.errors import ModelRefused
from core.weights.folder import open_run
from core.weights.manifest import Calibration, ClassEntry, InputSpec
from tests.support.tiny_model import (
    COLOURS,
    GREY,
    SIZE_PX,
    SLUGS,
    coloured_photo,
    tiny_manifest,
    tiny_onnx,
    write_tiny_run,
)

HEAVY = {"tensorflow", "keras", "torch", "ultralytics", "sklearn", "tf2onnx", "onnx", "pandas", "streamlit"}
ANSWER_ONCE = """
import json, sys
from pathlib import Path
from core.classifier.predict import OnnxClassifier
from core.weights.folder import open_run
from tests.support.tiny_model import coloured_photo
scores = OnnxClassifier(open_run(Path(sys.argv[1]), "tiny")).predict(coloured_photo((255, 0, 255)))
print(json.dumps([int(scores.probabilities.argmax()), sorted({name.split(".")[0] for name in sys.modules})]))
"""


class Touches:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.marker,)


@pytest.fixture
def classifier(tmp_path: Path) -> OnnxClassifier:
    return OnnxClassifier(write_tiny_run(tmp_path))


def test_each_colour_is_its_place_and_grey_is_none_of_them(classifier: OnnxClassifier) -> None:
    for class_id, colour in enumerate(COLOURS):
        scores = classifier.predict(coloured_photo(colour))
        assert scores.class_ids[int(scores.probabilities.argmax())] == class_id
        assert scores.acceptance > 0.9
    grey = classifier.predict(coloured_photo(GREY))
    assert grey.none_probability > 0.9
    assert grey.acceptance < grey.threshold == 0.5


def test_the_numbers_are_those_worked_out_by_hand(classifier: OnnxClassifier) -> None:
    scores = classifier.predict(coloured_photo((255, 0, 0)))
    distances = [np.square((np.array(c) - (255, 0, 0)) / 127.5).sum() for c in (*COLOURS, GREY)]
    powers = np.exp(-2.0 * np.array(distances))
    assert scores.probabilities == pytest.approx(powers[:5] / powers.sum(), abs=1e-6)
    assert scores.none_probability == pytest.approx(powers[5] / powers.sum(), abs=1e-6)
    assert scores.acceptance == pytest.approx(1 - scores.none_probability, abs=1e-6)
    assert scores.embedding == pytest.approx([0.5, -0.5, -0.5, 0.5], abs=1e-6)
    assert scores.probabilities.dtype == scores.embedding.dtype == np.float32


def test_the_temperature_divides_the_logits(tmp_path: Path) -> None:
    calibration = Calibration(2.0, "max_probability", 0.7, 0.05, True)
    scores = OnnxClassifier(write_tiny_run(tmp_path, calibration=calibration)).predict(coloured_photo(COLOURS[0]))
    distances = [np.square((np.array(c) - COLOURS[0]) / 127.5).sum() for c in (*COLOURS, GREY)]
    powers = np.exp(-np.array(distances))
    assert scores.probabilities[0] == pytest.approx(powers[0] / powers.sum(), abs=1e-6)
    assert scores.acceptance == pytest.approx(float(scores.probabilities.max()))
    assert scores.threshold == 0.7


def test_a_network_without_none_output_gives_all_to_the_places(tmp_path: Path) -> None:
    calibration = Calibration(1.0, "max_probability", 0.7, 0.05, False)
    run = write_tiny_run(tmp_path, model=tiny_onnx(COLOURS), has_none_output=False, calibration=calibration)
    scores = OnnxClassifier(run).predict(coloured_photo(GREY))
    assert scores.none_probability == 0.0
    assert scores.probabilities.sum() == pytest.approx(1.0)


def test_class_numbers_come_from_the_manifest_not_from_the_position(tmp_path: Path) -> None:
    numbers = (7, 0, 12, 3, 100)
    classes = tuple(ClassEntry(number, slug) for number, slug in zip(numbers, SLUGS, strict=True))
    classifier = OnnxClassifier(write_tiny_run(tmp_path, classes=classes))
    assert classifier.class_ids == numbers
    assert classifier.predict(coloured_photo(COLOURS[1])).class_ids == numbers


def test_views_are_averaged_and_the_feature_map_is_the_whole_photos(tmp_path: Path) -> None:
    spec = InputSpec(SIZE_PX, SIZE_PX, "minus_one_to_one", "whole+centre")
    classifier = OnnxClassifier(write_tiny_run(tmp_path, input=spec))
    pixels = np.zeros((SIZE_PX, 2 * SIZE_PX, 3), np.uint8)
    pixels[:, SIZE_PX:, 0] = 255  # the right half is red; so is the right half of the centre
    pixels[:, 2 * SIZE_PX - 32 :, 2] = 255  # its outer part is magenta; the centre does not see it
    scores = classifier.predict(Photo(pixels, 2 * SIZE_PX, SIZE_PX, "PNG", "0" * 64, 1))
    whole, centre = np.array([0, -1, -0.5, 1.0]), np.array([0, -1, -1, 1.0])
    mean = whole / np.linalg.norm(whole) + centre / np.linalg.norm(centre)
    assert scores.embedding == pytest.approx(mean / np.linalg.norm(mean), abs=0.01)
    points = np.array((*COLOURS, GREY)) / 127.5 - 1
    logits = [-2 * np.square(view[:3] - points).sum(axis=1) + 2 * np.square(view[:3]).sum() for view in (whole, centre)]
    powers = np.exp(np.mean(logits, axis=0))
    assert scores.probabilities == pytest.approx((powers / powers.sum())[:5], abs=0.01)
    assert scores.feature_map is not None
    assert scores.feature_map.shape == (2, 2, 4)
    assert scores.feature_map[0, :, 2] == pytest.approx([-1, 0], abs=0.05)  # blue only at the right of the whole photo


def test_a_batch_is_the_answers_in_order(classifier: OnnxClassifier) -> None:
    answers = classifier.predict_batch([coloured_photo(colour) for colour in COLOURS])
    assert [int(scores.probabilities.argmax()) for scores in answers] == [0, 1, 2, 3, 4]


def test_fifty_callers_at_once_each_get_their_own_answer(classifier: OnnxClassifier) -> None:
    wanted = [number % 5 for number in range(300)]
    with ThreadPoolExecutor(50) as callers:
        answers = list(callers.map(lambda number: classifier.predict(coloured_photo(COLOURS[number])), wanted))
    assert [int(scores.probabilities.argmax()) for scores in answers] == wanted
    assert len({scores.probabilities.tobytes() for scores in answers}) == 5


def test_an_answer_needs_none_of_the_heavy_libraries(tmp_path: Path) -> None:
    write_tiny_run(tmp_path)
    child = subprocess.run(
        [sys.executable, "-c", ANSWER_ONCE, str(tmp_path)], capture_output=True, check=True, text=True
    )
    best, modules = json.loads(child.stdout)
    assert best == 4
    assert not HEAVY & set(modules)


def test_the_shorter_side_that_it_wants_is_its_policys(tmp_path: Path) -> None:
    spec = InputSpec(SIZE_PX, SIZE_PX, "minus_one_to_one", "whole+corners")
    assert OnnxClassifier(write_tiny_run(tmp_path, input=spec)).need_px == math.ceil(SIZE_PX / 0.875)


def keras_archive() -> bytes:
    """Return a .keras file whose Lambda would run code."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(
            "config.json", json.dumps({"class_name": "Lambda", "config": {"function": "__import__('os')"}})
        )
    return buffer.getvalue()


@pytest.mark.parametrize(
    "model",
    [b"", b"\0" * 1000, b"\x89HDF\r\n\x1a\n" + b"\0" * 500, keras_archive(), tiny_onnx()[:-1], tiny_onnx()[:500]],
    ids=["empty", "zeros", "h5", "keras", "truncated", "cut"],
)
def test_what_is_no_network_is_refused_though_its_hash_fits(tmp_path: Path, model: bytes) -> None:
    run = write_tiny_run(tmp_path, model=model)
    with pytest.raises(ModelRefused) as refused:
        OnnxClassifier(run)
    assert refused.value.code == "model.broken"
    assert refused.value.values == {"run_id": "tiny", "file": "model.onnx"}


def test_a_pickle_in_place_of_the_model_is_refused_and_not_opened(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    run = write_tiny_run(tmp_path / "weights", model=pickle.dumps(Touches(marker)))
    with pytest.raises(ModelRefused, match=r"model\.broken"):
        OnnxClassifier(run)
    assert not marker.exists()


def test_a_model_exchanged_after_the_run_was_opened_never_reaches_the_parser(tmp_path: Path) -> None:
    write_tiny_run(tmp_path)
    run = open_run(tmp_path, "tiny")
    (run.folder / "model.onnx").write_bytes(tiny_onnx((GREY,) * 6))  # a sound network, but not the one
    with pytest.raises(ModelRefused, match=r"model\.mismatch"):
        OnnxClassifier(run)


def test_a_model_that_reads_other_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from onnx import load_from_string

    secret = tmp_path / "secret.bin"
    secret.write_bytes(bytes(200_000))
    monkeypatch.chdir(tmp_path)
    for location in (str(secret), "secret.bin", "../secret.bin"):
        model = load_from_string(tiny_onnx())
        tensor = next(tensor for tensor in model.graph.initializer if tensor.name == "cell")
        tensor.ClearField("raw_data")
        tensor.data_location = 1  # EXTERNAL
        for key, value in (("location", location), ("length", str(4 * 3 * 32 * 32 * 4))):
            tensor.external_data.add(key=key, value=value)
        run = write_tiny_run(tmp_path / f"weights-{len(location)}", model=model.SerializeToString())
        with pytest.raises(ModelRefused, match=r"model\.broken"):
            OnnxClassifier(run)


def test_a_class_list_of_another_length_is_refused(tmp_path: Path) -> None:
    for extra in ((*tiny_manifest().classes, ClassEntry(5, "sixth")), tiny_manifest().classes[:-1]):
        run = write_tiny_run(tmp_path / str(len(extra)), classes=extra)
        with pytest.raises(ModelRefused) as refused:
            OnnxClassifier(run)
        assert refused.value.code == "model.classes"
        assert (refused.value.values["expected"], refused.value.values["found"]) == (len(extra) + 1, 6)


def test_a_network_that_computes_no_numbers_is_refused(tmp_path: Path) -> None:
    run = write_tiny_run(tmp_path, model=tiny_onnx(not_a_number=True))
    with pytest.raises(ModelRefused, match=r"model\.broken"):
        OnnxClassifier(run)


def test_other_outputs_than_agreed_are_refused(tmp_path: Path) -> None:
    wrong = {
        "extra": tiny_onnx(extra_output=True),
        "renamed": tiny_onnx(rename={"feature_map": "features"}),
        "exchanged": tiny_onnx(rename={"embedding": "logits", "logits": "embedding"}),
        "smaller": tiny_onnx(size_px=32),
    }
    for name, model in wrong.items():
        with pytest.raises(ModelRefused, match=r"model\.(outputs|classes)"):
            OnnxClassifier(write_tiny_run(tmp_path / name, model=model))


def test_views_that_this_version_does_not_know_are_refused(tmp_path: Path) -> None:
    for views, scaling in (("upside-down", "minus_one_to_one"), ("whole", "zero_to_one")):
        run = write_tiny_run(tmp_path / views, input=InputSpec(SIZE_PX, SIZE_PX, scaling, views))
        with pytest.raises(ModelRefused, match=r"model\.input"):
            OnnxClassifier(run)


def test_a_refused_model_leaves_the_one_before_answering_and_nothing_behind(tmp_path: Path) -> None:
    serving = OnnxClassifier(write_tiny_run(tmp_path, "good"))
    before = serving.predict(coloured_photo(COLOURS[2]))
    files = sorted(tmp_path.rglob("*"))
    run = write_tiny_run(tmp_path, "bad", model=b"hostile")
    with pytest.raises(ModelRefused):
        OnnxClassifier(run)
    assert (serving.predict(coloured_photo(COLOURS[2])).probabilities == before.probabilities).all()
    assert sorted(path for path in tmp_path.rglob("*") if "bad" not in path.parts) == files


def test_the_same_photo_gives_the_same_numbers_after_loading_again(tmp_path: Path) -> None:
    write_tiny_run(tmp_path)
    photos = [coloured_photo((17 * n % 256, 53 * n % 256, 91 * n % 256)) for n in range(32)]
    first, second = (OnnxClassifier(open_run(tmp_path, "tiny")).predict_batch(photos) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        assert np.abs(one.probabilities - other.probabilities).max() <= 1e-6
