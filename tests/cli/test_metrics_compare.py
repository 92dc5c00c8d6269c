"""`metrics RUN --snapshot ID` asks a run about other photos; `--against RUN` compares two on the same ones."""

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from core.cli import compose
from core.cli.job_commands import job_commands
from core.db.snapshots import SnapshotRepository
from core.domain.library import Snapshot, SnapshotPhoto
from core.domain.photo import Split
from core.errors import EodiError, NotFound
from core.jobs.execute import Command
from core.weights.folder import write_run
from core.weights.records import PREDICTIONS_FILE, write_predictions
from tests.cli.conftest import call
from tests.support.boxed_run import ROWS, boxes_csv, write_boxed_run
from tests.support.hand_worked import hand_manifest, hand_table
from tests.support.tiny_model import COLOURS, GREY, tiny_onnx

ID = "snapshot-later"


@pytest.fixture
def weights(data_dir: Path) -> Path:
    """Give a run that tells two places apart, and knows which photos it learned from."""
    weights = data_dir.parent / "weights"
    contents = {
        "model.onnx": tiny_onnx((COLOURS[0], COLOURS[4], GREY)),
        PREDICTIONS_FILE: write_predictions(hand_table()),
    }
    write_run(weights, hand_manifest(), contents)
    return weights


@pytest.fixture
def snapshot(weights: Path) -> Iterator[str]:
    """Freeze five photos: two of each place and a stranger; the run learned from none of them."""
    photos = []
    for number, (slug, colour) in enumerate(
        [
            ("osulloc", COLOURS[0]),
            ("osulloc", GREY),
            ("cheonjiyeon", COLOURS[4]),
            ("cheonjiyeon", COLOURS[4]),
            (None, GREY),
        ]
    ):
        target = io.BytesIO()
        Image.new("RGB", (80, 60 + number), colour).save(target, "PNG")
        sha256 = hashlib.sha256(target.getvalue()).hexdigest()
        compose.library().store.put(target.getvalue(), sha256, "png")
        photos.append(SnapshotPhoto(sha256, "PNG", slug, f"g{number}", Split.TEST))
    frozen = Snapshot(ID, datetime(2026, 11, 2, tzinfo=UTC), "e" * 64, len(photos), len(photos), 0, {})
    SnapshotRepository(compose.database()).add(frozen, photos)
    return ID


def test_a_run_is_asked_about_a_data_set_and_what_it_said_is_kept(snapshot: str, data_dir: Path) -> None:
    found = json.loads(call("metrics", "hand", "--snapshot", snapshot, "--json").stdout)
    assert (found["snapshot_id"], found["photos"], found["seen"], found["beside"]) == (ID, 5, 0, 0)
    assert (found["scores"]["right"]["k"], found["scores"]["right"]["n"]) == (3, 4)
    assert (data_dir / "evaluations" / "hand" / f"{ID}.json").is_file()
    said = call("metrics", "hand", "--snapshot", snapshot).stdout
    assert "3 of 4 (75.0%)" in said and "5 photos of snapshot-later that it had never seen" in said


def test_as_a_job_it_does_the_same_and_tells_its_progress(snapshot: str, data_dir: Path) -> None:
    told: list[str] = []

    class Row:
        done, total = 0, None

        def __call__(self, done: int, total: int | None, message_key: str = "", **values: object) -> None:
            told.append(message_key)

    command: Command = job_commands()["evaluate-run"]
    command(("hand", f"--snapshot={snapshot}"), Row())
    assert told[0] == "evaluate_run.starting" and told.count("evaluate_run.photo") == 5
    assert told[-1] == "evaluate_run.done" and (data_dir / "evaluations" / "hand" / f"{ID}.json").is_file()


@pytest.mark.usefixtures("weights")
def test_a_data_set_that_is_not_there_and_one_without_photos_to_ask_about_are_said() -> None:
    with pytest.raises(NotFound, match=r"snapshot\.not_found"):
        call("metrics", "hand", "--snapshot", "nope")
    with pytest.raises(EodiError, match=r"evaluate_run\.unknown_data"):
        SnapshotRepository(compose.database()).add(Snapshot(ID, datetime.now(UTC), "e" * 64, 0, 0, 0, {}), [])
        call("metrics", "tiny", "--snapshot", ID)


def test_two_runs_are_compared_on_the_photos_that_neither_learned_from(weights: Path) -> None:
    contents = {"model.onnx": tiny_onnx(), PREDICTIONS_FILE: write_predictions(hand_table())}
    write_run(weights, hand_manifest("other"), contents)
    found = json.loads(call("metrics", "hand", "--against", "other", "--json").stdout)
    assert (found["comparable"], found["photos"], found["lost"], found["gained"]) == (True, 8, [], [])
    right = found["differences"]["right"]
    assert (right["value"], right["first"], right["second"], right["n"]) == (0, 2, 2, 5)
    said = call("metrics", "hand", "--against", "other").stdout
    assert "on 8 photos that neither learned from" in said and "2 of 5 (40.0%)" in said


def test_detectors_are_compared_by_the_same_command(weights: Path) -> None:
    write_boxed_run(weights)
    write_boxed_run(weights, "missing", boxes=boxes_csv((ROWS[0], *ROWS[2:])))
    found = json.loads(call("metrics", "boxed", "--against", "missing", "--json").stdout)
    assert found["photos"] == 3 and found["differences"]["recall"]["value"] == -0.5
    assert found["lost"] == [ROWS[0][0]] and found["gained"] == []
    assert "wrong now: 1; the other way round: 0" in call("metrics", "boxed", "--against", "missing").stdout


def test_runs_that_share_nothing_are_not_compared_and_the_way_out_is_named(weights: Path) -> None:
    write_boxed_run(weights)
    said = call("metrics", "boxed", "--against", "hand").stdout
    assert "Not comparable" in said and "--snapshot ID" in said
    assert not json.loads(call("metrics", "boxed", "--against", "hand", "--json").stdout)["comparable"]
