"""`identify`: on stdout as promised, into a file that is taken up again, as a job; and nothing is kept of a photo."""

import hashlib
import json
import os
import sqlite3
import time
from pathlib import Path

import pytest

from core.cli import compose
from core.cli.identify import identify_job
from core.cli.jobs import repository
from core.dataset.csv_cells import read_csv
from core.domain.job import JobState
from core.errors import InvalidInput, JobStopped
from core.identify.spool import Upload, answers_path, hand_over
from core.jobs.runner import ProcessRunner
from tests.cli.conftest import call
from tests.support.batch_photos import Started, colour_png
from tests.support.planted import planted_jpeg


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "more").mkdir(parents=True)
    for number, name in enumerate(("1.png", "2.png", "10.png", "more/사진.png")):
        (folder / name).write_bytes(colour_png(number))
    return folder


def tell_nothing(done: int, total: int | None, message_key: str = "", **values: str | float) -> None:
    """Stand in for a job's row."""


def everything(data_dir: Path) -> tuple[list[str], dict[str, str]]:
    """Dump the database, and list every file with its hash."""
    connection = sqlite3.connect(f"file:{data_dir / 'eodi.sqlite3'}?mode=ro", uri=True)
    dump = list(connection.iterdump())
    connection.close()
    files = [path for path in data_dir.parent.rglob("*") if path.is_file()]
    return dump, {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_json_is_one_document_in_the_order_of_the_photos(data_dir: Path, photos: Path) -> None:
    (photos / "bad.pdf").write_bytes(b"%PDF-1.4")
    result = call("identify", photos / "2.png", photos / "bad.pdf", photos / "1.png", photos / "1.png", "--json")
    documents = json.loads(result.stdout)
    assert [Path(document["photo"]).name for document in documents] == ["2.png", "bad.pdf", "1.png", "1.png"]
    assert [document["place"]["class_id"] for document in documents if "place" in document] == [1, 0, 0]
    assert documents[1]["error"]["code"] == "photo.not_a_photo"
    assert result.exit_code == 1


def test_a_folder_goes_to_stdout_too_in_natural_order(data_dir: Path, photos: Path) -> None:
    documents = json.loads(call("identify", photos, "--json").stdout)
    assert [Path(document["photo"]).name for document in documents] == ["1.png", "2.png", "10.png", "사진.png"]
    result = call("identify", photos)
    assert [line.split(": ")[0] for line in result.stdout.splitlines()] == [d["photo"] for d in documents]
    assert result.exit_code == 0


def test_a_photo_that_cannot_be_read_is_said_on_stderr_and_by_the_exit_status(data_dir: Path, photos: Path) -> None:
    result = call("identify", photos / "gone.png", photos / "1.png")
    assert "gone.png" in result.stderr
    assert result.stdout.startswith(str(photos / "1.png"))
    assert result.exit_code == 1


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_answers_go_into_a_file_and_again_goes_on(ending: str, data_dir: Path, photos: Path) -> None:
    out = photos / f"answers.{ending}"
    first = call("identify", photos / "1.png", "--out", out)
    assert (first.stdout, first.exit_code) == ("", 0)
    assert "1; answered before: 0" in first.stderr
    assert "3; answered before: 1" in call("identify", photos, "--out", out).stderr
    standing = out.read_bytes()
    assert "0; answered before: 4" in call("identify", photos, "--out", out).stderr
    assert out.read_bytes() == standing


def test_a_photo_that_could_not_be_read_is_a_row_and_the_exit_status_says_so_again(
    data_dir: Path, photos: Path
) -> None:
    (photos / "bad.pdf").write_bytes(b"%PDF-1.4")
    out = photos.parent / "answers.csv"
    assert [call("identify", photos, "--out", out).exit_code for _ in range(2)] == [1, 1]
    rows = read_csv(out.read_bytes())[1]
    assert [(Path(row[0]).name, bool(row[8])) for row in rows if row[8]] == [("bad.pdf", True)]
    assert len(rows) == 5


def test_a_file_name_that_says_no_format_is_refused_before_anything_is_loaded(photos: Path) -> None:
    with pytest.raises(InvalidInput, match=r"identify\.out_format"):
        call("identify", photos, "--out", "answers.xlsx")
    with pytest.raises(InvalidInput, match=r"identify\.json_or_out"):
        call("identify", photos, "--json", "--out", "answers.csv")


def test_identifying_keeps_nothing_of_a_photo(data_dir: Path, photos: Path) -> None:
    (photos / "planted.jpg").write_bytes(planted_jpeg())
    call("db", "upgrade")
    before = everything(data_dir)
    call("identify", photos, "--json")
    call("identify", photos)
    assert everything(data_dir) == before


def test_as_a_job_the_same_arguments_do_the_same(data_dir: Path, photos: Path) -> None:
    jobs_dir, out = compose.settings().jobs_dir, photos.parent / "answers.jsonl"
    identify_job((str(photos), "--out", str(out)), tell_nothing, jobs_dir=jobs_dir, job_id="0" * 12)
    assert len(out.read_bytes().splitlines()) == 4
    identify_job((str(photos),), tell_nothing, jobs_dir=jobs_dir, job_id="0" * 12)
    assert len(read_csv(answers_path(jobs_dir, "0" * 12).read_bytes())[1]) == 4


@pytest.mark.parametrize("arguments", [(), ("--out",), ("--out", "a.csv"), ("a.jpg", "--what"), ("a.jpg", "--out")])
def test_arguments_that_are_not_understood_are_refused(arguments: tuple[str, ...], data_dir: Path) -> None:
    with pytest.raises(InvalidInput, match=r"job\.arguments"):
        identify_job(arguments, tell_nothing, jobs_dir=data_dir, job_id="0" * 12)
    assert compose.database()


def test_photos_of_a_job_that_is_asked_to_stop_are_removed_and_its_answers_stay(data_dir: Path) -> None:
    def stop(done: int, total: int | None, message_key: str = "", **values: str | float) -> None:
        if done == 2:
            raise JobStopped

    jobs_dir = compose.settings().jobs_dir
    uploads = [Upload(f"{number}.png", colour_png(number)) for number in range(4)]
    job = hand_over(uploads, repository(), Started(), jobs_dir, "ko")
    with pytest.raises(JobStopped):
        identify_job(job.arguments, stop, jobs_dir=jobs_dir, job_id=job.job_id)
    assert not (jobs_dir / job.job_id / "in").exists()
    assert len(read_csv(answers_path(jobs_dir, job.job_id).read_bytes())[1]) == 2
    with pytest.raises(InvalidInput, match=r"identify\.spool_gone"):
        identify_job(job.arguments, stop, jobs_dir=jobs_dir, job_id=job.job_id)


def test_a_page_hands_photos_over_and_finds_the_answers_under_the_visitors_names(data_dir: Path) -> None:
    jobs_dir, jobs = compose.settings().jobs_dir, repository()
    uploads = [
        Upload("=사진.png", colour_png(0)),
        Upload("=사진.png", colour_png(0)),
        Upload("letter.pdf", b"%PDF-1.4"),
    ]
    runner = ProcessRunner(jobs, jobs_dir, {**os.environ, "PYTHONWARNINGS": "ignore"})
    cancelled = hand_over(uploads, jobs, Started(), jobs_dir, "ko")
    job = hand_over(uploads, jobs, runner, jobs_dir, "ko")
    jobs.request_cancel(cancelled.job_id)  # before it began: the next job that ends removes its photos too
    until = time.monotonic() + 60
    while not (row := jobs.get(job.job_id)).state.ended:
        assert time.monotonic() < until, (jobs_dir / job.log_file).read_text()
        time.sleep(0.05)
    assert (row.state, row.done, row.total) == (JobState.SUCCEEDED, 3, 3), (jobs_dir / job.log_file).read_text()
    assert (row.message, row.message_values) == ("identify.done", {"answered": 3, "standing": 0, "failed": 1})
    rows = read_csv(answers_path(jobs_dir, job.job_id).read_bytes())[1]
    assert [(row[0], row[2]) for row in rows] == [("=사진.png", "0"), ("=사진.png", "0"), ("letter.pdf", "")]
    assert "오설록" in rows[0][1]
    while [path for path in jobs_dir.rglob("*") if path.name == "in"]:
        assert time.monotonic() < until
        time.sleep(0.05)
