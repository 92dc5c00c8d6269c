"""Where evaluations lie: one JSON file each, written whole; and, while one goes on, a line for each photo answered.

`python -m core evaluate` writes, the page of metrics reads. Everything is below one folder of the data folder.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import TypeAdapter, ValidationError

from core.errors import Conflict, NotFound, StorageUnavailable
from core.identify.evaluate_records import Evaluation, JudgedPhoto

FOLDER = "evaluated"  # below the data folder
ID = re.compile(r"evaluation-[0-9]{8}-[0-9]{6}-[0-9a-f]{6}")
LIMIT = 50
_PHOTO, _EVALUATION = TypeAdapter(JudgedPhoto), TypeAdapter(Evaluation)
log = logging.getLogger(__name__)


class AnswerLog:
    """The answers of an evaluation that is under way, one line a photo. judged: by the photo's key."""

    def __init__(self, path: Path) -> None:
        self.judged: dict[str, JudgedPhoto] = {}
        self._path = path
        content = path.read_bytes() if path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]  # half a last line was left by a run that was killed
        for line in whole.splitlines():
            try:
                said = json.loads(line)
                self.judged[said["key"]] = _PHOTO.validate_python(said["photo"])
            except (ValueError, KeyError, TypeError, ValidationError):
                continue  # of another version of the program: it is asked about again
        self._file = path.open("r+b" if content else "wb")
        self._file.truncate(len(whole))
        self._file.seek(len(whole))

    def write(self, key: str, photo: JudgedPhoto) -> None:
        """Note one answer.

        Raises:
            StorageUnavailable: the disk is full or gone; what was written before stays.
        """
        line = json.dumps({"key": key, "photo": _PHOTO.dump_python(photo, mode="json")}, ensure_ascii=False)
        try:
            self._file.write(line.encode("utf-8", "backslashreplace") + b"\n")
            self._file.flush()
        except OSError as error:
            raise StorageUnavailable("evaluate.unwritable", reason=error.strerror or "") from error
        self.judged[key] = photo

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def forget(self) -> None:
        """Remove the file, once an evaluation was made of what it holds."""
        self._path.unlink(missing_ok=True)


class EvaluationStore:
    """Evaluations that were made, and those that are under way."""

    def __init__(self, folder: Path) -> None:
        """folder: where they lie; made when the first is written."""
        self._folder = folder

    @contextmanager
    def open_log(self, source: str, release: str) -> Iterator[AnswerLog]:
        """Open the answers to a source by a release, to go on with, for this process alone.

        Raises:
            Conflict: code "evaluate.in_use"; another process evaluates the same.
            StorageUnavailable: code "evaluate.unwritable".
        """
        path = self._log_path(source, release)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path.with_suffix(".lock"), timeout=0)
            lock.acquire()
            answers = AnswerLog(path)
        except Timeout as error:
            raise Conflict("evaluate.in_use", source=source) from error
        except OSError as error:
            raise StorageUnavailable("evaluate.unwritable", reason=error.strerror or "") from error
        try:
            yield answers
        finally:
            answers.close()
            lock.release()

    def keep(self, evaluation: Evaluation) -> None:
        """Write an evaluation whole.

        Raises:
            StorageUnavailable: code "evaluate.unwritable".
        """
        path = self._folder / f"{evaluation.evaluation_id}.json"
        unfinished = path.with_suffix(".unfinished")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished.write_bytes(as_json(evaluation))
            unfinished.replace(path)
        except OSError as error:
            raise StorageUnavailable("evaluate.unwritable", reason=error.strerror or "") from error

    def get(self, evaluation_id: str) -> Evaluation:
        """Return an evaluation by its name: text from outside.

        Raises:
            NotFound: code "evaluate.not_found"; there is none, or none that can be read.
        """
        try:
            if not ID.fullmatch(evaluation_id):
                raise FileNotFoundError(evaluation_id)
            return _EVALUATION.validate_json((self._folder / f"{evaluation_id}.json").read_bytes())
        except (OSError, ValidationError) as error:
            raise NotFound("evaluate.not_found", evaluation_id=evaluation_id[:60]) from error

    def list(self, limit: int = LIMIT) -> tuple[Evaluation, ...]:
        """Return evaluations, the newest first; one that cannot be read is logged and left out."""
        found: list[Evaluation] = []
        for path in sorted(self._folder.glob("evaluation-*.json"), reverse=True)[:limit]:
            try:
                found.append(self.get(path.stem))
            except NotFound as error:
                log.warning("evaluation %s is left out: %s", path.name, error)
        return tuple(found)

    def _log_path(self, source: str, release: str) -> Path:
        name = sha256(f"{source}\n{release}".encode("utf-8", "backslashreplace")).hexdigest()[:16]
        return self._folder / f"under-way-{name}.jsonl"


def new_id(now: datetime, source: str) -> str:
    """Return the name of an evaluation made now."""
    digest = sha256(f"{now.isoformat()}\n{source}".encode("utf-8", "backslashreplace")).hexdigest()
    return f"evaluation-{now:%Y%m%d-%H%M%S}-{digest[:6]}"


def as_json(evaluation: Evaluation) -> bytes:
    """Return an evaluation as one JSON document."""
    return _EVALUATION.dump_json(evaluation)
