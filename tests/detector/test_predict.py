"""Answering with an exported detector: boxes in the photo's own pixels, and what is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.detector.predict import OnnxDetector
from core.domain.photo import Photo
from core.errors import ModelRefused
from core.weights.folder import open_detector_run, open_run, write_run
from tests.support.tiny_detector import LABELS, tiny_detector_manifest, tiny_detector_onnx, write_tiny_detector
from tests.support.tiny_model import write_tiny_run


def test_a_red_corner_is_found_where_it_is(tmp_path: Path) -> None:
    detector = OnnxDetector(write_tiny_detector(tmp_path), threads=1)

    (found,) = detector.predict(_photo(256, 256, red=(0, 0, 64, 64)))

    assert (found.label, found.class_id) == ("osulloc-stone-tower", 0)
    assert found.xyxy_px == pytest.approx((0, 0, 64, 64), abs=0.01)
    assert found.confidence > 0.99


def test_boxes_are_in_pixels_of_the_photo_however_small_it_was_decoded(tmp_path: Path) -> None:
    detector = OnnxDetector(write_tiny_detector(tmp_path), threads=1)
    small = _photo(256, 256, red=(0, 0, 64, 64))

    (found,) = detector.predict(replace(small, width_px=4096, height_px=4096))

    assert found.xyxy_px == pytest.approx((0, 0, 1024, 1024), abs=0.2)


def test_a_lower_confidence_can_be_asked_for(tmp_path: Path) -> None:
    detector = OnnxDetector(write_tiny_detector(tmp_path), threads=1)

    dim = _photo(128, 128, red=(0, 0, 32, 32), level=120)

    assert not detector.predict(dim)
    assert len(detector.predict(dim, confidence=0.1)) == 1


def test_places_that_it_knows_are_named_once(tmp_path: Path) -> None:
    manifest = tiny_detector_manifest(labels=(LABELS[0], replace(LABELS[1], class_id=0)))
    run = write_run(tmp_path, manifest, {"model.onnx": tiny_detector_onnx()})

    assert OnnxDetector(run, threads=1).class_ids == (0,)


@pytest.mark.parametrize(
    ("model", "code"),
    [
        (b"not a network", "model.broken"),
        (tiny_detector_onnx()[:-200], "model.broken"),
        (tiny_detector_onnx(not_a_number=True), "model.broken"),
        (tiny_detector_onnx(labels=3), "model.classes"),
        (tiny_detector_onnx(output="boxes"), "model.outputs"),
    ],
)
def test_a_model_that_cannot_serve_is_refused_at_once(tmp_path: Path, model: bytes, code: str) -> None:
    with pytest.raises(ModelRefused) as refused:
        OnnxDetector(write_tiny_detector(tmp_path, model=model), threads=1)

    assert refused.value.code == code


def test_a_model_file_that_was_exchanged_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    run = write_tiny_detector(tmp_path)
    (run.folder / "model.onnx").write_bytes(tiny_detector_onnx(labels=3))

    with pytest.raises(ModelRefused, match=r"model\.mismatch"):
        open_detector_run(tmp_path, "tiny-detector")
    with pytest.raises(ModelRefused, match=r"model\.mismatch"):
        OnnxDetector(run, threads=1)


def test_a_run_of_the_other_kind_is_refused(tmp_path: Path) -> None:
    write_tiny_detector(tmp_path)
    write_tiny_run(tmp_path)

    with pytest.raises(ModelRefused, match=r"model\.task"):
        open_run(tmp_path, "tiny-detector")
    with pytest.raises(ModelRefused, match=r"model\.task"):
        open_detector_run(tmp_path, "tiny")


def _photo(width: int, height: int, red: tuple[int, int, int, int] | None = None, level: int = 255) -> Photo:
    pixels = np.zeros((height, width, 3), np.uint8)
    if red:
        left, top, right, bottom = red
        pixels[top:bottom, left:right, 0] = level
    return Photo(pixels, width, height, "PNG", "0" * 64, pixels.size)
