"""Where an export is written: a folder or a zip that is there whole or not at all; and the names of its photos.

Called by `label_export`.
"""

import os
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from uuid import uuid4

from core.dataset.label_source import PHOTO_ENDINGS
from core.dataset.whole_files import translated
from core.domain.photo import PhotoRecord
from core.errors import Conflict

Write = Callable[[str, bytes], None]
EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip can say: the same boxes give the same bytes
# What Windows takes in no name, what a shell or a list of files may stumble over, and what cannot be seen.
UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
LONGEST_NAME_BYTES = 180  # file systems end at 255, and other programs add their own endings
ZIP = ".zip"


class FileNames:
    """Gives each photo the name that its file had, as far as file systems take it; a number tells equals apart."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def give(self, record: PhotoRecord) -> str:
        """Return a name that nothing else of this export has, whatever its letters' case; the copy is a JPEG."""
        stem = _fit(record.original_name) or record.sha256[:12]
        name, number = stem, 1
        while name.casefold() in self._given:
            number += 1
            name = f"{stem} ({number})"
        self._given.add(name.casefold())
        return f"{name}.jpg"


def _fit(name: str) -> str:
    path = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/"))
    stem = path.stem if path.suffix.lower() in PHOTO_ENDINGS else path.name
    cut = UNFIT.sub("_", stem).encode("utf-8", "replace")[:LONGEST_NAME_BYTES].decode("utf-8", "ignore")
    return cut.strip(" .")


@contextmanager
def opened_target(target: Path) -> Iterator[Write]:
    """Give a function that writes a file by its name; what it wrote stands at `target` once all went well.

    Raises:
        Conflict: "labels.export_not_empty"; a folder with something in it, or a file that is no zip, stands there.
        StorageUnavailable: no room, or no right to write.
    """
    to_zip = target.suffix.lower() == ZIP
    stands = target.exists() and not (target.is_file() if to_zip else target.is_dir() and not any(target.iterdir()))
    if stands:
        raise Conflict("labels.export_not_empty", target=str(target))
    unfinished = target.with_name(f".{target.name}.{uuid4().hex}.part")
    with translated(str(target.parent)):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            with (_zip if to_zip else _folder)(unfinished) as write:
                yield write
            if target.is_dir():
                target.rmdir()
            unfinished.replace(target)
        finally:
            if unfinished.is_dir():
                shutil.rmtree(unfinished, ignore_errors=True)
            else:
                unfinished.unlink(missing_ok=True)


@contextmanager
def _zip(unfinished: Path) -> Iterator[Write]:
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
        yield lambda name, content: archive.writestr(zipfile.ZipInfo(name, EARLIEST), content)
    with unfinished.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def _folder(unfinished: Path) -> Iterator[Write]:
    unfinished.mkdir()

    def write(name: str, content: bytes) -> None:
        path = unfinished / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    yield write
