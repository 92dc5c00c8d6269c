"""The files of a data set with boxes: a folder of the user's own, or a zip from outside; and which is whose photo.

Called by `label_reading` and `label_plan`. Links in the user's own folder are followed wherever they lead; an archive
with a link is refused by `archive`.
"""

import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from core.dataset.archive import ArchiveLimits, unpack_archive
from core.dataset.whole_files import translated
from core.errors import InvalidInput

PHOTO_ENDINGS = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".webp", ".avif", ".heic", ".heif", ".mpo"})
# Folders that tell photos from their boxes, and say nothing else.
SORTS = frozenset({"images", "labels", "jpegimages", "annotations", "image", "label"})
MOST_FILES = 400_000  # twice COCO's largest part; a mistaken folder ("/") is told so instead of being read for hours
USUAL = ArchiveLimits()
Key = tuple[str, ...]


@dataclass(frozen=True)
class SourceFiles:
    """Files by their name below the source, composed (NFC), with "/" between its parts; sorted by name."""

    paths: Mapping[str, Path]

    @cached_property
    def photos(self) -> tuple[str, ...]:
        """The names that look like photos'."""
        return tuple(name for name in self.paths if PurePosixPath(name).suffix.lower() in PHOTO_ENDINGS)

    @cached_property
    def _by_key(self) -> dict[Key, list[str]]:
        return _gather(self.photos, lambda name: (_key(name),))

    @cached_property
    def _by_end(self) -> dict[Key, list[str]]:
        """Photos by their last part, with and without its ending."""
        return _gather(self.photos, lambda name: ((_last(name),), (_last(without_ending(name)),)))

    def find_photos(self, image: str) -> tuple[str, ...]:
        """Return the photos that a file of boxes can mean by `image`: one, none, or several that it may be."""
        name = unicodedata.normalize("NFC", image.replace("\\", "/")).removeprefix("./")
        if name in self.paths and PurePosixPath(name).suffix.lower() in PHOTO_ENDINGS:
            return (name,)
        by_folder = self._by_key.get(_key(name)) or self._by_key.get(_key(f"{name}.jpg"), [])
        if len(by_folder) == 1:
            return tuple(by_folder)
        by_end = self._by_end.get((_last(name),)) or self._by_end.get((_last(without_ending(name)),), [])
        return tuple(by_folder or by_end)

    def named(self, endings: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
        """Yield the files with one of these endings."""
        for name, path in self.paths.items():
            if name.lower().endswith(endings):
                yield name, path


def list_files(source: Path, unpack_into: Path, limits: ArchiveLimits = USUAL) -> SourceFiles:
    """List a folder, or unpack a zip and list that.

    unpack_into: a folder that is not there yet; used for a zip only.

    Raises:
        InvalidInput: no such source, an archive that is refused ("archive.…"), or too many files.
        StorageUnavailable: no room to unpack, or no right to read.
    """
    if source.is_dir():
        with translated(str(source)):
            found = dict(_walk(source))
    elif source.is_file():
        found = {file.name: file.path for file in unpack_archive(source, unpack_into, limits)}
    else:
        raise InvalidInput("import.missing", source=str(source))
    return SourceFiles(dict(sorted(found.items())))


def _walk(root: Path) -> Iterator[tuple[str, Path]]:
    """Yield every file below `root`, through links; a folder is entered once, so that no walk is endless."""
    seen: set[str] = set()
    count = 0
    for folder, folders, files in os.walk(root, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        real = os.path.realpath(folder)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        for name in files:
            path = Path(folder, name)
            if not name.startswith(".") and path.is_file():
                count += 1
                if count > MOST_FILES:
                    raise InvalidInput("labels.too_many_files", limit=MOST_FILES)
                yield unicodedata.normalize("NFC", path.relative_to(root).as_posix()), path


def _gather(names: Iterable[str], keys: Callable[[str], Iterable[Key]]) -> dict[Key, list[str]]:
    found: dict[Key, list[str]] = {}
    for name in names:
        for key in dict.fromkeys(keys(name)):
            found.setdefault(key, []).append(name)
    return found


def _key(name: str) -> Key:
    """Return the parts of a name without its ending, and without the folders that part photos from their boxes."""
    *folders, last = without_ending(name).split("/")
    return (*(part for part in folders if part.casefold() not in SORTS), last)


def _last(name: str) -> str:
    return name.rsplit("/", 1)[-1].casefold()


def without_ending(name: str) -> str:
    """Return a name without its ending, if that is one of a photo or of a file of boxes: "falls.v2" has none."""
    ending = PurePosixPath(name).suffix
    return name.removesuffix(ending) if ending.lower() in {*PHOTO_ENDINGS, ".txt", ".xml", ".json"} else name
