"""`evaluate`: a table for people, one document for programs, a job that can be stopped; the same path as answers."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from core.cli import compose
from core.cli.job_commands import job_commands
from core.errors import InvalidInput, JobStopped, NotFound
from core.identify.evaluate_store import FOLDER, EvaluationStore
from core.settings import REPOSITORY
from tests.cli.conftest import call
from tests.identify.test_evaluate import GREEN, GREY, RED, speckled


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give two red photos and a green one of osulloc (the green one is wrong), a grey stranger and a red one."""
    photos = {
        "osulloc/1.png": speckled(RED, 1),
        "osulloc/2.png": speckled(RED, 2),
        "osulloc/3.png": speckled(GREEN, 3),
        "unknown/wall_12345678.png": speckled(GREY, 4),
        "unknown/tea_field_12345679.png": speckled(RED, 5),
    }
    for name, content in photos.items():
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "photos"


def document(*arguments: object) -> dict[str, Any]:
    """Return the one JSON document on stdout."""
    found: dict[str, Any] = json.loads(call("evaluate", *arguments, "--json").stdout)
    return found


def test_json_has_each_witness_with_counts_and_intervals(data_dir: Path, folder: Path) -> None:
    found = document(folder)
    assert set(found["witnesses"]) == {"classifier", "fused"}
    for witness in found["witnesses"].values():
        assert (witness["accuracy"]["k"], witness["accuracy"]["n"]) == (2, 3)
        assert witness["accuracy"]["low"] < 2 / 3 < witness["accuracy"]["high"]
        assert (witness["false_accept_rate"]["k"], witness["false_accept_rate"]["n"]) == (1, 2)
        assert witness["auroc"]["n"] == 5
        assert 0 <= witness["ece"]["value"] <= 1
        assert sum(map(sum, witness["confusion"])) == 5
    assert {(one["photo"], one["true"], one["answered"]) for one in found["errors"]} == {
        ("osulloc/3.png", "osulloc", "manjanggul"),
        ("unknown/tea_field_12345679.png", None, "osulloc"),
    }
    assert {one["kind"]: one["named"]["fused"] for one in found["look_alikes"]} == {"tea_field": 1, "wall": 0}


def test_people_read_tables_in_their_language(data_dir: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = call("evaluate", folder).stdout
    assert "2 of 3 (66.7%)" in shown
    assert "tea_field" in shown
    monkeypatch.setenv("EODI_LANGUAGE", "ko")
    compose.settings.cache_clear()
    korean = call("evaluate", folder).stdout
    assert "분류기만" in korean
    assert "evaluate." not in shown + korean


def test_what_was_evaluated_is_kept_for_the_page(data_dir: Path, folder: Path) -> None:
    found = document(folder)
    kept = EvaluationStore(data_dir / FOLDER).get(found["evaluation_id"])
    assert kept.witnesses["fused"].accuracy is not None
    assert kept.witnesses["fused"].accuracy.k == 2
    assert not list((data_dir / FOLDER).glob("*.jsonl"))


@pytest.mark.parametrize("arguments", [(), ("somewhere", "--snapshot", "some")])
def test_a_folder_or_a_snapshot_is_named(data_dir: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match=r"evaluate\.what"):
        call("evaluate", *arguments)


def test_a_folder_that_is_not_there_and_a_snapshot_that_is_not_are_named(data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"folder\.missing"):
        call("evaluate", tmp_path / "nowhere")
    with pytest.raises(NotFound):
        call("evaluate", "--snapshot", "nowhere")


def test_as_a_job_it_tells_how_far_it_is_stops_and_goes_on(data_dir: Path, folder: Path) -> None:
    told: list[str] = []

    def report(done: int, total: int | None, message_key: str = "", **values: Any) -> None:
        if message_key == "evaluate.photo":
            told.append(str(values["photo"]))
            if len(told) == 2:
                raise JobStopped
        if message_key == "evaluate.done":
            told.append(str(values["evaluation"]))

    run = job_commands()["evaluate"]
    with pytest.raises(JobStopped):
        run(("--", str(folder)), report)
    run(("--", str(folder)), report)
    assert len(told) == 6
    assert EvaluationStore(data_dir / FOLDER).get(told[-1]).photos == 5


def test_a_process_that_was_killed_leaves_what_it_had_answered(data_dir: Path, folder: Path) -> None:
    compose.database()
    for number in range(20):
        (folder / "osulloc" / f"more-{number}.png").write_bytes(speckled(RED, 100 + number, (600, 450)))
    command = [sys.executable, "-m", "core", "evaluate", str(folder), "--json"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        while child.poll() is None and _answered(data_dir) < 3:
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
    answered = _answered(data_dir)
    assert answered >= 3
    assert document(folder)["photos"] == 25


def _answered(data_dir: Path) -> int:
    return sum(path.read_bytes().count(b"\n") for path in (data_dir / FOLDER).glob("*.jsonl"))
