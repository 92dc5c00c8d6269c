"""Boxes in the answer, from a detector that marks red (osulloc) and green (manjanggul) cells."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.detector.predict import OnnxDetector
from core.domain.answer import Witness
from core.domain.photo import Photo
from core.identify import Models, as_document, identify_photo
from core.identify.models import ModelShelf
from core.weights.folder import write_run
from core.weights.release import write_default
from tests.support.places import ListedPlaces, make_place
from tests.support.tiny_detector import tiny_detector_manifest, tiny_detector_onnx, write_tiny_detector
from tests.support.tiny_model import SLUGS, write_tiny_run
from tests.weights.test_release import ListedReleases

PLACES = ListedPlaces(tuple(make_place(class_id, slug) for class_id, slug in enumerate(SLUGS)))
RED, GREEN, FAINT_RED = (255, 0, 0), (0, 255, 0), (120, 0, 0)  # the last scores 0.24


@pytest.fixture
def both(models: Models, tmp_path: Path) -> Models:
    """The models that tell colours, with the detector beside them."""
    return replace(models, detector=OnnxDetector(write_tiny_detector(tmp_path), threads=1), release="3:tiny+eyes")


def painted(*cells: tuple[int, int, tuple[int, int, int]], wide_px: int = 256, high_px: int = 192) -> Photo:
    """Return a black photo with cells of 64 pixels, each a column, a row and a colour; 32 in the network's input."""
    pixels = np.zeros((high_px, wide_px, 3), np.uint8)
    for column, row, colour in cells:
        pixels[row * 64 : (row + 1) * 64, column * 64 : (column + 1) * 64] = colour
    return Photo(pixels, wide_px, high_px, "PNG", "0" * 64, pixels.size)


def test_boxes_are_in_pixels_of_the_photo_and_the_most_confident_stands_first(both: Models) -> None:
    photo = painted((0, 0, RED), (3, 2, GREEN))
    answer = identify_photo(replace(photo, width_px=1024, height_px=768), both, PLACES)
    found = {box.label: box for box in answer.boxes}
    assert found["osulloc-stone-tower"].xyxy_px == pytest.approx((0, 0, 256, 256), abs=0.1)
    assert found["manjanggul-lava-column"].xyxy_px == pytest.approx((768, 512, 1024, 768), abs=0.1)
    assert [found[label].class_id for label in sorted(found)] == [1, 0]
    assert (answer.size_px, answer.box_threshold) == ((1024, 768), 0.5)
    assert [box.confidence for box in answer.boxes] == sorted((b.confidence for b in answer.boxes), reverse=True)


def test_boxes_too_faint_to_count_are_kept_apart(both: Models) -> None:
    answer = identify_photo(painted((0, 0, RED), (2, 1, FAINT_RED)), both, PLACES)
    (sure,), (faint,) = answer.boxes, answer.faint_boxes
    assert sure.confidence >= 0.5 > faint.confidence > 0.05
    assert faint.xyxy_px == pytest.approx((128, 64, 192, 128), abs=0.1)
    assert len(as_document("a.jpg", answer, "en")["boxes"]) == 1


def test_boxes_of_a_retired_place_are_left_out(both: Models) -> None:
    some = ListedPlaces(tuple(replace(place, retired=place.slug == "osulloc") for place in PLACES.places))
    answer = identify_photo(painted((0, 0, RED), (1, 1, FAINT_RED), (3, 2, GREEN)), both, some)
    assert [box.label for box in (*answer.boxes, *answer.faint_boxes)] == ["manjanggul-lava-column"]


def test_the_detector_is_a_witness_with_a_time_of_its_own_and_changes_no_score(models: Models, both: Models) -> None:
    photo = painted((0, 0, RED))
    alone, together = identify_photo(photo, models, PLACES), identify_photo(photo, both, PLACES)
    assert together.witnesses == (Witness.CLASSIFIER, Witness.DETECTOR)
    assert alone.witnesses == (Witness.CLASSIFIER,)
    assert together.timings_ms["detector"] > 0 and "detector" not in alone.timings_ms
    assert (alone.boxes, alone.faint_boxes, alone.box_threshold) == ((), (), 0.0)
    assert (together.place, together.confidence, together.scores) == (alone.place, alone.confidence, alone.scores)


def test_a_photo_without_parts_has_no_boxes(both: Models) -> None:
    document = as_document("a.jpg", identify_photo(painted(), both, PLACES), "en")
    assert (document["boxes"], document["witnesses"]) == ([], ["classifier", "detector"])


def test_a_box_in_json_says_what_where_and_how_sure(both: Models) -> None:
    (box,) = json.loads(json.dumps(as_document("a.jpg", identify_photo(painted((1, 1, GREEN)), both, PLACES), "en")))[
        "boxes"
    ]
    assert (box["class_id"], box["label"]) == (1, "manjanggul-lava-column")
    assert box["xyxy_px"] == pytest.approx([64, 64, 128, 128], abs=0.1)
    assert 0.5 <= box["confidence"] <= 1


def test_the_release_names_both_and_the_photo_is_decoded_for_the_hungrier(tmp_path: Path) -> None:
    write_tiny_run(tmp_path)
    write_tiny_detector(tmp_path, "eyes")
    write_default(tmp_path, "tiny", "eyes")
    models = ModelShelf(ListedReleases(), tmp_path, threads=1).current()
    assert identify_photo(painted(), models, PLACES).release == "shipped:tiny+eyes"
    assert models.detector is not None
    assert models.need_px == models.detector.need_px == 128


def test_a_threshold_below_the_faintest_is_kept(models: Models, tmp_path: Path) -> None:
    manifest = tiny_detector_manifest()
    eager = replace(manifest, thresholds=replace(manifest.thresholds, confidence=0.01))
    detector = OnnxDetector(write_run(tmp_path, eager, {"model.onnx": tiny_detector_onnx()}), threads=1)
    answer = identify_photo(painted((0, 0, (105, 0, 0))), replace(models, detector=detector), PLACES)
    (box,) = answer.boxes
    assert 0.01 <= box.confidence < 0.05
    assert answer.faint_boxes == ()
