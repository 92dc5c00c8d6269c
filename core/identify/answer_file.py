"""The file a batch writes: one line a photo, JSON lines or CSV by its extension, to be taken up where it stopped.

Lines are only ever appended, each in one write, and flushed to the disk every few photos. What stands there when a run
begins is answered; half a last line, left by a run that was killed, is cut off and its photo done again. The columns
of the CSV have fixed English names, so that a run in another language can go on with it.
"""

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from filelock import FileLock, Timeout

from core.dataset.csv_cells import BOM, read_csv, write_row
from core.domain.answer import Identification
from core.domain.place import Language
from core.errors import Conflict, EodiError, InvalidInput, StorageUnavailable
from core.identify.document import as_document, as_error
from core.identify.table import AnswerRow, answer_row, cells

SYNC_EVERY = 20  # photos; a power cut costs these at most, some seconds of work
TITLES = (*AnswerRow.__slots__, "release", "size_bytes", "modified_at")
FIRST_LINE = b'{"photo": '
LINE_END = re.compile(rb'"|\n')


@dataclass(frozen=True, slots=True)
class PhotoKey:
    """Which photo was answered: a file that was changed since is another photo.

    Size and time are what a folder says without opening the file. A hash would tell a copy with the same two apart, but
    every photo had to be read again only to be passed over, and reading is most of the work where files lie far away.
    modified_at: UTC to the microsecond, ISO 8601; both are empty for a file that could not be read.
    """

    photo: str
    size_bytes: str = ""
    modified_at: str = ""


@dataclass(frozen=True, slots=True)
class LineFormat:
    """How lines are written and read. read: of whole lines, which photos, and whether each failed."""

    head: bytes
    write: Callable[[PhotoKey, Identification | EodiError, Language], bytes]
    whole_length: Callable[[bytes], int]
    read: Callable[[bytes], Iterable[tuple[PhotoKey, bool]]]
    begins: bytes


class AnswerFile:
    """An open file of answers; made by `open_answers`. failed: which photos were answered, and whether in vain."""

    def __init__(self, path: Path, language: Language) -> None:
        self.path = path
        self.failed: dict[PhotoKey, bool] = {}
        self._language = language
        self._format = FORMATS[path.suffix.lower()]
        self._unsynced = 0
        with _translated(path):
            if path.exists() and not path.is_file():  # a device may never end
                raise InvalidInput("identify.out_foreign", file=str(path))
            content = path.read_bytes() if path.exists() else b""
            whole = self._read(content)
            self._file = path.open("ab")
            self._file.truncate(whole)
            if not whole:
                self._file.write(self._format.head)

    def write(self, key: PhotoKey, outcome: Identification | EodiError) -> None:
        """Append one answer, or the error that stands in its place.

        Raises:
            StorageUnavailable: the disk is full or gone; what was written before stays.
        """
        with _translated(self.path):
            self._file.write(self._format.write(key, outcome, self._language))
            self._file.flush()
            self._unsynced += 1
            if self._unsynced >= SYNC_EVERY:
                self._sync()
        self.failed[key] = isinstance(outcome, EodiError)

    def __enter__(self) -> "AnswerFile":
        """Give the file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Flush to the disk and close; an error that is under way is not covered by another."""
        try:
            with self._file:
                self._sync()
        except OSError as reason:
            if error is None:
                raise _unwritable(self.path, reason) from reason

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._unsynced = 0

    def _read(self, content: bytes) -> int:
        """Note what is answered, and return the length of the whole lines.

        Raises:
            InvalidInput: code "identify.out_foreign"; something else than answers, which is left as it is.
        """
        whole = self._format.whole_length(content)
        begins = self._format.begins
        if not (content.startswith(begins) or begins.startswith(content)):
            raise InvalidInput("identify.out_foreign", file=str(self.path))
        try:
            self.failed = dict(self._format.read(content[:whole])) if whole else {}
        except (InvalidInput, ValueError, TypeError, KeyError) as reason:
            raise InvalidInput("identify.out_foreign", file=str(self.path)) from reason
        return whole


@contextmanager
def open_answers(path: Path, language: Language) -> Iterator[AnswerFile]:
    """Open a file of answers to go on with, for this process alone.

    Raises:
        InvalidInput: "identify.out_format", neither .csv nor .jsonl; "identify.out_foreign", it holds something else.
        Conflict: "identify.out_in_use"; another process is writing it.
        StorageUnavailable: "identify.out_unwritable".
    """
    check_format(path)
    with _translated(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=0)
        try:
            lock.acquire()
        except Timeout as reason:
            raise Conflict("identify.out_in_use", file=str(path)) from reason
    try:
        with AnswerFile(path, language) as answers:
            yield answers
    finally:
        # While it is held: who waits for it finds it unlinked, and begins anew.
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def check_format(path: Path) -> None:
    """Refuse a name whose extension says neither CSV nor JSON lines.

    Raises:
        InvalidInput: code "identify.out_format".
    """
    if path.suffix.lower() not in FORMATS:
        raise InvalidInput("identify.out_format", file=path.name)


def plain_text(text: str) -> str:
    """Write out lone surrogates, which file names may hold and UTF-8 cannot."""
    return text.encode("utf-8", "backslashreplace").decode()


def _json_line(key: PhotoKey, outcome: Identification | EodiError, language: Language) -> bytes:
    make = as_error if isinstance(outcome, EodiError) else as_document
    facts = {"size_bytes": int(key.size_bytes) if key.size_bytes else None, "modified_at": key.modified_at}
    document = {**make(key.photo, outcome, language), **facts}  # type: ignore[arg-type]  # told apart one line above
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _read_json_lines(content: bytes) -> Iterator[tuple[PhotoKey, bool]]:
    for line in content.splitlines():
        document: dict[str, Any] = json.loads(line)
        size = document["size_bytes"]
        yield _key(document["photo"], "" if size is None else size, document["modified_at"]), "error" in document


def _csv_line(key: PhotoKey, outcome: Identification | EodiError, language: Language) -> bytes:
    release = "" if isinstance(outcome, EodiError) else outcome.release
    row = cells(answer_row(key.photo, outcome, language))
    return write_row((*row, release, int(key.size_bytes) if key.size_bytes else None, key.modified_at))


def _read_csv_lines(content: bytes) -> Iterator[tuple[PhotoKey, bool]]:
    for row in read_csv(content)[1]:
        said = dict(zip(TITLES, row, strict=True))
        yield _key(said["photo"], said["size_bytes"], said["modified_at"]), bool(said["error"])


def _key(photo: str, size_bytes: object, modified_at: str) -> PhotoKey:
    return PhotoKey(plain_text(photo), str(size_bytes), modified_at)


def _whole_json_lines(content: bytes) -> int:
    return content.rfind(b"\n") + 1


def _whole_csv_lines(content: bytes) -> int:
    """Return where the last line ends that is no part of a quoted cell."""
    end, quoted = 0, False
    for match in LINE_END.finditer(content):
        if match[0] == b'"':
            quoted = not quoted
        elif not quoted:
            end = match.end()
    return end


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as reason:
        raise _unwritable(path, reason) from reason


def _unwritable(path: Path, reason: OSError) -> StorageUnavailable:
    return StorageUnavailable("identify.out_unwritable", file=str(path), reason=reason.strerror or "")


CSV_HEAD = BOM + write_row(TITLES)
FORMATS = {
    ".csv": LineFormat(CSV_HEAD, _csv_line, _whole_csv_lines, _read_csv_lines, CSV_HEAD),
    ".jsonl": LineFormat(b"", _json_line, _whole_json_lines, _read_json_lines, FIRST_LINE),
}
