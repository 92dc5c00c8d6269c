"""`train detector`: from boxes in the library through a snapshot to a run that marks photos in `identify --json`."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.cli import compose
from core.cli.job_commands import job_commands
from core.db.snapshots import SnapshotRepository
from core.errors import InvalidInput, NotFound
from core.jobs.console import ConsoleReporter
from core.weights.folder import open_detector_run
from tests.cli.conftest import call
from tests.support.boxed_library import fill_boxed_library
from tests.support.tiny_detector import write_tiny_detector

SMALL = ("--pretrained", "none", "--imgsz", "64", "--epochs", "1", "--threads", "1")


def red_corner(path: Path) -> Path:
    """Write a black photo of 256 x 192 whose first 64 pixels across and down are red."""
    pixels = np.zeros((192, 256, 3), np.uint8)
    pixels[:64, :64, 0] = 255
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG")
    path.write_bytes(target.getvalue())
    return path


@pytest.mark.train
def test_boxes_of_the_library_become_a_run_that_names_its_snapshot_and_serves(
    data_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill_boxed_library(boxed=6, strangers=7)
    job_commands()["train"](("detector", *SMALL, "--folds", "0", "--json", "--promote"), ConsoleReporter("en"))

    said = json.loads(capsys.readouterr().out)
    (snapshot,) = SnapshotRepository(compose.database()).list()
    manifest = open_detector_run(compose.settings().weights_dir, said["run_id"]).manifest
    assert manifest.training.config["snapshot_id"] == snapshot.snapshot_id
    assert manifest.data.fingerprint == snapshot.fingerprint
    assert [(entry.slug, entry.class_id) for entry in manifest.labels] == [
        ("osulloc-stone-tower", 0),
        ("manjanggul-lava-column", 1),
    ]
    assert said["scores"] == {}  # nothing was held out
    assert (manifest.data.photos, manifest.data.unknown) == (12, 6)  # as many backgrounds as photos with boxes
    assert list(data_dir.glob(".snapshot-*")) == []
    assert compose.runs_in_service() == {"tiny", said["run_id"]}

    found = json.loads(call("metrics", said["run_id"], "--json").stdout)
    assert (found["part"], found["epochs"], len(found["curves"]["train/box_loss"])) == ("all", 1, 1)
    assert found["last"]["metrics/recall"] is None  # it watched no photo that it did not learn from
    (document,) = json.loads(call("identify", red_corner(tmp_path / "red.png"), "--json").stdout)
    assert document["release"] == f"1:tiny+{said['run_id']}"
    assert document["witnesses"] == ["classifier", "detector"]


def test_identify_tells_boxes_in_pixels_of_the_photo(data_dir: Path, tmp_path: Path) -> None:
    write_tiny_detector(compose.settings().weights_dir, "eyes")
    assert call("runs", "promote", "eyes").exit_code == 0
    (document,) = json.loads(call("identify", red_corner(tmp_path / "red.png"), "--json").stdout)
    (box,) = document["boxes"]
    assert (box["class_id"], box["label"]) == (0, "osulloc-stone-tower")
    assert box["xyxy_px"] == pytest.approx([0, 0, 64, 64], abs=0.5) and box["confidence"] > 0.9
    assert document["witnesses"] == ["classifier", "detector"] and document["timings_ms"]["detector"] > 0
    assert document["release"] == "1:tiny+eyes"
    call("runs", "rollback")
    compose.model_shelf.cache_clear()  # a running program looks again after a second
    (document,) = json.loads(call("identify", red_corner(tmp_path / "red.png"), "--json").stdout)
    assert (document["boxes"], document["witnesses"], document["release"]) == ([], ["classifier"], "shipped:tiny")


def test_without_a_box_nothing_is_trained(data_dir: Path) -> None:
    fill_boxed_library(boxed=0, strangers=2)
    with pytest.raises(InvalidInput, match=r"detector\.no_boxes"):
        call("train", "detector", *SMALL)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--imgsz", "100"), r"detector\.multiple"),
        (("--folds", "1"), r"detector\.folds"),
        (("--epochs", "0"), r"detector\.setting"),
        (("--pretrained", "no-such.pt"), r"detector\.weights_missing"),
    ],
)
def test_what_cannot_be_trained_is_said_at_once(data_dir: Path, arguments: tuple[str, ...], code: str) -> None:
    fill_boxed_library(boxed=2, strangers=0)
    with pytest.raises(InvalidInput, match=code):
        call("train", "detector", *arguments)


def test_a_snapshot_that_is_not_there_is_named(data_dir: Path) -> None:
    with pytest.raises(NotFound, match=r"snapshot\.not_found"):
        call("train", "detector", "--snapshot", "snapshot-20200101-000000-aaaaaa")
