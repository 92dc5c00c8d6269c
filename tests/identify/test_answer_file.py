"""The file of answers: taken up where it stopped, wherever that was; never somebody else's."""

import errno
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from core.dataset.csv_cells import read_csv
from core.domain.answer import Identification
from core.errors import Conflict, EodiError, InvalidInput, PhotoRefused, StorageUnavailable
from core.identify import Models, answer_file, identify_bytes
from core.identify.answer_file import TITLES, AnswerFile, PhotoKey, open_answers
from tests.support.batch_child import PLACES
from tests.support.batch_photos import colour_png

KEYS = tuple(PhotoKey(name, str(at), f"2026-11-0{at}T00:00:00.000000+00:00") for at, name in enumerate("ab", 1))
EMPTY = PhotoRefused("photo.empty")
ENDINGS = ("csv", "jsonl")


@pytest.fixture
def answer(models: Models) -> Identification:
    return identify_bytes(colour_png(0), models, PLACES)


def standing(path: Path) -> dict[PhotoKey, bool]:
    with open_answers(path, "en") as answers:
        return dict(answers.failed)


@pytest.fixture(params=ENDINGS)
def out(request: pytest.FixtureRequest, tmp_path: Path, answer: Identification) -> Path:
    path = tmp_path / f"answers.{request.param}"
    with open_answers(path, "ko") as answers:
        answers.write(KEYS[0], answer)
        answers.write(KEYS[1], EMPTY)
    return path


def test_what_was_written_stands_there_whatever_the_language(out: Path) -> None:
    assert standing(out) == {KEYS[0]: False, KEYS[1]: True}


def test_nothing_lies_beside_the_file_when_it_is_closed(out: Path) -> None:
    assert [path.name for path in out.parent.iterdir()] == [out.name]


def test_a_line_of_json_is_the_command_lines_document_with_what_tells_the_photo_apart(
    tmp_path: Path, answer: Identification
) -> None:
    path = tmp_path / "a.jsonl"
    with open_answers(path, "en") as answers:
        answers.write(KEYS[0], answer)
        answers.write(KEYS[1], EMPTY)
    first, second = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert (first["photo"], first["place"]["class_id"]) == ("a", 0)
    assert (first["size_bytes"], first["modified_at"]) == (1, KEYS[0].modified_at)
    assert (second["photo"], second["error"]["code"]) == ("b", "photo.empty")


def test_a_csv_has_fixed_titles_and_a_sentence_where_a_photo_could_not_be_read(
    tmp_path: Path, answer: Identification
) -> None:
    path = tmp_path / "a.CSV"
    with open_answers(path, "ko") as answers:
        answers.write(replace(KEYS[0], photo="=1+1.png"), answer)
        answers.write(KEYS[1], EMPTY)
    titles, rows = read_csv(path.read_bytes())
    assert titles == TITLES
    assert rows[0][:4] == ("=1+1.png", "osulloc 한국어", "0", "osulloc")
    assert rows[0][TITLES.index("release")] == "shipped:tiny"
    assert "빈 파일" in rows[1][TITLES.index("error")]


