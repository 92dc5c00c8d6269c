"""`train fusion`: a tree from the records of the runs in service, or of runs that are named; promoted when asked to."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.cli import compose
from core.db.releases import ReleaseRepository
from core.errors import Conflict, InvalidInput, ModelRefused
from core.weights.folder import open_detector_run, open_fusion_run, write_run
from core.weights.release import current_release, open_fusion
from tests.cli.conftest import call
from tests.support.boxed_run import boxes_csv
from tests.support.fused import KNOWN, STRANGERS


def test_a_tree_is_fitted_on_the_runs_in_service_and_put_beside_them(weights: Path) -> None:
    document = json.loads(call("train", "fusion", "--promote", "--json").stdout)
    manifest = open_fusion_run(weights, document["run_id"]).manifest
    assert manifest.detector is not None
    assert (manifest.classifier.run_id, manifest.detector.run_id) == ("witness", "boxer")
    assert (manifest.data.photos, manifest.data.unknown) == (KNOWN + STRANGERS, STRANGERS)
    assert document["scores"]["held_out_fused_right"]["n"] == KNOWN
    release = current_release(ReleaseRepository(compose.database()), weights)
    assert release.label == f"1:witness+boxer+{document['run_id']}"
    assert open_fusion(release, weights) is not None


def test_it_tells_the_table_of_all_witnesses_and_writes_each_decision_down(weights: Path) -> None:
    told = call("train", "fusion", "--classifier", "witness").stdout
    assert "| fused | held out in folds |" in told
    assert "| detector |" not in told
    run_id = next(path.name for path in weights.glob("fusion-*"))
    lines = open_fusion_run(weights, run_id).read("decisions.csv").decode().splitlines()
    assert lines[0] == "sha256,group,part,class_id,fused,classifier,gallery,score,confidence"
    assert len(lines) == 1 + KNOWN + STRANGERS


def test_a_tree_of_other_runs_than_those_in_service_is_not_promoted(weights: Path) -> None:
    with pytest.raises(Conflict) as refusal:
        call("train", "fusion", "--classifier", "witness", "--promote")
    assert refusal.value.code == "release.fusion_of_others"


def test_too_few_known_photos_are_said_with_what_was_left_out(weights: Path) -> None:
    """The detector was asked about three photos only, and none is of a known place."""
    found = open_detector_run(weights, "boxer")
    contents = {"model.onnx": found.read("model.onnx"), "boxes.csv": boxes_csv()}
    write_run(weights, replace(found.manifest, run_id="asked-little"), contents)
    with pytest.raises(InvalidInput) as refusal:
        call("train", "fusion", "--detector", "asked-little")
    assert refusal.value.code == "fusion.few_photos"
    assert refusal.value.values == {"photos": 3, "least": 20, "left_out": KNOWN + STRANGERS - 3}


def test_a_detector_that_says_nothing_of_strangers_is_no_ground_for_a_threshold(weights: Path) -> None:
    """Of 120 photos it was asked about 40 known ones and ten strangers."""
    found = open_detector_run(weights, "boxer")
    header, *lines = found.read("boxes.csv").decode().splitlines()
    asked = "\n".join([header, *lines[:40], *lines[60:70]]) + "\n"
    contents = {"model.onnx": found.read("model.onnx"), "boxes.csv": asked.encode()}
    write_run(weights, replace(found.manifest, run_id="no-strangers"), contents)
    with pytest.raises(InvalidInput) as refusal:
        call("train", "fusion", "--detector", "no-strangers")
    assert refusal.value.code == "fusion.few_strangers"


def test_a_run_that_says_nothing_of_its_photos_is_refused(weights: Path) -> None:
    with pytest.raises(ModelRefused) as refusal:
        call("train", "fusion", "--classifier", "tiny")
    assert refusal.value.code == "model.missing"
