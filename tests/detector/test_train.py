"""Training for real, from random weights on a few coloured rectangles: plumbing, not skill."""

import csv
import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from core.detector.config import DetectorConfig
from core.detector.predict import OnnxDetector
from core.detector.stage import read_events
from core.detector.train import Places, can_finish, train_detector
from core.detector.ultralytics_setup import child_environment
from core.domain.photo import Photo
from core.errors import EodiError, InvalidInput, JobStopped
from core.metrics.box_table import BOXES_FILE
from core.metrics.training_log import read_training_log
from core.weights.folder import open_detector_run
from tests.support.boxed_photos import boxed_photos

pytestmark = pytest.mark.train
PLACES = Places({"towers": 0, "rocks": 7}, {"tower": "towers", "rock": "rocks"}, "snapshot-1", "f" * 64)
SMALL: dict[str, Any] = {"pretrained": "none", "size_px": 64, "batch_size": 4, "threads": 1}


def test_a_training_ends_as_a_run_that_serves(tmp_path: Path) -> None:
    told: list[str] = []
    photos = boxed_photos(tmp_path / "photos", 6, backgrounds=7)

    run_id = _train(tmp_path, photos, lambda done, total, key="", **values: told.append(key), folds=2, epochs=1)

    run = open_detector_run(tmp_path / "weights", run_id)
    detector = OnnxDetector(run, threads=1)
    pixels = np.zeros((96, 128, 3), np.uint8)
    detector.predict(Photo(pixels, 128, 96, "PNG", "0" * 64, pixels.size))
    assert [(entry.label_id, entry.class_id) for entry in run.manifest.labels] == [(1, 0), (4, 7)]
    assert run.manifest.training.config["snapshot_id"] == "snapshot-1"
    assert run.manifest.scores["held_out_recall"].n == 6
    assert run.manifest.scores["held_out_strangers_marked"].n == 1
    log = read_training_log(run.read("epochs.csv"), "epochs.csv")
    assert [part.name for part in log.parts] == ["fold 0", "fold 1", "all"]
    assert "metrics/recall" in log.columns
    rows = list(csv.DictReader(io.StringIO(run.read(BOXES_FILE).decode())))
    assert sum(row["kind"] == "truth" for row in rows) == 6
    assert {row["sha256"] for row in rows} == {photo.sha256 for photo in photos if photo.boxes} | {
        photo.sha256 for photo in photos[6:] if photo.sha256 in {row["sha256"] for row in rows}
    }
    assert "detector.epoch" in told
    assert not list((tmp_path / "work").iterdir())  # what a cancelled training would go on from is gone


def test_a_training_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    photos = boxed_photos(tmp_path / "photos", 9, splits=True)

    def stop_after_two_epochs(done: int, total: int | None, key: str = "", **values: Any) -> None:
        if key == "detector.epoch" and values["epoch"] == 2:
            raise JobStopped

    with pytest.raises(JobStopped):
        _train(tmp_path, photos, stop_after_two_epochs, epochs=4)
    (folder,) = (tmp_path / "work").glob("detector-*/all")
    assert (folder / "best.pt").exists()
    assert not _children_at_work()
    _note_an_epoch_whose_weights_were_not_kept(folder / "ultralytics" / "results.csv")

    epochs: list[Any] = []
    run_id = _train(
        tmp_path, photos, lambda done, total, key="", **values: epochs.append(values.get("epoch")), epochs=4
    )
    # The child may have ended one more epoch before it was told to stop; it never begins anew.
    assert [epoch for epoch in epochs if epoch] in ([3, 4], [4])
    log = read_training_log(open_detector_run(tmp_path / "weights", run_id).read("epochs.csv"), "epochs.csv")
    assert log.parts[-1].curves["epoch"] == (1, 2, 3, 4) and not log.dropped_lines


def test_a_training_that_was_stopped_becomes_a_run_of_its_best_weights_when_asked(tmp_path: Path) -> None:
    photos = boxed_photos(tmp_path / "photos", 9, splits=True)

    def stop_after_an_epoch(done: int, total: int | None, key: str = "", **values: Any) -> None:
        if key == "detector.epoch":
            raise JobStopped

    with pytest.raises(InvalidInput, match=r"detector\.nothing_to_finish"):
        _train(tmp_path, photos, stop_after_an_epoch, finish=True, epochs=400)
    with pytest.raises(JobStopped):
        _train(tmp_path, photos, stop_after_an_epoch, epochs=400)
    (folder,) = (tmp_path / "work").glob("detector-*")
    assert can_finish(folder)

    def learn_no_further(done: int, total: int | None, key: str = "", **values: Any) -> None:
        assert key != "detector.epoch"

    run_id = _train(tmp_path, photos, learn_no_further, finish=True, epochs=400)
    run = open_detector_run(tmp_path / "weights", run_id)
    (part,) = read_training_log(run.read("epochs.csv"), "epochs.csv").parts
    assert part.epochs < 5
    assert run.manifest.scores["held_out_recall"].n == 3


