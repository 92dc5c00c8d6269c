"""How long a detector's training will take, by an earlier one."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.detector.config import DetectorConfig
from core.detector.duration import FIXED_S, SECONDS_PER_PHOTO, estimate, parts_of
from core.weights.folder import DetectorRun, write_run
from tests.support.tiny_detector import tiny_detector_manifest

CONFIG = DetectorConfig(epochs=10)


def run_at_two_seconds_an_epoch(folder: Path) -> DetectorRun:
    manifest = tiny_detector_manifest("before")
    training = replace(manifest.training, config={"snapshot_id": "snapshot-1"})
    data, seen = replace(manifest.data, photos=10), replace(manifest.input, size_px=320)
    manifest = replace(manifest, architecture="yolo11n", data=data, input=seen, training=training)
    return write_run(folder, manifest, {"epochs.csv": b"part,epoch,time\nall,1,2\nall,2,4\nall,3,6\n"})


def test_the_pace_of_an_earlier_run_is_taken_for_every_photo_epoch_and_part(tmp_path: Path) -> None:
    run = run_at_two_seconds_an_epoch(tmp_path)
    once = estimate(CONFIG, 10, True, [run])
    assert (once.seconds, once.run_id) == (pytest.approx(FIXED_S + 10 * 2.0), "before")
    assert estimate(CONFIG, 20, False, [run]).seconds == pytest.approx(6 * (FIXED_S + 10 * 4.0))


def test_without_one_a_constant_serves(tmp_path: Path) -> None:
    usual = estimate(CONFIG, 10, True, [])
    assert (usual.seconds, usual.run_id) == (pytest.approx(FIXED_S + 100 * SECONDS_PER_PHOTO), "")
    run = run_at_two_seconds_an_epoch(tmp_path)
    assert estimate(replace(CONFIG, model="yolo11s"), 10, True, [run]).run_id == ""


def test_parts_are_one_with_fixed_splits_and_folds_and_one_more_without() -> None:
    assert [parts_of(CONFIG, True), parts_of(CONFIG, False), parts_of(replace(CONFIG, folds=0), False)] == [1, 6, 1]
