"""The photos of an evaluation with what is true of them: a folder by place, or the test photos of a frozen data set."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.dataset.folder import UNKNOWN_FOLDER, FolderPhoto, read_folder
from core.dataset.ingest import read_photo, read_photo_file
from core.dataset.sniff import EXTENSIONS
from core.dataset.store import PhotoStore
from core.domain.library import SnapshotPhoto
from core.domain.photo import Photo, Split
from core.errors import InvalidInput
from core.identify.batch import PhotoFile, photo_key

# What collections put behind the words of a file's name: a number, or part of a hash; "cafe" is neither.
TAIL = re.compile(r"(?:[ _-]+(?:\d+|\(\d+\)|(?=[a-f]*\d)[0-9a-f]{6,}))+$", re.IGNORECASE)
NO_KIND = re.compile(r"|(?=[a-f]*\d)[0-9a-f]+|img|dsc[nf]?|photo|image|p\d*")


@dataclass(frozen=True, slots=True)
class AskedPhoto:
    """A photo and what is true of it.

    name: how it is shown; in a folder its path below that. slug: None for a photo of no known place. kind: what such a
    photo shows as far as its name says, else "". key: tells it from others, and a changed file from what it was.
    read: decodes it with at least so many pixels on the shorter side; raises `PhotoRefused` or `NotFound`.
    """

    name: str
    slug: str | None
    kind: str
    key: str
    read: Callable[[int], Photo]


def folder_photos(folder: Path, slugs: Collection[str]) -> tuple[AskedPhoto, ...]:
    """List `folder/<slug>/*` and `folder/unknown/*`.

    slugs: of the catalogue's places.

    Raises:
        InvalidInput: see `read_folder`; code "evaluate.no_place", a folder is named by no place of the catalogue.
    """
    found = read_folder(folder)
    for photo in found:
        if photo.slug is not None and photo.slug not in slugs:
            raise InvalidInput("evaluate.no_place", slug=photo.slug, unknown=UNKNOWN_FOLDER)
    return tuple(_of_folder(photo, folder) for photo in found)


def snapshot_photos(photos: Sequence[SnapshotPhoto], store: PhotoStore, snapshot_id: str) -> tuple[AskedPhoto, ...]:
    """Return the test photos of a frozen data set.

    Raises:
        InvalidInput: code "evaluate.no_test_photos"; none was set apart for testing.
    """
    found = tuple(
        AskedPhoto(photo.sha256, photo.place_slug, "", photo.sha256, partial(_read_stored, photo, store))
        for photo in photos
        if photo.split is Split.TEST
    )
    if not found:
        raise InvalidInput("evaluate.no_test_photos", snapshot_id=snapshot_id)
    return found


def kind_of(path: Path) -> str:
    """Return what a photo of no known place shows by its name: its folder below `unknown`, else the words of its file.

    "waterfall_0123.jpg" and "waterfall/0123.jpg" are both of kind "waterfall"; "0123.jpg" and "IMG.jpg" of none.
    """
    words = path.parts[-2] if len(path.parts) > 1 else TAIL.sub("", path.stem)
    words = re.sub(r"[ _-]+", "_", words.strip().casefold()).strip("_")
    parts = words.split("_")
    half = len(parts) // 2
    if half and parts[:half] == parts[half:]:  # a collection and its search word are often the same
        words = "_".join(parts[:half])
    return "" if NO_KIND.fullmatch(words) else words


def _of_folder(photo: FolderPhoto, folder: Path) -> AskedPhoto:
    name = _below(photo.path, folder)
    facts = photo_key(PhotoFile(photo.path, name))
    kind = "" if photo.slug is not None else kind_of(Path(*Path(name).parts[1:]))
    key = f"{facts.photo}/{facts.size_bytes}/{facts.modified_at}"
    return AskedPhoto(facts.photo, photo.slug, kind, key, lambda need_px: read_photo_file(photo.path, need_px=need_px))


def _below(path: Path, folder: Path) -> str:
    """Return a path as it is below the folder; links lead elsewhere, but are named by where they lie."""
    return str(path.relative_to(folder))


def _read_stored(photo: SnapshotPhoto, store: PhotoStore, need_px: int) -> Photo:
    return read_photo(store.get(photo.sha256, EXTENSIONS[photo.format]), need_px=need_px)
