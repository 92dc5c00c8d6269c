"""`train …` in a job is the very command that a person types."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from core.cli import compose
from core.cli.application import app as application
from core.cli.job_commands import in_job, job_commands
from core.dataset.duplicates import perceptual_hash
from core.dataset.ingest import read_photo
from core.db.snapshots import SnapshotRepository
from core.errors import EodiError, InvalidInput, JobStopped, Value
from core.jobs.console import ConsoleReporter
from core.metrics.live_log import read_live_log
from core.weights.folder import open_run
from tests.support.records import photo_record
from tests.support.scenes import scene_bytes

SMALL = ("--backbone", "MobileNetV2-0.35", "--pretrained", "none", "--imgsz", "96", "--epochs", "1", "--folds", "2")
KINDS = ("cafe", "columns", "tea_field", "street", "sky")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("gallery",),
        ("classifier", "--snapshot"),
        ("classifier", "--data", ".", "--epochs", "abc"),
        ("classifier", "--colour"),
    ],
)
def test_what_is_no_command_line_is_one_sentence(arguments: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput) as refused:
        job_commands()["train"](arguments, ConsoleReporter("en"))
    assert refused.value.code == "job.arguments"
    assert not in_job()


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(InvalidInput) as refused:
        job_commands()["train"](("classifier", "--data", "no-such-folder", "--promote"), ConsoleReporter("en"))
    assert refused.value.code == "folder.missing"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--data", "photos", "--snapshot", "snapshot-1"), "train.data_or_snapshot"),
        (("--groups", "groups.csv"), "train.groups_without_data"),
        (("--snapshot", "snapshot-none"), "snapshot.not_found"),
        ((), "snapshot.empty"),
    ],
)
def test_what_cannot_be_trained_on_is_said_at_once(data_dir: Path, arguments: tuple[str, ...], code: str) -> None:
    with pytest.raises(EodiError) as refused:
        job_commands()["train"](("classifier", *arguments), ConsoleReporter("en"))
    assert refused.value.code == code
    assert in_job() is False


@pytest.mark.train
def test_a_snapshot_of_the_library_becomes_a_run_that_names_it_and_is_scored_on_its_test_photos(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fill_library()
    job_commands()["train"](("classifier", *SMALL, "--json"), ConsoleReporter("en"))
    said = json.loads(capsys.readouterr().out)
    (snapshot,) = SnapshotRepository(compose.database()).list()
    assert snapshot.counts == {
        "manjanggul": {"test": 2, "train": 11, "validation": 2},
        "unknown": {"folds": 4},
    }
    data = open_run(data_dir.parent / "weights", said["run_id"]).manifest.data
    assert (data.snapshot_id, data.snapshot_fingerprint) == (snapshot.snapshot_id, snapshot.fingerprint)
    assert (data.photos, data.groups, data.test) == (17, 17, 2)
    assert said["scores"]["test_right"]["n"] == said["scores"]["test_accuracy"]["n"] == 2
    assert list(data_dir.glob(".snapshot-*")) == []
    shown = CliRunner(env={"COLUMNS": "160"}).invoke(application, ["metrics", said["run_id"]]).stdout
    assert "2 test photos kept apart" in shown
    assert "of 2 (" in shown
    document = json.loads(CliRunner().invoke(application, ["metrics", said["run_id"], "--json"]).stdout)
    assert document["snapshot"] == {"snapshot_id": snapshot.snapshot_id, "fingerprint": snapshot.fingerprint}
    assert document["test_photos"] == 2


def fill_library() -> None:
    """Accept fifteen photos of one place and four of none, each of a page of its own."""
    library = compose.library()
    for number in range(19):
        content = scene_bytes(KINDS[number % 5] if number < 15 else "wall", number, size=(160, 120))
        photo = read_photo(content)
        library.store.put(content, photo.sha256, "jpg")
        library.photos.add(
            photo_record(
                number,
                sha256=photo.sha256,
                perceptual_hash=perceptual_hash(photo.pixels),
                place_slug="manjanggul" if number < 15 else "unknown",
            )
        )


@pytest.mark.train
def test_a_fine_tuning_in_a_job_notes_each_epoch_while_it_runs(data_dir: Path, tmp_path: Path) -> None:
    fill_library()
    told: list[int] = []

    class Watching(ConsoleReporter):
        def __call__(self, done: int, total: int | None, message_key: str = "", **values: Value) -> None:
            if message_key == "train.epoch":
                told.append(len(read_live_log(tmp_path / "job").parts))
                raise JobStopped

    with pytest.raises(JobStopped):
        arguments = ("classifier", *SMALL, "--fine-tune", "last")
        job_commands(tmp_path / "job")["train"](arguments, Watching("en"))
    (part,) = read_live_log(tmp_path / "job").parts
    assert told == [1]
    assert (part.name, part.curves["stage"]) == ("fold 0", ("head",))
    assert list(data_dir.parent.glob("weights/classifier-*")) == []
