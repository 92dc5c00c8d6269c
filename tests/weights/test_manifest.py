"""The manifest is read strictly: what is not exactly as it should be refuses the model."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import ModelRefused
from core.weights.manifest import Calibration, ClassEntry
from core.weights.manifest_file import parse_manifest, to_json
from tests.support.tiny_model import tiny_manifest

Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> bytes:
    """Return a good manifest's bytes after `change` to its JSON."""
    document = json.loads(to_json(tiny_manifest()))
    change(document)
    return json.dumps(document).encode()


def test_what_is_written_is_read_back_the_same() -> None:
    manifest = tiny_manifest(files={"model.onnx": "0" * 64})
    assert parse_manifest(to_json(manifest), "tiny") == manifest


def test_the_file_is_for_people_too() -> None:
    text = to_json(tiny_manifest()).decode()
    assert text.endswith("}\n")
    assert '\n    "temperature": 1.0,\n' in text


def test_class_zero_is_a_class() -> None:
    assert tiny_manifest().class_ids == (0, 1, 2, 3, 4)
    assert tiny_manifest().output_count == 6
    assert tiny_manifest(has_none_output=False).output_count == 5


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("architecture", lambda d: d.pop("architecture")),
        ("surprise", lambda d: d.update(surprise=1)),
        ("input.depth", lambda d: d["input"].update(depth=3)),
        ("scores.right.k", lambda d: d["scores"]["right"].pop("k")),
        ("scores.right.extra", lambda d: d["scores"]["right"].update(extra=1)),
        ("has_none_output", lambda d: d.update(has_none_output="yes")),
        ("classes.0.class_id", lambda d: d["classes"][0].update(class_id="0")),
        ("classes.0.class_id", lambda d: d["classes"][0].update(class_id=-1)),
        ("classes.1.class_id", lambda d: d["classes"][1].update(class_id=True)),
        ("classes.0.slug", lambda d: d["classes"][0].update(slug="../etc")),
        ("classes", lambda d: d.update(classes=[], files={"model.onnx": "0" * 64})),
        ("classes", lambda d: d.update(classes=None)),
        ("input.width_px", lambda d: d["input"].update(width_px=224.5)),
        ("input", lambda d: d["input"].update(width_px=96)),
        ("calibration.temperature", lambda d: d["calibration"].update(temperature=0)),
        ("calibration.temperature", lambda d: d["calibration"].update(temperature=float("nan"))),
        ("calibration.temperature", lambda d: d["calibration"].update(temperature=float("inf"))),
        ("calibration.threshold", lambda d: d["calibration"].update(threshold=1.5)),
        ("calibration.acceptance", lambda d: d["calibration"].update(acceptance="mood")),
        ("calibration.acceptance", lambda d: d.update(has_none_output=False)),
        ("files.model.onnx", lambda d: d.update(files={"model.onnx": "short"})),
        ("files.model.onnx", lambda d: d.update(files={"model.onnx": "A" * 64})),
        ("files", lambda d: d.update(files={"manifest.json": "0" * 64})),
        ("created_at", lambda d: d.update(created_at="2026-11-01T00:00:00")),
        ("task", lambda d: d.update(task="poem")),
        ("input.size_px", lambda d: d.update(task="detector")),
        ("run_id", lambda d: d.update(run_id="other")),
    ],
)
def test_a_wrong_field_is_named(field: str, change: Change) -> None:
    with pytest.raises(ModelRefused) as refused:
        parse_manifest(changed(change), "tiny")
    assert refused.value.code == "model.manifest"
    assert refused.value.values["file"] == "manifest.json"
    assert refused.value.values["field"] == field


@pytest.mark.parametrize("name", ["../model.onnx", "/etc/passwd", "a/b", ".hidden", "", "model.onnx\n", "C:\\m"])
def test_a_file_name_stays_inside_the_folder(name: str) -> None:
    with pytest.raises(ModelRefused, match=r"model\.manifest"):
        parse_manifest(changed(lambda d: d.update(files={name: "0" * 64})), "tiny")


@pytest.mark.parametrize("found", [0, 2, "1", None])
def test_another_format_is_refused_as_such(found: object) -> None:
    with pytest.raises(ModelRefused, match=r"model\.format"):
        parse_manifest(changed(lambda d: d.update(format=found)), "tiny")


@pytest.mark.parametrize("key", ["format", "task"])
def test_a_manifest_that_does_not_say_what_it_is_is_refused(key: str) -> None:
    with pytest.raises(ModelRefused, match=r"model\.format"):
        parse_manifest(changed(lambda d: d.pop(key)), "tiny")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"format": 1e999}'])
def test_what_is_no_manifest_at_all_is_refused(content: bytes) -> None:
    with pytest.raises(ModelRefused, match=r"model\.(format|manifest)"):
        parse_manifest(content, "tiny")


@pytest.mark.parametrize("twin", [ClassEntry(0, "other"), ClassEntry(9, "osulloc")])
def test_two_outputs_for_one_place_are_refused(twin: ClassEntry) -> None:
    with pytest.raises(ModelRefused, match=r"model\.classes"):
        to_json(tiny_manifest(classes=(*tiny_manifest().classes, twin)))


def test_what_no_reader_would_accept_is_not_written() -> None:
    with pytest.raises(ModelRefused, match=r"calibration\.threshold"):
        to_json(tiny_manifest(calibration=Calibration(1.0, "known_mass", float("nan"), 0.05, True)))


def test_a_manifest_from_before_data_sets_were_frozen_still_opens() -> None:
    def forget(document: dict[str, Any]) -> None:
        for name in ("test", "snapshot_id", "snapshot_fingerprint"):
            document["data"].pop(name)

    data = parse_manifest(changed(forget), "tiny").data
    assert (data.test, data.snapshot_id, data.snapshot_fingerprint) == (0, "", "")
