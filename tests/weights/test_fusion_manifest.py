"""The manifest of a fusion tree: written and read back strictly, and it names the runs that it was fitted on."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ModelRefused
from core.weights.folder import list_runs, open_fusion_run, open_run, task_of
from core.weights.fusion_manifest import FittedOn
from core.weights.manifest_file import parse_manifest, to_json
from tests.support.fused_run import fusion_manifest, write_tree_run

MANIFEST = fusion_manifest("fusion-hand", FittedOn("first", "a" * 64), FittedOn("boxer", "b" * 64))


def test_a_manifest_is_read_back_as_it_was_written() -> None:
    assert parse_manifest(to_json(MANIFEST), "fusion-hand") == MANIFEST


@pytest.mark.parametrize("changes", [{"depth": 6}, {"classifier": None}, {"surprise": 1}, {"target_false_accept": 2.0}])
def test_what_says_something_else_is_refused(changes: dict[str, object]) -> None:
    document = {**json.loads(to_json(MANIFEST)), **changes}
    with pytest.raises(ModelRefused):
        parse_manifest(json.dumps(document).encode(), "fusion-hand")


def test_it_fits_the_very_runs_that_it_was_fitted_on_and_no_others() -> None:
    assert MANIFEST.fits("a" * 64, "b" * 64)
    assert not MANIFEST.fits("c" * 64, "b" * 64)
    assert not MANIFEST.fits("a" * 64, "")
    alone = replace(MANIFEST, detector=None)
    assert alone.fits("a" * 64, "")
    assert not alone.fits("a" * 64, "b" * 64)


def test_its_run_is_listed_and_opened_as_what_it_is(tmp_path: Path) -> None:
    run = write_tree_run(tmp_path, MANIFEST.classifier, MANIFEST.detector)
    assert [manifest.task for manifest in list_runs(tmp_path)] == ["fusion"]
    assert task_of(tmp_path, "fusion-hand") == "fusion"
    assert open_fusion_run(tmp_path, "fusion-hand", run.sha256) == run
    with pytest.raises(ModelRefused) as refusal:
        open_run(tmp_path, "fusion-hand")
    assert refusal.value.code == "model.task"


def test_a_tree_that_was_exchanged_is_not_opened(tmp_path: Path) -> None:
    run = write_tree_run(tmp_path, MANIFEST.classifier, MANIFEST.detector)
    (run.folder / "tree.json").write_text("{}")
    with pytest.raises(ModelRefused) as refusal:
        open_fusion_run(tmp_path, "fusion-hand")
    assert refusal.value.code == "model.mismatch"
