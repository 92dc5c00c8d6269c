"""Many photos: each answered once, in order, whatever ends the run in between."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from core.dataset.csv_cells import read_csv
from core.domain.answer import ClassScores, Identification
from core.domain.photo import Photo
from core.errors import JobStopped, PhotoRefused
from core.identify import Models, batch, identify_bytes
from core.identify.answer_file import plain_text
from core.identify.batch import BatchResult, PhotoFile, identify_each, identify_files, list_photos
from tests.support.batch_child import PLACES
from tests.support.batch_photos import HARD_NAMES, colour_png

REPOSITORY = Path(__file__).parents[2]
Write = Callable[..., Path]


class Told:
    """Remembers reports, and stops the work after so many photos."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.reports: list[tuple[int, int | None]] = []
        self.stop_after = stop_after

    def __call__(self, done: int, total: int | None, message_key: str = "", **values: str | float) -> None:
        self.reports.append((done, total))
        if done == self.stop_after:
            raise JobStopped


def names_in(photos: tuple[PhotoFile, ...], folder: Path) -> list[str]:
    return [str(photo.path.relative_to(folder)) for photo in photos]


def answered_names(out: Path) -> list[str]:
    if out.suffix == ".csv":
        return [Path(row[0]).name for row in read_csv(out.read_bytes())[1]]
    return [Path(json.loads(line)["photo"]).name for line in out.read_bytes().splitlines()]


def run(folder: Path, models: Models, out: Path, told: Told | None = None) -> BatchResult:
    return identify_files(list_photos([folder], leave_out=out), models, PLACES, told or Told(), out, "en")


def test_a_folder_is_listed_in_natural_order_its_own_files_first_and_hidden_ones_not(write_photos: Write) -> None:
    folder = write_photos(
        "b/2.png", "b/10.png", "10.png", "2.png", "제주.png", ".hidden.png", ".git/1.png", "a/x/1.png"
    )
    listed = ["2.png", "10.png", "제주.png", "a/x/1.png", "b/2.png", "b/10.png"]
    assert names_in(list_photos([folder]), folder) == listed


def test_files_and_folders_keep_the_order_they_were_given_in(write_photos: Write) -> None:
    folder = write_photos("a/1.png", "b/1.png", ".c.png")
    given = [folder / ".c.png", folder / "b", folder / "a" / "1.png", folder / "gone.png"]
    assert names_in(list_photos(given), folder) == [".c.png", "b/1.png", "a/1.png", "gone.png"]


def test_a_linked_folder_is_not_followed_and_a_broken_link_is_answered(write_photos: Write) -> None:
    folder = write_photos("a/1.png")
    (folder / "a" / "up").symlink_to(folder)
    (folder / "broken.png").symlink_to(folder / "gone.png")
    os.mkfifo(folder / "pipe")
    assert names_in(list_photos([folder]), folder) == ["broken.png", "a/1.png"]


def test_the_file_of_answers_is_no_photo(write_photos: Write, models: Models) -> None:
    folder = write_photos("1.png", "2.png")
    out = folder / "answers.csv"
    assert run(folder, models, out) == BatchResult(2, 0, 0)
    assert run(folder, models, out) == BatchResult(0, 2, 0)


@pytest.mark.parametrize("readers", [1, 2, 5])
def test_answers_come_in_order_each_photos_own_and_the_same_as_one_by_one(
    readers: int, write_photos: Write, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "READERS", readers)
    photos = list_photos([write_photos(*(f"{number}.png" for number in range(12)))])
    given = list(identify_each(photos, models, PLACES))
    assert [answered.photo for answered in given] == list(photos)
    for number, answered in enumerate(given):
        alone = identify_bytes(colour_png(number), models, PLACES)
        assert isinstance(answered.outcome, Identification)
        assert (answered.outcome.place, answered.outcome.scores) == (alone.place, alone.scores)
        assert {"read", "catalogue", "classifier", "fusion", "total"} == set(answered.outcome.timings_ms)
    assert [a.outcome.place.class_id if a.outcome.place else None for a in given[:6]] == [0, 1, 2, 3, 4, None]  # type: ignore[union-attr]


