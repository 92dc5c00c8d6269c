"""A folder of photos by class, as training and `evaluate` take it: `DIR/<slug>/*` and `DIR/unknown/*`.

Only names are read here, no photo is opened. A file that is no photo is refused later, by `ingest`, with its name.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from core.domain.photo import Split
from core.errors import InvalidInput

UNKNOWN_FOLDER = "unknown"  # photos of no known place: a destination, not a class
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
NUMBER = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class FolderPhoto:
    """One file.

    slug: its place's; None for a photo of no known place.
    series: name of the page, burst or album it comes from, where that is known; a series is never torn apart.
    split: the part of the data that it was given for good; None in a plain folder, and where a place has folds only.
    """

    path: Path
    slug: str | None
    series: str = ""
    split: Split | None = None


def read_folder(data_dir: Path) -> tuple[FolderPhoto, ...]:
    """List the photos of `data_dir`, classes and files in natural order (2 before 10).

    Hidden files are skipped, and so is whatever a link leads to outside `data_dir`. Folders inside a class folder
    are part of the class.

    Raises:
        InvalidInput: no such folder, no class folder in it, a class folder whose name is no slug, or no photos.
    """
    if not data_dir.is_dir():
        raise InvalidInput("folder.missing", folder=str(data_dir))
    root = data_dir.resolve()
    classes = [folder for folder in _children(data_dir, root) if folder.is_dir()]
    if not any(folder.name != UNKNOWN_FOLDER for folder in classes):
        raise InvalidInput("folder.no_classes", folder=str(data_dir))
    slugs = {folder: slug_of(folder.name) for folder in classes}
    for folder, slug in slugs.items():
        if not SLUG.fullmatch(slug):
            raise InvalidInput("folder.bad_slug", folder=str(folder), slug=folder.name)
    photos = tuple(
        FolderPhoto(path, None if slugs[folder] == UNKNOWN_FOLDER else slugs[folder])
        for folder in classes
        for path in _files(folder, root)
    )
    if not any(photo.slug for photo in photos):
        raise InvalidInput("folder.no_photos", folder=str(data_dir))
    return photos


def slug_of(name: str) -> str:
    """Return a folder's name as a slug: small letters, and hyphens for spaces and underscores."""
    return re.sub(r"[ _]+", "-", name.strip().lower())


def files_below(folder: Path) -> tuple[Path, ...]:
    """List all files below `folder` in natural order, without hidden ones and links that leave it."""
    return tuple(_files(folder, folder.resolve()))


def _files(folder: Path, root: Path) -> list[Path]:
    """List the files below `folder`, those of the folder itself first."""
    children = _children(folder, root)
    files = [child for child in children if child.is_file()]
    # A linked folder could lead back up and never end; linked files cannot.
    folders = [child for child in children if child.is_dir() and not child.is_symlink()]
    return files + [path for child in folders for path in _files(child, root)]


def _children(folder: Path, root: Path) -> list[Path]:
    """List what lies in `folder` in natural order, without hidden files and links that leave `root`."""
    visible = [path for path in folder.iterdir() if not path.name.startswith(".")]
    inside = [path for path in visible if path.resolve().is_relative_to(root)]
    return sorted(inside, key=_natural_key)


def _natural_key(path: Path) -> tuple[tuple[int, int, str], ...]:
    """Sort numbers inside names by value, and before letters."""
    parts = NUMBER.split(path.name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)
