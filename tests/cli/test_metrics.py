"""`metrics RUN`: held-out numbers beside training ones and epochs under the names of their log, for people and JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from core.cli import compose
from core.cli.application import app
from core.db.releases import ReleaseMember, ReleaseRepository
from core.errors import EodiError, ModelRefused, NotFound
from core.weights.folder import Run, write_run
from core.weights.records import write_predictions
from tests.support.hand_worked import hand_manifest, hand_table
from tests.support.tiny_model import write_tiny_run

EPOCHS = b"""stage,epoch,loss,val_loss,part
head,1,1.5,1.25,fold 0
head,1,1.5,0.5,all
head,2,1.25,nan,all
head,3,1.2"""
DETECTOR = b"""   epoch,   metrics/recall(B),   metrics/mAP50-95(B)
       1,              0.3125,                 0.5
       2,              0.4375,                0.25
"""


@pytest.fixture
def weights(data_dir: Path) -> Path:
    return data_dir.parent / "weights"


def hand_run(weights: Path, run_id: str = "hand", **contents: bytes) -> Run:
    """Write the hand-worked run, with more files by their name without ending."""
    tables = {"predictions.csv": write_predictions(hand_table())}
    return write_run(weights, hand_manifest(run_id), {**tables, **{f"{k}.csv": v for k, v in contents.items()}})


def call(*arguments: str) -> Result:
    """Run `metrics`; what it raises is raised here."""
    result = CliRunner(env={"COLUMNS": "160"}).invoke(app, ["metrics", *arguments])
    if isinstance(result.exception, EodiError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result


def document(*arguments: str) -> dict[str, Any]:
    """Return the one JSON document on stdout; NaN would be none."""

    def refuse(constant: str) -> float:
        raise AssertionError(constant)

    found: dict[str, Any] = json.loads(call(*arguments, "--json").stdout, parse_constant=refuse)
    return found


def test_json_holds_best_last_and_full_curves_under_the_names_of_the_log(weights: Path) -> None:
    hand_run(weights, results=DETECTOR)
    found = document("hand")
    assert found["best"] == {"epoch": 1, "metrics/recall(B)": 0.3125, "metrics/mAP50-95(B)": 0.5}
    assert found["last"] == {"epoch": 2, "metrics/recall(B)": 0.4375, "metrics/mAP50-95(B)": 0.25}
    assert found["curves"]["metrics/recall(B)"] == [0.3125, 0.4375]
    assert found["best_by"] == {"column": "metrics/mAP50-95(B)", "wanted": "highest"}


def test_of_several_trainings_the_one_that_ships_stands_in_front(weights: Path) -> None:
    hand_run(weights, epochs=EPOCHS)
    found = document("hand")
    assert (found["part"], found["epochs"], found["best"]["val_loss"]) == ("all", 2, 0.5)
    assert found["curves"]["val_loss"] == [0.5, None]
    assert [(part["part"], part["epochs"]) for part in found["parts"]] == [("fold 0", 1), ("all", 2)]
    assert found["log"]["dropped_lines"] == [5]
    assert any("5" in note and "epochs.csv" in note for note in found["notes"])


def test_json_holds_held_out_beside_training_and_the_scores_to_quote(weights: Path) -> None:
    hand_run(weights)
    found = document("hand")
    assert (found["held_out"]["right"]["k"], found["held_out"]["right"]["n"]) == (2, 5)
    assert (found["train"]["right"]["k"], found["train"]["right"]["n"]) == (2, 2)
    assert (found["scores"]["held_out_right"]["k"], found["scores"]["held_out_right"]["n"]) == (3, 5)
    assert found["places"][0]["slug"] == "osulloc"
    assert (found["places"][0]["quoted"]["k"], found["places"][0]["held_out"]["right"]["k"]) == (2, 1)
    assert found["held_out"]["confusion"][2] == {"true": None, "said": [0, 1], "refused": 0, "none": 2}
    assert found["held_out"]["mistakes"][1]["said"] == "cheonjiyeon"
    assert found["decided_with"] == {"acceptance": "known_mass", "threshold": 0.625}
    assert any("0.625" in note for note in found["notes"])


def test_people_read_held_out_counts_first_and_training_photos_by_that_name(weights: Path) -> None:
    hand_run(weights)
    shown = call("hand").stdout
    (named,) = [line for line in shown.splitlines() if "Known place named rightly" in line]
    assert named.index("3 of 5 (60.0%)") < named.index("2 of 2 (100.0%)")
    (place,) = [line for line in shown.splitlines() if "0 osulloc" in line and " of " in line]
    assert place.index("2 of 4") < place.index("3 of 4") < place.index("1 of 1")
    assert shown.index("Held-out photos") < shown.index("Training photos")
    assert "accuracy" not in shown.lower()
    assert "says nothing about new photos" in shown


def test_people_read_errors_and_epochs(weights: Path) -> None:
    hand_run(weights, epochs=EPOCHS)
    shown = call("hand").stdout
    assert "4 of 4 shown" in shown
    assert shown.index("none of these (osulloc)") < shown.index("not sure enough (osulloc)")
    assert "lowest val_loss" in shown
    assert "fold 0" in shown
    assert "lines 5." in shown


def test_korean_has_words_for_all_of_it(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EODI_LANGUAGE", "ko")
    hand_run(weights, epochs=EPOCHS)
    shown = call("hand").stdout
    assert "처음 보는 사진" in shown
    assert "metrics." not in shown


def test_a_run_without_predictions_says_so_and_shows_its_scores(weights: Path) -> None:
    write_run(weights, hand_manifest("bare"), {})
    found = document("bare")
    assert (found["held_out"], found["train"], found["places"], found["decided_with"]) == (None, None, None, None)
    assert found["scores"]["held_out_right"]["k"] == 3
    shown = call("bare").stdout
    assert "no predictions.csv" in shown
    assert "no log of its epochs" in shown
    assert "3 of 5" in shown


def test_a_log_without_epochs_is_an_answer_and_no_error(weights: Path) -> None:
    hand_run(weights, epochs=b"epoch,loss\n")
    found = document("hand")
    assert (found["best"], found["last"], found["curves"]) == (None, None, {"epoch": [], "loss": []})
    assert any("epochs.csv holds no whole epoch" in note for note in found["notes"])
    assert "epochs.csv holds no whole epoch" in call("hand").stdout


def test_current_is_what_is_in_service_and_shipped_what_came_with_the_program(weights: Path) -> None:
    run = hand_run(weights)
    assert document("current")["run_id"] == document("shipped")["run_id"] == "tiny"
    ReleaseRepository(compose.database()).promote({"classifier": ReleaseMember(run_id="hand", sha256=run.sha256)}, "")
    assert (document("current")["run_id"], document("shipped")["run_id"]) == ("hand", "tiny")


@pytest.mark.parametrize("name", ["nowhere", "../tiny", ""])
def test_a_run_that_is_not_there_is_named(data_dir: Path, name: str) -> None:
    with pytest.raises(NotFound) as caught:
        call(name)
    assert (caught.value.code, caught.value.values) == ("metrics.run_not_found", {"run_id": name})


def test_a_run_whose_files_were_changed_is_refused(weights: Path) -> None:
    run = write_tiny_run(weights, "changed")
    (run.folder / "epochs.csv").write_bytes(b"epoch,loss\n0,0.0\n")
    with pytest.raises(ModelRefused, match=r"model\.mismatch"):
        call("changed")
