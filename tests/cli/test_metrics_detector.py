"""`metrics RUN` of a detector: scores of boxes, and the curves of a training that watched other photos."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from core.cli import compose
from core.cli.application import app
from core.domain.score import Score
from core.weights.folder import write_run
from tests.cli.conftest import call
from tests.support.tiny_detector import tiny_detector_manifest, tiny_detector_onnx

# As our own trainings write it: what ships watched nothing.
EPOCHS = b"""part,epoch,train/box_loss,metrics/precision,metrics/recall,metrics/mAP50-95
fold 0,1,1.5,0.25,0.5,0.125
fold 0,2,1.25,0.5,0.5,0.25
fold 1,1,1.5,0.25,0.5,0.375
fold 1,2,1.25,0.75,0.625,0.25
all,1,1.5,,,
all,2,1.0,,,
"""
SCORES = {
    "held_out_precision": Score(0.9, 0.7, 0.97, 18, 20),
    "held_out_recall": Score(0.75, 0.5, 0.9, 18, 24),
    "held_out_map50": Score(0.8, 0.6, 0.95, None, 24),
    "held_out_strangers_marked": Score(0.1, 0.02, 0.4, 1, 10),
}


@pytest.fixture
def write(data_dir: Path) -> Any:
    def write(log: bytes | None = EPOCHS, **changes: Any) -> None:
        contents = {"model.onnx": tiny_detector_onnx(), **({"epochs.csv": log} if log is not None else {})}
        manifest = tiny_detector_manifest("eyes", **{"scores": SCORES, **changes})
        write_run(compose.settings().weights_dir, manifest, contents)

    return write


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call("metrics", "eyes", "--json").stdout, parse_constant=pytest.fail)
    return found


def test_json_has_scores_and_the_curves_of_the_last_training_that_watched(write: Any) -> None:
    write()
    found = document()
    assert (found["task"], found["part"], found["epochs"]) == ("detector", "fold 1", 2)
    assert found["curves"]["metrics/recall"] == [0.5, 0.625]
    assert found["best_by"] == {"column": "metrics/mAP50-95", "wanted": "highest"}
    assert (found["best"]["epoch"], found["last"]["epoch"]) == (1, 2)
    assert [part["part"] for part in found["parts"]] == ["fold 0", "fold 1", "all"]
    assert found["parts"][2]["curves"]["train/box_loss"] == [1.5, 1.0]
    assert (found["scores"]["held_out_recall"]["k"], found["scores"]["held_out_recall"]["n"]) == (18, 24)
    assert found["decided_with"] == {"confidence": 0.5, "iou": 0.7}
    assert found["labels"][0]["slug"] == "osulloc-stone-tower"


def test_people_read_counts_intervals_and_epochs(write: Any) -> None:
    write()
    shown = CliRunner(env={"COLUMNS": "160"}).invoke(app, ["metrics", "eyes"]).stdout
    assert "18 of 20 (90.0%)" in shown and "0.800 (24 boxes)" in shown and "70.0% – 97.0%" in shown
    assert "fold 1" in shown and "0.625" in shown and "metrics/mAP50-95" in shown
    assert "so the curves are those of fold 1" in shown


def test_korean_has_words_for_all_of_it(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EODI_LANGUAGE", "ko")
    write()
    compose.settings.cache_clear()
    shown = call("metrics", "eyes").stdout
    assert "정밀도" in shown and "재현율" in shown
    assert "metrics.b" not in shown and "metrics.map" not in shown and "metrics.curves" not in shown


def test_a_run_without_log_or_scores_says_so(write: Any) -> None:
    write(log=None, scores={})
    found = document()
    assert (found["epochs"], found["best"], found["scores"], found["parts"]) == (0, None, {}, [])
    assert any("no log" in note for note in found["notes"])
    assert any("no held-out scores" in note for note in found["notes"])


def test_a_training_that_watched_a_split_shows_its_own_curves(write: Any) -> None:
    write(log=EPOCHS.replace(b"all,1,1.5,,,", b"all,1,1.5,0.5,0.5,0.5"))
    assert (document()["part"], document()["best"]["epoch"]) == ("all", 1)
