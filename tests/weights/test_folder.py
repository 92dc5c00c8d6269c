"""A run's folder: whole or not there, and every byte the one that was written."""

import os
import pickle
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import Conflict, ModelRefused, StorageUnavailable
from core.weights.folder import UNFINISHED_AFTER_S, UNFINISHED_PREFIX, list_runs, open_run, write_run
from core.weights.manifest_file import to_json
from tests.support.tiny_model import tiny_manifest

CONTENTS = {"model.onnx": b"not parsed here", "epochs.csv": b"epoch,loss\n"}
ENDLESS_WRITER = """
import sys
from pathlib import Path
from core.weights.folder import write_run
from tests.support.tiny_model import tiny_manifest
for number in range(10_000):
    write_run(Path(sys.argv[1]), tiny_manifest(f"r-{number}"), {f"f{i}": bytes(300_000) for i in range(6)})
    print(number, flush=True)
"""


def test_a_written_run_opens_with_its_hashes(tmp_path: Path) -> None:
    written = write_run(tmp_path / "weights", tiny_manifest(), CONTENTS)
    run = open_run(tmp_path / "weights", "tiny", written.sha256)
    assert set(run.manifest.files) == set(CONTENTS)
    assert {name: run.read(name) for name in CONTENTS} == CONTENTS
    assert sorted(path.name for path in (tmp_path / "weights").iterdir()) == ["tiny"]


@pytest.mark.parametrize("name", CONTENTS)
def test_one_changed_bit_refuses_the_run(tmp_path: Path, name: str) -> None:
    run = write_run(tmp_path, tiny_manifest(), CONTENTS)
    content = bytearray((run.folder / name).read_bytes())
    content[0] ^= 1
    (run.folder / name).write_bytes(content)
    with pytest.raises(ModelRefused) as refused:
        open_run(tmp_path, "tiny")
    assert (refused.value.code, refused.value.values["file"]) == ("model.mismatch", name)


def test_a_file_exchanged_after_opening_is_not_handed_out(tmp_path: Path) -> None:
    write_run(tmp_path, tiny_manifest(), CONTENTS)
    run = open_run(tmp_path, "tiny")
    (run.folder / "model.onnx").write_bytes(b"another model")
    with pytest.raises(ModelRefused, match=r"model\.mismatch"):
        run.read("model.onnx")