@pytest.mark.parametrize("ending", ENDINGS)
def test_wherever_the_file_was_cut_off_whole_lines_stay_and_half_a_line_is_done_again(
    ending: str, tmp_path: Path, answer: Identification
) -> None:
    whole, ends = tmp_path / f"whole.{ending}", []
    hard = tuple(replace(key, photo=f'{key.photo}"\r\n,=') for key in KEYS)
    with open_answers(whole, "en") as answers:
        for key in hard:
            answers.write(key, answer)
            ends.append(whole.stat().st_size)
    content = whole.read_bytes()
    cut = tmp_path / f"cut.{ending}"
    for length in range(0, len(content) + 1, 1 if os.environ.get("EODI_SOAK") else 7):
        cut.write_bytes(content[:length])
        expected = {key: False for key, end in zip(hard, ends, strict=True) if length >= end}
        file = AnswerFile(cut, "en")
        with file:
            assert file.failed == expected, length
            for key in hard[len(expected) :]:
                file.write(key, answer)
        assert cut.read_bytes() == content, length


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"photo,place\r\n1.jpg,here\r\n"),
        ("a.csv", b"half a line of a letter"),
        ("a.csv", b""),
        ("a.jsonl", b"half a line of a letter"),
        ("a.jsonl", b'{"name": 1}\n'),
        ("a.jsonl", b'{"photo": "a.jpg"}\n'),
        ("a.jsonl", b'{"photo": "a.jpg", "size_bytes": 1}\nno json\n'),
        ("a.jsonl", b"[1]\n"),
    ],
)
def test_a_file_that_holds_something_else_is_left_as_it_is(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    if not content:
        assert standing(path) == {}
        return
    with pytest.raises(InvalidInput, match=r"identify\.out_foreign"):
        standing(path)
    assert path.read_bytes() == content


def test_a_csv_with_another_column_is_left_as_it_is(out: Path, tmp_path: Path) -> None:
    content = out.read_bytes().replace(b'"release"', b'"version"') + b'"one cell"\r\n'
    path = tmp_path / "b.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"identify\.out_foreign"):
        standing(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", ["answers.xlsx", "answers", "answers.json", ".csv"])
def test_only_csv_and_json_lines_are_written(name: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"identify\.out_format"):
        standing(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_two_runs_cannot_write_one_file(out: Path, answer: Identification) -> None:
    with open_answers(out, "en") as first:
        with pytest.raises(Conflict, match=r"identify\.out_in_use"):
            standing(out)
        first.write(replace(KEYS[0], photo="c"), answer)
    assert len(standing(out)) == 3


class FullDisk:
    """A file that takes half of what is written and then finds no space."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def write(self, content: bytes) -> int:
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        raise OSError(errno.ENOSPC, "No space left on device")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *error: object) -> None:
        self.file.close()


def test_a_full_disk_is_said_and_a_later_run_goes_on(out: Path, answer: Identification) -> None:
    third = replace(KEYS[0], photo="c")
    with pytest.raises(StorageUnavailable) as error, open_answers(out, "en") as answers:
        answers._file = FullDisk(answers._file)  # type: ignore[assignment]
        answers.write(third, answer)
    assert (error.value.code, error.value.values["file"]) == ("identify.out_unwritable", str(out))
    assert standing(out) == {KEYS[0]: False, KEYS[1]: True}
    with open_answers(out, "en") as answers:
        answers.write(third, answer)
    assert len(standing(out)) == 3


def test_a_device_is_not_read_as_answers(tmp_path: Path) -> None:
    (tmp_path / "endless.csv").symlink_to("/dev/zero")
    with pytest.raises(InvalidInput, match=r"identify\.out_foreign"):
        standing(tmp_path / "endless.csv")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable, match=r"identify\.out_unwritable"):
        standing(tmp_path / "file" / "answers.csv")


def test_every_few_photos_are_on_the_disk_before_the_next(
    tmp_path: Path, answer: Identification, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    real = os.fsync
    monkeypatch.setattr(answer_file, "SYNC_EVERY", 3)
    monkeypatch.setattr(os, "fsync", lambda handle: (flushed.append(written), real(handle))[1])
    written = 0
    with open_answers(tmp_path / "a.jsonl", "en") as answers:
        for number in range(8):
            written = number + 1
            answers.write(replace(KEYS[0], photo=str(number)), answer)
            assert (tmp_path / "a.jsonl").read_bytes().count(b"\n") == written
    assert flushed == [3, 6, 8]


def test_an_error_of_the_work_passes_through(tmp_path: Path) -> None:
    with pytest.raises(EodiError, match=r"photo\.empty"), open_answers(tmp_path / "a.csv", "en"):
        raise EMPTY