@pytest.mark.soak
def test_a_killed_training_leaves_whole_weights_and_goes_on(tmp_path: Path, soak_rounds: Any) -> None:
    photos = boxed_photos(tmp_path / "photos", 9, splits=True)
    rng = np.random.default_rng(0)
    for _ in range(soak_rounds(1, 10)):
        killer = threading.Thread(target=_kill_a_child_after, args=(float(rng.uniform(4, 9)),))
        killer.start()
        try:
            _train(tmp_path, photos, lambda *told, **values: None, epochs=6)
        except EodiError as error:
            assert error.code == "detector.failed"
        killer.join()
    run_id = _train(tmp_path, photos, lambda *told, **values: None, epochs=6)

    log = read_training_log(open_detector_run(tmp_path / "weights", run_id).read("epochs.csv"), "epochs.csv")
    assert log.parts[-1].curves["epoch"] == (1, 2, 3, 4, 5, 6)


def test_a_child_whose_parent_is_gone_ends_by_itself(tmp_path: Path) -> None:
    photos = boxed_photos(tmp_path / "photos", 9, splits=True)
    script = (
        "import sys; from pathlib import Path; from tests.detector.test_train import _train\n"
        "from tests.support.boxed_photos import boxed_photos\n"
        "folder = Path(sys.argv[1])\n"
        "_train(folder, boxed_photos(folder / 'photos', 9, splits=True), lambda *a, **k: None, epochs=500)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], env=dict(os.environ))
    _wait_for(
        lambda: any("ended" in event for path in tmp_path.glob("work/*/all/*.jsonl") for event in read_events(path)[0])
    )
    (child,) = psutil.Process(parent.pid).children()

    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()

    child.wait(timeout=20)
    assert len(photos) == 9


def test_a_training_that_cannot_start_says_so_in_one_sentence(tmp_path: Path) -> None:
    photos = boxed_photos(tmp_path / "photos", 9, splits=True)
    with pytest.raises(InvalidInput, match=r"detector\.weights_missing"):
        _train(tmp_path, photos, lambda *told, **values: None, pretrained=str(tmp_path / "no.pt"))


def test_weights_that_hold_a_program_are_never_run(tmp_path: Path) -> None:
    import pickle

    marker = tmp_path / "marker"

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.system, (f"touch {marker}",)

    (tmp_path / "evil.pt").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(EodiError, match=r"detector\.failed"):
        _train(
            tmp_path,
            boxed_photos(tmp_path / "photos", 9, splits=True),
            lambda *told, **values: None,
            pretrained=str(tmp_path / "evil.pt"),
        )

    assert not marker.exists()


def test_ultralytics_is_not_touched_without_its_safe_environment(tmp_path: Path) -> None:
    script = "from core.detector.ultralytics_setup import prepare_ultralytics; prepare_ultralytics()"
    safe = child_environment(tmp_path)
    unsafe = {name: value for name, value in safe.items() if name != "ULTRALYTICS_SAFE_LOAD"}

    ended = subprocess.run([sys.executable, "-c", script], env=unsafe, capture_output=True, check=False)

    assert b"detector.environment" in ended.stderr


def _train(folder: Path, photos: Any, report: Any, finish: bool = False, **config: Any) -> str:
    folders = (folder / "work", folder / "weights")
    return train_detector(photos, DetectorConfig(**{**SMALL, **config}), PLACES, folders, report, finish)


def _note_an_epoch_whose_weights_were_not_kept(log: Path) -> None:
    """Leave what a kill between an epoch's line and its weights leaves, and half a line of one while writing."""
    *_, last = log.read_text().splitlines()
    number, rest = last.split(",", 1)
    log.write_text(log.read_text() + f"{int(number) + 1},{rest}\n{int(number) + 2},0.5")


def _kill_a_child_after(seconds: float) -> None:
    time.sleep(seconds)
    for child in _children_at_work():
        child.kill()


def _children_at_work() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "core.detector.child" in " ".join(one.cmdline())]


def _wait_for(ready: Any) -> None:
    until = time.monotonic() + 90
    while not ready():
        assert time.monotonic() < until
        time.sleep(0.1)
