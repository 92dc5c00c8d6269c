"""Files under one fsspec root (a folder, `s3://…`, `memory://`) that are there whole or not at all.

Locally a file is written beside its place and renamed; an object store does the same by itself. `store` keeps the
photos' original bytes with it, `thumbnails` the small pictures. What file systems raise is translated here alone.
"""

import errno
import os
import re
import shutil
import socket
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import fsspec
import psutil
from fsspec.implementations.local import LocalFileSystem

from core.errors import EodiError, StorageUnavailable

UNFINISHED = re.compile(r"\.tmp-(?P<host>.+)-(?P<pid>\d+)-[0-9a-f]{32}")
ABANDONED_AFTER_S = 24 * 3600  # no photo takes a day to write; judges writers on other machines, whose pids say nothing
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# Left free by photos: without some room SQLite cannot even be read, and nobody could be told that the disk is full.
RESERVE_BYTES = 1 << 20
READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


class WholeFiles:
    """Named files under one root. Safe for several processes and threads at once.

    Every method raises StorageUnavailable when the storage is full ("storage.full"), may not be written
    ("storage.read_only") or does not answer ("storage.unavailable"); making one raises it where the address is none
    that is understood ("storage.url").
    """

    def __init__(self, storage_url: str, folder: str = "") -> None:
        """folder: one below the address, to which all names are relative."""
        try:
            filesystem, root = fsspec.core.url_to_fs(storage_url)
        except (ValueError, ImportError) as error:  # no such protocol, or its library is not installed
            raise StorageUnavailable("storage.url") from error
        self._filesystem = filesystem
        self._address = str(root).rstrip("/")
        self._root = f"{self._address}/{folder}" if folder else self._address
        self._is_local = isinstance(filesystem, LocalFileSystem)

    def put(self, name: str, content: bytes, *, durable: bool = True, replace: bool = False) -> None:
        """Write a file; one that stands there is left as it is unless it is to be replaced.

        durable: once this returns, the file survives a power cut.
        """
        with translated(self._address):
            if not replace and self._filesystem.exists(self._path(name)):
                return
            if self._is_local:
                _write_whole(Path(self._path(name)), content, durable)
            else:
                self._filesystem.pipe_file(self._path(name), content)

    def get(self, name: str) -> bytes | None:
        """Return a file's bytes; None when there is no such file."""
        with translated(self._address):
            try:
                return bytes(self._filesystem.cat_file(self._path(name)))
            except FileNotFoundError:
                return None

    def exists(self, name: str) -> bool:
        """Return whether the file is there."""
        with translated(self._address):
            return bool(self._filesystem.exists(self._path(name)))

    def local_path(self, name: str) -> Path | None:
        """Return where a file lies, there or not; None where the root is no folder of this machine."""
        return Path(self._path(name)) if self._is_local else None

    def delete(self, name: str) -> bool:
        """Delete a file for good; return False when it was not there."""
        path = self._path(name)
        with translated(self._address):
            try:
                self._filesystem.rm_file(path)
            except FileNotFoundError:
                return False
            if self._is_local:
                _flush_folder(Path(path).parent)
        return True

    def names(self) -> Iterator[str]:
        """Yield the name of every file below the root, in order."""
        with translated(self._address):
            self._filesystem.invalidate_cache()
            paths = sorted(self._filesystem.find(self._root))
        for path in paths:
            yield str(path)[len(self._root) :].lstrip("/")

    def leftovers(self) -> tuple[str, ...]:
        """Return the names of what writers left that were killed; writers at work are not among them."""
        if not self._is_local:
            return ()
        with translated(self._address):
            found = sorted(Path(self._root).glob("[0-9a-f][0-9a-f]/.tmp-*"))
            return tuple(f"{path.parent.name}/{path.name}" for path in found if _is_abandoned(path))

    def remove_leftovers(self, names: Iterable[str]) -> int:
        """Remove those of the named that are leftovers; return how many."""
        chosen = set(names).intersection(self.leftovers())
        with translated(self._address):
            for name in chosen:
                Path(self._path(name)).unlink(missing_ok=True)
        return len(chosen)

    def sweep(self) -> int:
        """Remove all leftovers; return how many files."""
        return self.remove_leftovers(self.leftovers())

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"


@contextmanager
def translated(folder: str) -> Iterator[None]:
    """Turn what file systems raise into StorageUnavailable; folder: for the sentence."""
    try:
        yield
    except EodiError:
        raise
    except Exception as error:  # each object store's client has exceptions of its own
        number = getattr(error, "errno", None)
        reason = "storage.full" if number in FULL else "storage.unavailable"
        raise StorageUnavailable("storage.read_only" if number in READ_ONLY else reason, folder=folder) from error


def _write_whole(path: Path, content: bytes, durable: bool) -> None:
    """Write beside the final place and rename, so that `path` is never half a file."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        if durable:
            _flush_folder(path.parent.parent)
    if shutil.disk_usage(path.parent).free < len(content) + RESERVE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    unfinished = path.parent / f".tmp-{socket.gethostname()}-{os.getpid()}-{uuid4().hex}"
    try:
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    if durable:
        _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    """Make a rename or removal in `folder` survive a power cut."""
    if os.name != "posix":
        return  # Windows cannot open a folder, and needs no such flush
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_abandoned(path: Path) -> bool:
    """Return whether the writer of an unfinished file is gone."""
    name = UNFINISHED.fullmatch(path.name)
    if name and name["host"] == socket.gethostname() and not psutil.pid_exists(int(name["pid"])):
        return True
    try:
        return time.time() - path.stat().st_mtime > ABANDONED_AFTER_S
    except FileNotFoundError:  # finished meanwhile
        return False
