"""A photo is in the store whole or not at all, under a key made of its hash alone, whatever happens to the writer."""

import errno
import hashlib
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from core.dataset.store import KEY, PhotoStore, key_of
from core.errors import InvalidInput, NotFound, StorageUnavailable
from tests.support.scenes import scene_bytes

ROOT = Path(__file__).parents[2]
CHILD = (sys.executable, "-m", "tests.dataset.store_child")
CONTENT = b"any bytes at all"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
HOSTILE_NAMES = (
    "../../a",
    "a.jpg\x00.php",
    "CON",
    ".htaccess",
    "만장굴" * 100,
    "만장굴",
    "\u202egpj.exe",
    "<img src=x onerror=alert(1)>",
    ";rm -rf",
    "",
    "...",
    "a ",
    "/etc/passwd",
    "~",
    "%2e%2e%2f",
    "s3://elsewhere/a",
    SHA256.upper(),
    SHA256[:-1],
    SHA256 + "0",
    SHA256 + "\n",
)


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> PhotoStore:
    return PhotoStore(str(tmp_path / "library") if request.param == "folder" else f"memory://{uuid4().hex}/library")


def test_a_photo_comes_back_byte_for_byte_under_a_key_of_its_hash(store: PhotoStore) -> None:
    content = scene_bytes("falls", 1)
    sha256 = hashlib.sha256(content).hexdigest()
    assert not store.exists(sha256, "jpg")
    key = store.put(content, sha256, "jpg")
    assert key == f"{sha256[:2]}/{sha256}.jpg"
    assert re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{64}\.(jpg|png|webp|heic|avif)", key)
    assert store.exists(sha256, "jpg")
    assert store.get(sha256, "jpg") == content
    assert list(store.keys()) == [key]


def test_storing_twice_is_storing_once(store: PhotoStore) -> None:
    assert store.put(CONTENT, SHA256, "png") == store.put(CONTENT, SHA256, "png")
    assert len(list(store.keys())) == 1


def test_deleting_is_for_good_and_may_be_repeated(store: PhotoStore) -> None:
    store.put(CONTENT, SHA256, "webp")
    assert store.delete(SHA256, "webp")
    assert not store.delete(SHA256, "webp")
    assert not store.exists(SHA256, "webp")
    assert list(store.keys()) == []


def test_a_photo_that_is_not_there_is_not_found(store: PhotoStore) -> None:
    with pytest.raises(NotFound) as refusal:
        store.get(SHA256, "jpg")
    assert refusal.value.code == "photo.not_found"


def test_an_empty_store_has_no_keys_and_nothing_to_sweep(store: PhotoStore) -> None:
    assert list(store.keys()) == []
    assert store.sweep() == 0


def test_content_that_is_not_what_its_hash_says_is_refused(store: PhotoStore) -> None:
    with pytest.raises(InvalidInput):
        store.put(CONTENT + b"!", SHA256, "jpg")
    assert list(store.keys()) == []


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_no_name_ever_enters_a_path(name: str, tmp_path: Path) -> None:
    store = PhotoStore(str(tmp_path / "library"))
    for sha256, extension in ((name, "jpg"), (SHA256, name), (SHA256, f"jpg/{name}")):
        with pytest.raises(InvalidInput):
            key_of(sha256, extension)
        with pytest.raises(InvalidInput):
            store.put(CONTENT, sha256, extension)
    assert list(tmp_path.rglob("*")) == []