def test_the_next_photos_are_read_while_one_is_computed(
    write_photos: Write, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, computing, real = [], threading.Event(), batch._read

    def noted(path: Path, need_px: int) -> tuple[Photo, float]:
        if path.name == "1.png":
            assert computing.wait(10), "the second photo was not read while the first was computed"
        read.append(path.name)
        return real(path, need_px)

    class Slow:
        need_px = 64

        def predict(self, photo: Photo) -> ClassScores:
            computing.set()
            until = time.monotonic() + 10
            while "1.png" not in read:
                assert time.monotonic() < until, "the second photo was not read while the first was computed"
                time.sleep(0.01)
            return models.classifier.predict(photo)

    monkeypatch.setattr(batch, "_read", noted)
    folder = write_photos("0.png", "1.png")
    assert len(list(identify_each(list_photos([folder]), Models("r", cast(Any, Slow())), PLACES))) == 2


def test_no_more_photos_are_read_than_are_needed_next(
    write_photos: Write, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    real = batch._read
    monkeypatch.setattr(batch, "_read", lambda path, need_px: (read.append(path.name), real(path, need_px))[1])
    answers = identify_each(list_photos([write_photos(*(f"{n}.png" for n in range(20)))]), models, PLACES)
    next(answers)
    time.sleep(0.2)
    answers.close()
    assert len(read) <= batch.READERS + 1


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_a_run_that_was_stopped_goes_on_where_it_was(
    ending: str, write_photos: Write, models: Models, tmp_path: Path
) -> None:
    folder, out = write_photos(*HARD_NAMES), tmp_path / f"answers.{ending}"
    with pytest.raises(JobStopped):
        run(folder, models, out, Told(stop_after=4))
    assert len(answered_names(out)) == 4
    told = Told()
    assert run(folder, models, out, told) == BatchResult(len(HARD_NAMES) - 4, 4, 0)
    assert told.reports[0] == (4, len(HARD_NAMES))
    assert told.reports[-1] == (len(HARD_NAMES), len(HARD_NAMES))
    assert answered_names(out) == [plain_text(photo.path.name) for photo in list_photos([folder])]
    content = out.read_bytes()
    assert run(folder, models, out) == BatchResult(0, len(HARD_NAMES), 0)
    assert out.read_bytes() == content


def test_a_photo_that_changed_is_another_photo(write_photos: Write, models: Models, tmp_path: Path) -> None:
    folder, out = write_photos("1.png", "2.png"), tmp_path / "answers.jsonl"
    run(folder, models, out)
    (folder / "1.png").write_bytes(colour_png(4))
    assert run(folder, models, out) == BatchResult(1, 1, 0)
    last = json.loads(out.read_bytes().splitlines()[-1])
    assert (Path(last["photo"]).name, last["place"]["class_id"]) == ("1.png", 4)


def test_a_file_that_is_no_photo_has_its_sentence_and_is_not_tried_again(
    write_photos: Write, models: Models, tmp_path: Path
) -> None:
    folder, out = write_photos("1.png", "3.png"), tmp_path / "answers.jsonl"
    (folder / "2.pdf").write_bytes(b"%PDF-1.4 nothing")
    assert run(folder, models, out) == BatchResult(3, 0, 1)
    assert json.loads(out.read_bytes().splitlines()[1])["error"]["code"] == "photo.not_a_photo"
    assert run(folder, models, out) == BatchResult(0, 3, 1)


def test_a_file_that_could_not_be_opened_is_tried_again_and_noted_once(
    write_photos: Write, models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = write_photos("1.png", "2.png"), tmp_path / "answers.jsonl"
    real = batch._read

    def away(path: Path, need_px: int) -> tuple[Photo, float]:
        if path.name == "2.png":
            raise PhotoRefused("photo.unreadable", reason="Stale file handle")
        return real(path, need_px)

    with monkeypatch.context() as broken:
        broken.setattr(batch, "_read", away)
        assert run(folder, models, out) == BatchResult(2, 0, 1)
        assert run(folder, models, out) == BatchResult(1, 1, 1)
    assert answered_names(out) == ["1.png", "2.png"]
    assert run(folder, models, out) == BatchResult(1, 1, 0)
    assert json.loads(out.read_bytes().splitlines()[-1])["place"]["class_id"] == 1


def test_a_missing_file_and_a_photo_named_twice(write_photos: Write, models: Models, tmp_path: Path) -> None:
    folder, out = write_photos("1.png"), tmp_path / "answers.jsonl"
    photos = list_photos([folder / "1.png", folder, folder / "gone.png", folder / "gone.png"])
    for expected in (BatchResult(2, 0, 1), BatchResult(0, 2, 1)):
        assert identify_files(photos, models, PLACES, Told(), out, "en") == expected
    assert answered_names(out) == ["1.png", "gone.png"]


def test_a_film_among_the_photos_is_not_read_to_be_refused(
    write_photos: Write, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_photos("1.png")
    with (folder / "film.mp4").open("wb") as film:
        film.truncate(1 << 34)
    monkeypatch.setattr(
        Path,
        "read_bytes",
        lambda path: pytest.fail(f"{path} was read") if path.suffix == ".mp4" else path.open("rb").read(),
    )
    outcomes = [answered.outcome for answered in identify_each(list_photos([folder]), models, PLACES)]
    assert isinstance(outcomes[1], PhotoRefused)
    assert (outcomes[1].code, outcomes[1].values["size_mb"]) == ("photo.too_large", 16384.0)


@pytest.mark.soak
def test_however_often_it_is_killed_no_photo_is_lost_and_none_doubled(
    write_photos: Write, models: Models, weights_dir: Path, tmp_path: Path, soak_rounds: Callable[[int, int], int]
) -> None:
    rounds = soak_rounds(3, 20)
    names = [f"{number}-{name}" for number in range(rounds) for name in HARD_NAMES]
    folder, out = write_photos(*names), tmp_path / "answers.csv"
    chance = random.Random(5)
    child = [
        sys.executable,
        "-m",
        "tests.support.batch_child",
        "identify",
        str(weights_dir),
        str(folder),
        str(out),
        "0.02",
    ]
    killed = 0
    for _ in range(rounds):
        wanted = (out.stat().st_size if out.exists() else 0) + chance.randint(1, 900)
        process = subprocess.Popen(child, cwd=REPOSITORY)
        until = time.monotonic() + 60
        while process.poll() is None and (not out.exists() or out.stat().st_size < wanted):
            assert time.monotonic() < until
            time.sleep(0.002)
        process.kill()
        killed += process.wait() == -signal.SIGKILL
        with out.open("ab") as torn:  # what a power cut leaves of a line under way
            torn.write(b'"half a line')
    result = run(folder, models, out)
    assert killed == rounds
    assert result.answered + result.standing == len(names)
    assert [name for name, count in Counter(answered_names(out)).items() if count > 1] == []
    assert sorted(answered_names(out)) == sorted(map(plain_text, names))
