"""The way out and back: a kit leaves, trains elsewhere for real, and its result becomes a run that is scored here."""

import json
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from core.cli import compose
from core.cli.run_import import photos_of
from core.cli.snapshots import freeze_library
from core.detector.config import DetectorConfig
from core.detector.predict import OnnxDetector
from core.detector.result_files import Kit
from core.detector.ultralytics_setup import child_environment
from core.errors import InvalidInput, NotFound
from core.weights.folder import open_detector_run
from tests.cli.conftest import call
from tests.support.boxed_library import fill_boxed_library
from tests.support.yolo_results import YOLO11, write_result

# The kit's own script, where torchvision may be built for another torch than this machine's.
RUN_SCRIPT = """
import runpy, sys
from core.detector.result_files import Kit
from core.detector.ultralytics_setup import prepare_ultralytics
prepare_ultralytics(1)
sys.argv = ["train.py", "--start", "yolo11n.yaml", "--epochs", "1", "--device", "cpu", "--batch", "4"]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
REPOSITORY = Path(__file__).parents[2]


def unpack(kit: Path, folder: Path) -> Path:
    with zipfile.ZipFile(kit) as archive:
        archive.extractall(folder)
    return folder


def train(folder: Path, home: Path) -> Path:
    environment = {**child_environment(home), "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", RUN_SCRIPT]
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return Path(ended.stdout.strip().splitlines()[-1])


def test_a_kit_is_written_of_a_snapshot_and_says_what_stays(data_dir: Path, tmp_path: Path) -> None:
    fill_boxed_library()
    said = json.loads(call("runs", "export-kit", tmp_path / "kit.zip", "--imgsz", "64", "--json").stdout)
    assert (said["photos"], said["held_out"]) == (10, 3)
    assert said["labels"] == ["osulloc-stone-tower", "manjanggul-lava-column"]
    kit = json.loads(zipfile.ZipFile(tmp_path / "kit.zip").read("kit.json"))
    assert kit["snapshot_id"] == said["snapshot_id"]
    again = call("runs", "export-kit", tmp_path / "again.zip", "--snapshot", said["snapshot_id"], "--imgsz", "64")
    assert "10 photos" in again.stdout and not list(data_dir.glob(".snapshot-*"))
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "kit.zip").read_bytes()
    with pytest.raises(NotFound):
        call("runs", "export-kit", tmp_path / "other.zip", "--snapshot", "snapshot-20200101-000000-aaaaaa")


def test_photos_judge_a_kit_only_when_its_data_set_is_the_one_known_here(data_dir: Path, tmp_path: Path) -> None:
    fill_boxed_library(boxed=2, strangers=1)
    snapshot = freeze_library()
    kit = Kit(snapshot.snapshot_id, snapshot.fingerprint, DetectorConfig())
    assert len(photos_of(kit, tmp_path)) == 3
    assert photos_of(replace(kit, fingerprint="0" * 64), tmp_path) == ()
    assert photos_of(replace(kit, snapshot_id="snapshot-20200101-000000-aaaaaa"), tmp_path) == ()


@pytest.mark.train
def test_a_kit_trains_elsewhere_and_comes_back_as_a_run_scored_on_photos_it_never_held(
    data_dir: Path, tmp_path: Path
) -> None:
    fill_boxed_library()
    call("runs", "export-kit", tmp_path / "kit.zip", "--imgsz", "64", "--epochs", "2")
    result = train(unpack(tmp_path / "kit.zip", tmp_path / "elsewhere"), tmp_path / "home")

    done = call("runs", "import", result, "--json")
    said = json.loads(done.stdout)
    assert "Take care" in done.stderr
    run = open_detector_run(compose.settings().weights_dir, said["run_id"])
    assert OnnxDetector(run, threads=1).class_ids == (0, 1)
    assert [entry.slug for entry in run.manifest.labels] == ["osulloc-stone-tower", "manjanggul-lava-column"]
    boxes_held_out = run.manifest.scores["held_out_recall"].n
    assert 0 < boxes_held_out <= 3 and run.manifest.scores["held_out_map50"].n == boxes_held_out
    assert run.manifest.training.config["imported"] is True
    assert run.manifest.training.config["snapshot_id"].startswith("snapshot-")
    assert set(run.manifest.files) == {"model.onnx", "results.csv", "boxes.csv", "MODEL_CARD.md"}
    curves = json.loads(call("metrics", said["run_id"], "--json").stdout)["curves"]
    assert len(curves["metrics/recall(B)"]) == 1
    assert list(data_dir.glob(".*-*")) == []

    # The same weights without the kit: nothing says which photos they learned from.
    weights = (tmp_path / "elsewhere" / "run" / "weights" / "best.pt").read_bytes()
    foreign = write_result(tmp_path / "foreign", YOLO11, weights=weights)
    options = ("--label", "osulloc-stone-tower=jusangjeolli-cliff")
    said = json.loads(call("runs", "import", foreign, *options, "--json").stdout)
    run = open_detector_run(compose.settings().weights_dir, said["run_id"])
    assert [entry.slug for entry in run.manifest.labels] == ["jusangjeolli-cliff", "manjanggul-lava-column"]
    assert (run.manifest.scores, run.manifest.input.size_px, run.manifest.training.seed) == ({}, 320, 7)
    assert any("no held-out scores" in note for note in said["notes"])
    assert "Not known: no photo that it never saw" in call("runs", "show", said["run_id"]).stdout
    with pytest.raises(InvalidInput, match=r"run_import\.label_unknown"):
        call("runs", "import", foreign, "--label", "osulloc-stone-tower=no-such-label")
    assert call("runs", "promote", said["run_id"]).exit_code == 0
    assert json.loads(call("runs", "show", said["run_id"], "--json").stdout)["in_service"] is True
