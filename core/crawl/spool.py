"""What was fetched and has no row yet: a kill between the two costs no second request.

Rows are written a few at a time, because a transaction costs more than a photo. So each answer is first written here,
as a whole file under its candidate's key: the bytes, or why there are none. Survives the process, not a power cut,
which costs a few requests and nothing else. Called by the crawl alone; one process at a time has a crawl's spool.
"""

import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from core.dataset.whole_files import WholeFiles, translated
from core.errors import Conflict, EodiError, Value

REFUSED = ".refused"
ABANDONED_AFTER_S = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of asking for a photo: its bytes, or the code of a refusal with its values."""

    content: bytes = b""
    code: str = ""
    values: tuple[tuple[str, Value], ...] = ()

    @classmethod
    def refused(cls, error: EodiError) -> "Fetched":
        """Return what came of it when this was raised."""
        return cls(code=error.code, values=tuple(error.values.items()))


class Spool:
    """The downloads of one crawl; thread-safe.

    Every method raises StorageUnavailable when the disk is full, may not be written or does not answer.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = WholeFiles(str(folder))

    def put(self, key: str, fetched: Fetched) -> None:
        """Note what came of a candidate."""
        if fetched.code:
            document = json.dumps({"code": fetched.code, "values": fetched.values}).encode()
            self._files.put(_name(key) + REFUSED, document, durable=False)
        else:
            self._files.put(_name(key), fetched.content, durable=False)

    def get(self, key: str) -> Fetched | None:
        """Return what came of a candidate; None when it was not asked for yet."""
        content = self._files.get(_name(key))
        if content is not None:
            return Fetched(content)
        refusal = self._files.get(_name(key) + REFUSED)
        if refusal is None:
            return None
        document = json.loads(refusal)
        return Fetched(code=document["code"], values=tuple((name, value) for name, value in document["values"]))

    def keys(self) -> frozenset[str]:
        """Return the candidates that something is noted of."""
        with translated(str(self._folder)):
            found = self._folder.glob("[0-9a-f][0-9a-f]/[0-9a-f]*")
            return frozenset(path.name.removesuffix(REFUSED) for path in found)

    def drop(self, keys: Iterable[str]) -> None:
        """Forget candidates whose rows are written."""
        with translated(str(self._folder)):
            for key in keys:
                (self._folder / _name(key)).unlink(missing_ok=True)
                (self._folder / (_name(key) + REFUSED)).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what a killed process was just writing."""
        self._files.sweep()

    def remove(self) -> None:
        """Remove the folder: the crawl has no more use for it."""
        shutil.rmtree(self._folder, ignore_errors=True)


@contextmanager
def own_spool(spool_dir: Path, crawl_id: str) -> Iterator[Spool]:
    """Give the spool of a crawl to this process alone.

    Raises:
        Conflict: code "crawl.under_way"; another process works on this crawl.
        StorageUnavailable: the folder cannot be written.
    """
    folder = spool_dir / crawl_id
    with translated(str(spool_dir)):
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)  # it is in use
        lock = FileLock(spool_dir / f"{crawl_id}.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise Conflict("crawl.under_way", crawl_id=crawl_id) from None
    spool = Spool(folder)
    try:
        spool.sweep()
        _remove_abandoned(spool_dir)
        yield spool
    finally:
        lock.release()


def _remove_abandoned(spool_dir: Path) -> None:
    """Remove the downloads of crawls that nobody has gone on with for a long time."""
    for folder in spool_dir.iterdir():
        with suppress(FileNotFoundError):  # another crawl was faster
            if folder.is_dir() and time.time() - folder.stat().st_mtime > ABANDONED_AFTER_S:
                shutil.rmtree(folder, ignore_errors=True)


def _name(key: str) -> str:
    return f"{key[:2]}/{key}"
