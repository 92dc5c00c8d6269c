"""What an import would bring in: which files, under which names, filed under which places. Nothing is stored here.

`plan_import` lists a folder, a photo or a zip; a page or the command line shows `matches` and has them confirmed;
`items_of` makes what `import_photos` takes. A folder per class is matched to places by slug or by either name.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.dataset.archive import ArchiveLimits, list_archive, unpack_archive
from core.dataset.folder import SLUG, UNKNOWN_FOLDER, files_below, slug_of
from core.dataset.import_photos import ImportItem
from core.domain.place import Place
from core.errors import InvalidInput

CLASS_NUMBER = re.compile(r"^\d+[ _.-]+(?=\D)")  # "03_osulloc": how class folders are often numbered
LETTERS = str.maketrans({"đ": "d", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "ß": "ss"})  # which do not decompose
PARTS = frozenset({"train", "training", "val", "valid", "validation", "test", "testing"})  # levels above the classes


@dataclass(frozen=True, slots=True)
class ImportEntry:
    """A file. path: None in an archive that was only looked at. name: below the source. folder: its class, "" none."""

    path: Path | None
    name: str
    folder: str


@dataclass(frozen=True, slots=True)
class FolderMatch:
    """A class folder and the place it is filed under; is_new: no such place yet. slug: "unknown" for no known place."""

    folder: str
    slug: str
    is_new: bool
    photos: int


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """place_slug: the one place for everything, where one was named; then there are no matches."""

    entries: tuple[ImportEntry, ...]
    matches: tuple[FolderMatch, ...]
    place_slug: str | None

    @property
    def new_places(self) -> tuple[FolderMatch, ...]:
        """The folders for which a place would have to be created, one for each slug."""
        return tuple({match.slug: match for match in reversed(self.matches) if match.is_new}.values())[::-1]


def plan_import(
    source: Path, place_slug: str | None, places: Sequence[Place], unpack_into: Path | None = None
) -> ImportPlan:
    """Say what importing `source` would do.

    source: a folder, a photo, or a zip. place_slug: for all photos ("unknown" for no known place); None matches a
    folder per class, and files outside of such folders are unsorted. places: also the retired ones.
    unpack_into: a folder that is not there yet, into which a zip is unpacked; None only looks into the zip.

    Raises:
        InvalidInput: no such source, nothing in it, or an archive that is refused ("archive.…").
        StorageUnavailable: no room to unpack.
    """
    found = _list_source(source, unpack_into)
    if not found:
        raise InvalidInput("import.nothing", source=source.name)
    if place_slug is not None:
        return ImportPlan(tuple(ImportEntry(path, name, "") for path, name in found), (), place_slug)
    depth = _class_level([name for _, name in found])
    entries = tuple(ImportEntry(path, name, _folder_at(name, depth)) for path, name in found)
    return ImportPlan(entries, _match_folders(entries, places), None)


def items_of(plan: ImportPlan, slugs: Mapping[str, str | None] | None = None) -> tuple[ImportItem, ...]:
    """Return what to import. slugs: by folder, where the person chose another place than was matched; None unsorted.

    Raises:
        InvalidInput: code "import.not_unpacked"; the archive was only looked at.
    """
    chosen: dict[str, str | None] = {match.folder: match.slug for match in plan.matches}
    chosen.update(slugs or {})
    return tuple(
        ImportItem(_path_of(entry), entry.name, plan.place_slug or chosen.get(entry.folder)) for entry in plan.entries
    )


def _path_of(entry: ImportEntry) -> Path:
    if entry.path is None:
        raise InvalidInput("import.not_unpacked", name=entry.name)
    return entry.path


def _list_source(source: Path, unpack_into: Path | None) -> list[tuple[Path | None, str]]:
    """Return the files of a source with their names below it, composed (NFC)."""
    if source.is_dir():
        paths = files_below(source)
        return [(path, _composed(path.relative_to(source).as_posix())) for path in paths]
    if not source.is_file():
        raise InvalidInput("import.missing", source=str(source))
    if not _is_zip(source):
        return [(source, _composed(source.name))]
    if unpack_into is None:
        return [(None, name) for name in list_archive(source, ArchiveLimits())]
    return [(file.path, file.name) for file in unpack_archive(source, unpack_into)]


def _is_zip(source: Path) -> bool:
    with source.open("rb") as file:
        return file.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}


def _class_level(names: Iterable[str]) -> int:
    """Return how many levels of folders lie above the class folders: an outer folder, and train/val/test."""
    folders = {tuple(name.split("/")[:-1]) for name in names}
    level = 0
    while all(len(parts) > level + 1 for parts in folders):
        here = {parts[level] for parts in folders}
        if len(here) > 1 and not {name.casefold() for name in here} <= PARTS:
            break
        level += 1
    return level


def _folder_at(name: str, level: int) -> str:
    parts = name.split("/")[:-1]
    return parts[level] if len(parts) > level else ""


def _match_folders(entries: Sequence[ImportEntry], places: Sequence[Place]) -> tuple[FolderMatch, ...]:
    """Match each class folder, in the order in which they come."""
    known = {place.slug: place.slug for place in places}
    for place in places:
        for name in (place.name.ko, place.name.en):
            known.setdefault(name_key(name), place.slug)
    counts = Counter(entry.folder for entry in entries if entry.folder)
    matches: list[FolderMatch] = []
    for folder, photos in counts.items():
        slug = known_slug(folder, known)
        if slug is None:
            slug = new_slug(folder, {*known.values(), *(match.slug for match in matches)})
            known[name_key(folder)] = known[slug] = slug
            matches.append(FolderMatch(folder, slug, True, photos))
            continue
        is_new = any(match.slug == slug and match.is_new for match in matches)
        matches.append(FolderMatch(folder, slug, is_new, photos))
    return tuple(matches)


def known_slug(folder: str, known: Mapping[str, str]) -> str | None:
    """Return the place that a folder's name means: by slug, by name, and again without a number in front."""
    for name in (folder, CLASS_NUMBER.sub("", folder)):
        slug = slug_of(name)
        if slug == UNKNOWN_FOLDER:
            return UNKNOWN_FOLDER
        for key in (slug, name_key(name)):
            if key and key in known:
                return known[key]
    return None


def new_slug(folder: str, taken: set[str]) -> str:
    """Make a slug of a folder's name; letters beyond ASCII are dropped, and a number tells equals apart."""
    lower = CLASS_NUMBER.sub("", folder).lower().translate(LETTERS)
    plain = unicodedata.normalize("NFKD", lower).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    base = base if SLUG.fullmatch(base) else "place"
    number, slug = 1, base
    while slug in taken or slug == UNKNOWN_FOLDER:
        number += 1
        slug = f"{base}-{number}"
    return slug


def name_key(name: str) -> str:
    """Return a name with its case and its spaces taken out of account."""
    return re.sub(r"[\s_-]+", "", _composed(name).casefold())


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)