@pytest.mark.parametrize("name", [*CONTENTS, "manifest.json"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    run = write_run(tmp_path, tiny_manifest(), CONTENTS)
    (run.folder / name).unlink()
    with pytest.raises(ModelRefused) as refused:
        open_run(tmp_path, "tiny")
    assert (refused.value.code, refused.value.values["file"]) == ("model.missing", name)


def test_a_file_that_the_manifest_does_not_name_is_not_read(tmp_path: Path) -> None:
    run = write_run(tmp_path, tiny_manifest(), CONTENTS)
    (run.folder / "extra.pkl").write_bytes(b"stranger")
    with pytest.raises(ModelRefused, match=r"model\.missing"):
        open_run(tmp_path, "tiny").read("extra.pkl")


def test_a_manifest_rewritten_with_fitting_hashes_is_not_the_released_one(tmp_path: Path) -> None:
    run = write_run(tmp_path, tiny_manifest(), CONTENTS)
    forged = to_json(replace(run.manifest, licence="none"))
    (run.folder / "manifest.json").write_bytes(forged)
    assert open_run(tmp_path, "tiny").manifest.licence == "none"
    with pytest.raises(ModelRefused, match=r"model\.mismatch.*manifest\.json"):
        open_run(tmp_path, "tiny", run.sha256)


@pytest.mark.parametrize("run_id", ["../tiny", "/etc", "", ".", "..", "tiny/../tiny", "Tiny", "tiny\n", "a" * 81])
def test_a_run_is_named_inside_the_weights_folder(tmp_path: Path, run_id: str) -> None:
    write_run(tmp_path / "weights", tiny_manifest(), CONTENTS)
    with pytest.raises(ModelRefused, match=r"model\.missing"):
        open_run(tmp_path / "weights", run_id)


def test_a_run_of_another_name_than_its_folder_is_refused(tmp_path: Path) -> None:
    write_run(tmp_path, tiny_manifest(), CONTENTS).folder.rename(tmp_path / "renamed")
    with pytest.raises(ModelRefused, match="run_id"):
        open_run(tmp_path, "renamed")


def test_an_endless_manifest_is_not_read(tmp_path: Path) -> None:
    run = write_run(tmp_path, tiny_manifest(), CONTENTS)
    os.truncate(run.folder / "manifest.json", 10**12)  # a sparse file of 1 TB
    with pytest.raises(ModelRefused, match="size"):
        open_run(tmp_path, "tiny")


def test_opening_runs_nothing_that_a_file_holds(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    run = write_run(tmp_path / "weights", tiny_manifest(), {**CONTENTS, "evil.pkl": pickle.dumps(Opened(marker))})
    open_run(tmp_path / "weights", run.manifest.run_id)
    assert not marker.exists()


class Opened:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.marker,)


def test_a_run_is_never_overwritten(tmp_path: Path) -> None:
    first = write_run(tmp_path, tiny_manifest(), CONTENTS)
    with pytest.raises(Conflict, match=r"model\.exists"):
        write_run(tmp_path, tiny_manifest(licence="other"), {"model.onnx": b"other"})
    assert open_run(tmp_path, "tiny").sha256 == first.sha256


def test_runs_are_listed_newest_first_and_unreadable_ones_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    older = tiny_manifest("a")
    write_run(tmp_path, older, CONTENTS)
    write_run(tmp_path, tiny_manifest("b", created_at=older.created_at.replace(year=2027)), CONTENTS)
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "manifest.json").write_text("{}")
    (tmp_path / f"{UNFINISHED_PREFIX}d-1").mkdir()
    (tmp_path / f"{UNFINISHED_PREFIX}d-1" / "manifest.json").write_text("{}")
    assert [manifest.run_id for manifest in list_runs(tmp_path)] == ["b", "a"]
    assert [record.args[0].values["run_id"] for record in caplog.records] == ["c"]  # a run being written is no news
    assert list_runs(tmp_path / "absent") == ()


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # no file may grow beyond this
    try:
        with pytest.raises(StorageUnavailable, match=r"model\.unwritable"):
            write_run(tmp_path, tiny_manifest(), {**CONTENTS, "embeddings.npz": bytes(200_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable, match=r"model\.unwritable"):
        write_run(tmp_path / "file" / "weights", tiny_manifest(), CONTENTS)


def test_what_a_killed_writer_left_is_swept_after_an_hour(tmp_path: Path) -> None:
    for name, age_s in (("old-1", UNFINISHED_AFTER_S + 60), ("new-2", 60.0)):
        leftover = tmp_path / f"{UNFINISHED_PREFIX}{name}"
        leftover.mkdir()
        (leftover / "model.onnx").write_bytes(b"half")
        os.utime(leftover, (time.time() - age_s,) * 2)
    write_run(tmp_path, tiny_manifest(), CONTENTS)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"{UNFINISHED_PREFIX}new-2", "tiny"]


def test_a_writer_killed_at_any_moment_leaves_only_whole_runs(
    tmp_path: Path, soak_rounds: Callable[[int, int], int]
) -> None:
    seen = 0
    for round_ in range(soak_rounds(6, 30)):
        folder = tmp_path / str(round_)
        command = [sys.executable, "-c", ENDLESS_WRITER, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(0.003 + 0.011 * round_)
            writer.send_signal(signal.SIGKILL)
        names = [path.name for path in folder.iterdir() if not path.name.startswith(UNFINISHED_PREFIX)]
        for name in names:
            assert len(open_run(folder, name).manifest.files) == 6
        seen += len(names)
    assert seen >= 6
