"""A detector's manifest is read as strictly as a classifier's."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.errors import ModelRefused
from core.weights.detector_manifest import DetectorManifest
from core.weights.manifest_file import parse_manifest, to_json
from tests.support.tiny_detector import LABELS, tiny_detector_manifest

Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> bytes:
    """Return a good manifest's bytes after `change` to its JSON."""
    document = json.loads(to_json(tiny_detector_manifest()))
    change(document)
    return json.dumps(document).encode()


def test_what_is_written_is_read_back_the_same() -> None:
    manifest = tiny_detector_manifest(files={"model.onnx": "0" * 64})
    read = parse_manifest(to_json(manifest), "tiny-detector")
    assert read == manifest
    assert isinstance(read, DetectorManifest)
    assert (read.task, read.format) == ("detector", 1)


def test_places_are_counted_once_and_place_zero_is_one() -> None:
    twice = (*LABELS, replace(LABELS[0], label_id=9, slug="osulloc-gate"))
    assert tiny_detector_manifest(labels=twice).class_ids == (0, 1)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("architecture", lambda d: d.pop("architecture")),
        ("surprise", lambda d: d.update(surprise=1)),
        ("classes", lambda d: d.update(classes=[])),
        ("input.size_px", lambda d: d["input"].update(size_px=0)),
        ("input.size_px", lambda d: d["input"].update(size_px=100_000)),
        ("input.stride_px", lambda d: d["input"].update(stride_px="32")),
        ("input.rectangular", lambda d: d["input"].update(rectangular=1)),
        ("labels", lambda d: d.update(labels=None)),
        ("labels.0.label_id", lambda d: d["labels"][0].update(label_id=-1)),
        ("labels.1.class_id", lambda d: d["labels"][1].update(class_id=True)),
        ("labels.0.slug", lambda d: d["labels"][0].update(slug="../tower")),
        ("labels.0.place_slug", lambda d: d["labels"][0].update(place_slug="오설록")),
        ("thresholds.confidence", lambda d: d["thresholds"].update(confidence=1.5)),
        ("thresholds.iou", lambda d: d["thresholds"].update(iou=float("nan"))),
        ("files.model.onnx", lambda d: d.update(files={"model.onnx": "short"})),
        ("files", lambda d: d.update(files={"manifest.json": "0" * 64})),
        ("run_id", lambda d: d.update(run_id="other")),
        ("input.width_px", lambda d: d.update(task="classifier")),
    ],
)
def test_a_wrong_field_is_named(field: str, change: Change) -> None:
    with pytest.raises(ModelRefused) as refused:
        parse_manifest(changed(change), "tiny-detector")
    assert (refused.value.code, refused.value.values["field"]) == ("model.manifest", field)


@pytest.mark.parametrize("twin", [replace(LABELS[0], slug="other"), replace(LABELS[0], label_id=9)])
def test_two_outputs_for_one_part_are_refused(twin: Any) -> None:
    with pytest.raises(ModelRefused, match=r"model\.classes"):
        to_json(tiny_detector_manifest(labels=(*LABELS, twin)))


def test_a_model_that_finds_nothing_is_refused() -> None:
    with pytest.raises(ModelRefused, match=r"model\.manifest.*labels"):
        to_json(tiny_detector_manifest(labels=(), files={"model.onnx": "0" * 64}))
