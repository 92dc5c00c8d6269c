"""Where photos' original bytes lie: content-addressed files under one fsspec root (a folder, `s3://…`, `memory://`).

A photo is there whole or not at all, whatever ends the writer: locally it is written beside its place, flushed to the
disk and renamed; an object store does the same by itself. Nothing here is ever served; see `derivative`.
"""

import errno
import hashlib
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import fsspec
import psutil
from fsspec.implementations.local import LocalFileSystem

from core.dataset.sniff import EXTENSIONS
from core.errors import EodiError, InvalidInput, NotFound, StorageUnavailable

KEY = re.compile(rf"([0-9a-f]{{2}})/(\1[0-9a-f]{{62}})\.({'|'.join(EXTENSIONS.values())})")
UNFINISHED = re.compile(r"\.tmp-(?P<host>.+)-(?P<pid>\d+)-[0-9a-f]{32}")
ABANDONED_AFTER_S = 24 * 3600  # no photo takes a day to write; judges writers on other machines, whose pids say nothing
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
READ_ONLY = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


def key_of(sha256: str, extension: str) -> str:
    """Return the path below the root, `ab/<64 hex>.<extension>`; no user's text ever enters it.

    Raises:
        InvalidInput: code "photo.hash"; not a hexadecimal SHA-256, or not an extension of a photo.
    """
    key = f"{sha256[:2]}/{sha256}.{extension}"
    if not KEY.fullmatch(key):
        raise InvalidInput("photo.hash")
    return key


class PhotoStore:
    """The photos under one root. Safe for several processes and threads at once.

    Every method raises StorageUnavailable when the storage is full ("storage.full"), may not be written
    ("storage.read_only") or does not answer ("storage.unavailable"); making one raises it where the address is none
    that is understood ("storage.url").
    """

    def __init__(self, storage_url: str) -> None:
        try:
            filesystem, root = fsspec.core.url_to_fs(storage_url)
        except (ValueError, ImportError) as error:  # no such protocol, or its library is not installed
            raise StorageUnavailable("storage.url") from error
        self._filesystem = filesystem
        self._root = str(root).rstrip("/")
        self._is_local = isinstance(filesystem, LocalFileSystem)

    def put(self, content: bytes, sha256: str, extension: str) -> str:
        """Keep `content`, and return its key. What stands there already is left as it is.

        Raises:
            InvalidInput: code "photo.hash"; `sha256` is not the hash of `content`.
        """
        key = key_of(sha256, extension)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise InvalidInput("photo.hash")
        with self._translated():
            if not self._filesystem.exists(self._path(key)):
                if self._is_local:
                    _write_whole(Path(self._path(key)), content)
                else:
                    self._filesystem.pipe_file(self._path(key), content)
        return key

    def get(self, sha256: str, extension: str) -> bytes:
        """Return a photo's original bytes.

        Raises:
            NotFound: code "photo.not_found".
        """
        path = self._path(key_of(sha256, extension))
        with self._translated():
            try:
                return bytes(self._filesystem.cat_file(path))
            except FileNotFoundError as error:
                raise NotFound("photo.not_found", sha256=sha256) from error

    def exists(self, sha256: str, extension: str) -> bool:
        """Return whether the photo is there."""
        with self._translated():
            return bool(self._filesystem.exists(self._path(key_of(sha256, extension))))

    def delete(self, sha256: str, extension: str) -> bool:
        """Delete a photo for good; return False when it was not there."""
        path = self._path(key_of(sha256, extension))
        with self._translated():
            try:
                self._filesystem.rm_file(path)
            except FileNotFoundError:
                return False
            if self._is_local:
                _flush_folder(Path(path).parent)
        return True

    def keys(self) -> Iterator[str]:
        """Yield the key of every photo, in order; other files under the root are passed over."""
        with self._translated():
            self._filesystem.invalidate_cache()
            paths = sorted(self._filesystem.find(self._root))
        for path in paths:
            key = str(path)[len(self._root) :].lstrip("/")
            if KEY.fullmatch(key):
                yield key

    def sweep(self) -> int:
        """Remove what writers left that were killed; return how many files. Writers at work are not disturbed."""
        if not self._is_local:
            return 0
        with self._translated():
            left = [path for path in Path(self._root).glob("[0-9a-f][0-9a-f]/.tmp-*") if _is_abandoned(path)]
            for path in left:
                path.unlink(missing_ok=True)
        return len(left)

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}"

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what file systems raise into StorageUnavailable."""
        try:
            yield
        except EodiError:
            raise
        except Exception as error:  # each object store's client has exceptions of its own
            number = getattr(error, "errno", None)
            reason = "storage.full" if number in FULL else "storage.unavailable"
            raise StorageUnavailable(
                "storage.read_only" if number in READ_ONLY else reason, folder=self._root
            ) from error


def _write_whole(path: Path, content: bytes) -> None:
    """Write beside the final place, flush, and rename, so that `path` is never half a photo."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        _flush_folder(path.parent.parent)
    unfinished = path.parent / f".tmp-{socket.gethostname()}-{os.getpid()}-{uuid4().hex}"
    try:
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
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
