"""A zip is unpacked whole under names of ours, or not at all; what is built to do harm leaves nothing anywhere."""

import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from core.dataset.archive import ArchiveLimits, list_archive, unpack_archive
from core.domain.place import LANGUAGES
from core.errors import InvalidInput, StorageUnavailable
from core.messages.translate import describe
from tests.support.archives import HOSTILE, MORE_HOSTILE, PHOTO, Entry, build, honest

REFUSED = {name: made for name, made in {**HOSTILE, **MORE_HOSTILE}.items() if made[1]}


def everything_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.fixture
def zip_path(tmp_path: Path) -> Path:
    return tmp_path / "in" / "photos.zip"


def put(zip_path: Path, content: bytes) -> Path:
    zip_path.parent.mkdir(exist_ok=True)
    zip_path.write_bytes(content)
    return zip_path


def test_there_are_fourteen_hostile_archives_and_one_of_them_only_looks_hostile() -> None:
    assert len(HOSTILE) == 14
    assert [name for name, (_, code) in HOSTILE.items() if code is None] == ["case duplicate"]


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_archive_is_refused_in_words_and_leaves_nothing(name: str, zip_path: Path, tmp_path: Path) -> None:
    content, code = REFUSED[name]
    put(zip_path, content)
    before = everything_below(tmp_path)
    with pytest.raises(InvalidInput) as refusal:
        unpack_archive(zip_path, tmp_path / "out" / "photos")
    assert refusal.value.code == code
    assert everything_below(tmp_path) - before <= {"out"}
    for language in LANGUAGES:
        sentence = describe(refusal.value, language)
        assert not sentence.startswith("error."), sentence
        assert "{" not in sentence, sentence


def test_names_that_differ_in_case_alone_lose_nothing(zip_path: Path, tmp_path: Path) -> None:
    files = unpack_archive(put(zip_path, HOSTILE["case duplicate"][0]), tmp_path / "out")
    assert {file.name: file.path.read_bytes() for file in files} == {"A.jpg": PHOTO, "a.jpg": PHOTO + b" another"}
    assert len({str(file.path).casefold() for file in files}) == 2


def test_an_honest_archive_comes_out_byte_for_byte_under_names_of_ours(zip_path: Path, tmp_path: Path) -> None:
    put(zip_path, honest("falls/b.jpg", "a.jpg", "falls/deeper/c.jpg", "empty/"))
    files = unpack_archive(zip_path, tmp_path / "out")
    assert [file.name for file in files] == ["falls/b.jpg", "a.jpg", "falls/deeper/c.jpg"]
    assert [file.path.read_bytes() for file in files] == [PHOTO + bytes([number]) for number in range(3)]
    assert everything_below(tmp_path / "out") == {"00000", "00001", "00002"}
    assert not any(file.path.is_symlink() for file in files)
    assert list_archive(zip_path) == tuple(file.name for file in files)


@pytest.mark.parametrize(
    ("raw", "flags"),
    [
        ("만장굴/사진 1.jpg".encode("cp949"), 0),
        ("만장굴/사진 1.jpg".encode(), 0x800),
        ("만장굴/사진 1.jpg".encode(), 0),
        (unicodedata.normalize("NFD", "만장굴/사진 1.jpg").encode(), 0x800),
        ("만장굴\\사진 1.jpg".encode("cp949"), 0),
    ],
    ids=["windows", "flagged", "unflagged", "mac", "backslash"],
)
def test_korean_names_are_right_whoever_packed_them(raw: bytes, flags: int, zip_path: Path, tmp_path: Path) -> None:
    (file,) = unpack_archive(put(zip_path, build(Entry(raw, flags=flags))), tmp_path / "out")
    assert file.name == "만장굴/사진 1.jpg"


def test_a_name_in_no_known_encoding_is_still_a_name(zip_path: Path, tmp_path: Path) -> None:
    (file,) = unpack_archive(put(zip_path, build(Entry(b"caf\x82.jpg"))), tmp_path / "out")
    assert file.name == "café.jpg"


def test_what_file_managers_leave_is_left_out(zip_path: Path, tmp_path: Path) -> None:
    put(zip_path, honest("a.jpg", ".DS_Store", "__MACOSX/._a.jpg", "x/Thumbs.db", "x/.hidden/b.jpg", "x/desktop.ini"))
    assert [file.name for file in unpack_archive(zip_path, tmp_path / "out")] == ["a.jpg"]


def test_the_limits_count_what_is_written_and_not_what_is_claimed(zip_path: Path, tmp_path: Path) -> None:
    put(zip_path, honest(*(f"{number}.jpg" for number in range(10))))
    each = len(PHOTO) + 1
    assert len(unpack_archive(zip_path, tmp_path / "out", ArchiveLimits(total_bytes=10 * each))) == 10
    for limits, code in (
        (ArchiveLimits(total_bytes=10 * each - 1), "archive.too_large"),
        (ArchiveLimits(file_bytes=each - 1), "archive.file_too_large"),
        (ArchiveLimits(entries=9), "archive.too_many"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            unpack_archive(zip_path, tmp_path / "out2", limits)
        assert refusal.value.code == code
    assert not (tmp_path / "out2").exists()


def test_a_folder_that_holds_something_is_never_replaced(zip_path: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    with pytest.raises(StorageUnavailable):
        unpack_archive(put(zip_path, honest("a.jpg")), tmp_path / "out")
    assert everything_below(tmp_path) == {"in", "in/photos.zip", "out", "out/mine.txt"}


def test_an_empty_folder_may_stand_there(zip_path: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert len(unpack_archive(put(zip_path, honest("a.jpg")), tmp_path / "out")) == 1


UNPACK_ON_A_FULL_DISK = """
import pathlib, resource, signal, sys
from core.dataset.archive import unpack_archive
from core.errors import StorageUnavailable
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, 1 << 16))
try:
    unpack_archive(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
except StorageUnavailable as refusal:
    print(refusal.code)
"""


def test_a_full_disk_is_said_and_leaves_nothing(zip_path: Path, tmp_path: Path) -> None:
    put(zip_path, build(Entry(b"a.jpg"), Entry(b"b.jpg", os.urandom(1 << 18))))
    before = everything_below(tmp_path)
    command = (sys.executable, "-c", UNPACK_ON_A_FULL_DISK, str(zip_path), str(tmp_path / "out"))
    child = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    assert child.stdout.strip() == "storage.full", child.stderr
    assert everything_below(tmp_path) == before


def test_a_directory_that_would_fill_the_memory_is_not_read(zip_path: Path) -> None:
    put(zip_path, build(*(Entry(b"%07d" % number + b"n" * 600, b"") for number in range(10_000))))
    with pytest.raises(InvalidInput) as refusal:
        list_archive(zip_path)
    assert refusal.value.code == "archive.directory"
