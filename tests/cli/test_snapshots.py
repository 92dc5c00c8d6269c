"""`snapshots …`: equal data, equal snapshot; and the same as a job."""

import json
from pathlib import Path

import pytest

from core.cli import compose
from core.cli.job_commands import job_commands
from core.errors import InvalidInput, NotFound
from core.jobs.console import ConsoleReporter
from tests.cli.conftest import call
from tests.support.scenes import scene_bytes


def bring(tmp_path: Path, seeds: range) -> None:
    folder = tmp_path / "falls"
    folder.mkdir(exist_ok=True)
    for seed in seeds:
        (folder / f"{seed}.jpg").write_bytes(scene_bytes("falls", seed, size=(160, 120)))
    call("photos", "import", folder, "--place", "cheonjiyeon", "--accept")


def test_the_same_data_give_the_same_snapshot_and_more_data_another(data_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"snapshot\.empty"):
        call("snapshots", "freeze")
    bring(tmp_path, range(3))
    first = json.loads(call("snapshots", "freeze", "--note", "=첫째", "--json").stdout)
    assert (first["photos"], first["note"], first["counts"]) == (3, "=첫째", {"cheonjiyeon": {"folds": 3}})
    assert json.loads(call("snapshots", "freeze", "--json").stdout) == first
    bring(tmp_path, range(3, 4))
    job_commands()["freeze"](("--note", "by a job"), ConsoleReporter("en"))
    listed = json.loads(call("snapshots", "list", "--json").stdout)
    assert [(snapshot["photos"], snapshot["note"]) for snapshot in listed] == [(4, "by a job"), (3, "=첫째")]
    assert "=첫째" in call("snapshots", "list").stdout


def test_a_snapshot_shows_its_places_and_parts(data_dir: Path, tmp_path: Path) -> None:
    bring(tmp_path, range(2))
    snapshot_id = json.loads(call("snapshots", "freeze", "--json").stdout)["snapshot_id"]
    shown = call("snapshots", "show", snapshot_id).stdout
    assert snapshot_id in shown and "cheonjiyeon" in shown and "folds" in shown
    photos = json.loads(call("snapshots", "show", snapshot_id, "--json").stdout)["photo_list"]
    assert {photo["sha256"] for photo in photos} == {record.sha256 for record in compose.library().photos.list()}
    with pytest.raises(NotFound):
        call("snapshots", "show", "snapshot-20200101-000000-aaaaaa")