def test_other_files_below_the_root_are_passed_over(tmp_path: Path) -> None:
    store = PhotoStore(str(tmp_path))
    key = store.put(CONTENT, SHA256, "jpg")
    for name in ("readme.txt", "ab/readme.txt", f"zz/{SHA256}.jpg", f"00/{SHA256}.jpg", f"{SHA256[:2]}/{SHA256}.exe"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert list(store.keys()) == [key]


@pytest.mark.soak
def test_writers_killed_at_any_moment_leave_no_half_photo(
    tmp_path: Path, soak_rounds: Callable[[int, int], int]
) -> None:
    moments = random.Random(5)
    acknowledged: set[str] = set()
    for number in range(soak_rounds(3, 20)):
        child = subprocess.Popen(
            (*CHILD, str(tmp_path), str(number * 100_000)), cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        acknowledged.add(child.stdout.readline().strip())
        time.sleep(moments.uniform(0, 0.15))
        child.kill()
        acknowledged |= {line.strip() for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")}
        child.wait()
    left_over = len(list(tmp_path.rglob(".tmp-*")))
    store = PhotoStore(str(tmp_path))
    assert store.sweep() == left_over
    print(f"{len(acknowledged)} photos acknowledged, {left_over} unfinished files swept")
    assert [
        path for path in tmp_path.rglob("*") if path.is_file() and not KEY.fullmatch(str(path.relative_to(tmp_path)))
    ] == []
    kept = set(store.keys())
    assert acknowledged <= kept
    for key in kept:
        assert hashlib.sha256((tmp_path / key).read_bytes()).hexdigest() == Path(key).stem


def unfinished(folder: Path, host: str, pid: int, age_s: float = 0) -> Path:
    path = folder / "ab" / f".tmp-{host}-{pid}-{uuid4().hex}"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"half a ph")
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def test_a_sweep_leaves_writers_at_work_alone(tmp_path: Path) -> None:
    host = os.uname().nodename
    ours, elsewhere = unfinished(tmp_path, host, os.getpid()), unfinished(tmp_path, "another-machine", 1)
    assert PhotoStore(str(tmp_path)).sweep() == 0
    assert ours.exists()
    assert elsewhere.exists()


def test_a_sweep_takes_what_dead_writers_left_and_what_is_a_day_old(tmp_path: Path) -> None:
    ended = subprocess.Popen((sys.executable, "-c", ""))
    ended.wait()
    unfinished(tmp_path, os.uname().nodename, ended.pid)
    unfinished(tmp_path, "another-machine", 1, age_s=25 * 3600)
    assert PhotoStore(str(tmp_path)).sweep() == 2
    assert list(tmp_path.rglob(".tmp-*")) == []


def test_a_full_disk_is_said_and_leaves_nothing_behind(tmp_path: Path) -> None:
    whole = PhotoStore(str(tmp_path)).put(CONTENT, SHA256, "jpg")
    command = (*CHILD, str(tmp_path), "1", str(1 << 20))
    child = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert child.stdout.strip() == "storage.full"
    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()] == [whole]


class FailingFileSystem(MemoryFileSystem):
    """An object store that refuses to write."""

    protocol = "failing"
    error: Exception = OSError()

    def pipe_file(self, *_: object, **__: object) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "storage.full"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "storage.full"),
        (OSError(errno.EROFS, "Read-only file system"), "storage.read_only"),
        (PermissionError(errno.EACCES, "Permission denied"), "storage.read_only"),
        (OSError(errno.EIO, "Input/output error"), "storage.unavailable"),
        (ConnectionError("gone"), "storage.unavailable"),
        (RuntimeError("what a client raises"), "storage.unavailable"),
    ],
)
def test_what_a_storage_raises_is_said_plainly(error: Exception, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec.register_implementation("failing", FailingFileSystem, clobber=True)
    monkeypatch.setattr(FailingFileSystem, "error", error)
    with pytest.raises(StorageUnavailable) as refusal:
        PhotoStore("failing://bucket/photos").put(CONTENT, SHA256, "jpg")
    assert refusal.value.code == code
    assert str(refusal.value.values["folder"]).endswith("bucket/photos")


def test_a_folder_that_may_not_be_written_is_said() -> None:
    folder = "/sys/kernel/eodi-photos"  # nobody may make folders there, not even root
    with pytest.raises(StorageUnavailable) as refusal:
        PhotoStore(folder).put(CONTENT, SHA256, "jpg")
    assert refusal.value.code == "storage.read_only"
    assert refusal.value.values == {"folder": folder}


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "library").write_bytes(b"")
    with pytest.raises(StorageUnavailable):
        PhotoStore(str(tmp_path / "library")).put(CONTENT, SHA256, "jpg")


def test_an_address_of_no_known_kind_is_refused_with_a_sentence_of_its_own() -> None:
    with pytest.raises(StorageUnavailable) as caught:
        PhotoStore("nonsense://x")
    assert caught.value.code == "storage.url"
