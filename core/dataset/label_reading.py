"""Read a data set's boxes from its files, in any of the three formats. Thin: the formats themselves are pure.

Called by `label_plan`. A file that is not understood is named by its line, and its photo is left out.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from core.dataset.csv_cells import read_csv
from core.dataset.formats import coco, voc, yolo
from core.dataset.formats.annotations import LARGEST_BYTES, Annotation, Annotations, BadLine
from core.dataset.label_source import SourceFiles
from core.domain.label import NothingReason
from core.errors import InvalidInput

PHOTOS_FILE = "photos.csv"  # what an export says about its photos, beside any of the formats
LISTS_OF_PHOTOS = frozenset({"train.txt", "val.txt", "valid.txt", "test.txt", "trainval.txt", "readme.txt"})


class LabelFormat(StrEnum):
    """A form in which other programs keep boxes."""

    YOLO = "yolo"
    COCO = "coco"
    VOC = "voc"


@dataclass(frozen=True, slots=True)
class ExportedPhoto:
    """What `photos.csv` of an export says of a file. sha256: of the original that it was made of."""

    sha256: str
    place_slug: str
    reason: NothingReason | None


def read_annotations(files: SourceFiles, form: LabelFormat, names: Sequence[str] = ()) -> Annotations:
    """Return all that the files say about boxes.

    names: class names by number, where YOLO's files do not have them.

    Raises:
        InvalidInput: "labels.no_files", nothing of this format; "labels.no_names"; "labels.names_broken".
    """
    if form is LabelFormat.YOLO:
        return _read_yolo(files, names)
    ending, read = {LabelFormat.COCO: (".json", coco.read_coco), LabelFormat.VOC: (".xml", voc.read_voc)}[form]
    found = [_read_one(path, name, read) for name, path in files.named((ending,)) if _is_meant(path, form)]
    if not found:
        raise InvalidInput("labels.no_files", format=form.value)
    return _joined(found)


def read_exported(files: SourceFiles) -> dict[str, ExportedPhoto]:
    """Return what an export's own table says, by the file's name; nothing where there is none that is understood."""
    path = files.paths.get(PHOTOS_FILE)
    if path is None or path.stat().st_size > LARGEST_BYTES:
        return {}
    try:
        titles, rows = read_csv(path.read_bytes())
        plain = [dict(zip(titles, row, strict=True)) for row in rows]
        return {
            row["file"]: ExportedPhoto(
                row["sha256"], row["place"], NothingReason(row["nothing_here"]) if row["nothing_here"] else None
            )
            for row in plain
        }
    except (InvalidInput, KeyError, ValueError):
        return {}


def _read_yolo(files: SourceFiles, names: Sequence[str]) -> Annotations:
    labels = list(_yolo_labels(files))
    if not labels:
        raise InvalidInput("labels.no_files", format=LabelFormat.YOLO.value)
    classes = tuple(names) or _yolo_names(files)
    photos: list[Annotation] = []
    bad_lines: list[BadLine] = []
    spoiled: set[str] = set()
    for name, path in labels:
        image = name.removesuffix(PurePosixPath(name).suffix)
        boxes, bad = yolo.read_boxes(_content(path), name, classes)
        photos.append(Annotation(name, image, boxes))
        bad_lines += bad
        spoiled |= {image} if bad else set()
    return Annotations(tuple(photos), classes, tuple(bad_lines), frozenset(spoiled))


def _yolo_labels(files: SourceFiles) -> Iterable[tuple[str, Path]]:
    """Yield the files of boxes: those in a folder "labels", beside their photo, or, without any photo, all."""
    for name, path in files.named((".txt",)):
        *folders, last = name.casefold().split("/")
        if last in LISTS_OF_PHOTOS | yolo.LISTS_OF_NAMES:
            continue
        stem = name.removesuffix(PurePosixPath(name).suffix)
        if (
            "labels" in folders
            or not files.photos
            or any(photo.startswith(f"{stem}.") for photo in files.find_photos(stem))
        ):
            yield name, path


def _yolo_names(files: SourceFiles) -> tuple[str, ...]:
    """Return the class names of the file that lies nearest to the top."""
    for wanted, read in ((yolo.NAMES_FILES, yolo.read_names), (yolo.LISTS_OF_NAMES, yolo.read_list_of_names)):
        found = [name for name in files.paths if name.rsplit("/", 1)[-1].casefold() in wanted]
        if found:
            nearest = min(found, key=lambda name: (name.count("/"), name))
            return read(_content(files.paths[nearest]), nearest)
    raise InvalidInput("labels.no_names")


def _is_meant(path: Path, form: LabelFormat) -> bool:
    return form is not LabelFormat.COCO or coco.is_coco(_content(path))


def _read_one(path: Path, name: str, read: Callable[[bytes, str], Annotations]) -> Annotations:
    return read(_content(path), name)


def _joined(found: Sequence[Annotations]) -> Annotations:
    return Annotations(
        tuple(photo for one in found for photo in one.photos),
        tuple(dict.fromkeys(name for one in found for name in one.classes)),
        tuple(line for one in found for line in one.bad_lines),
        frozenset().union(*(one.spoiled for one in found)),
    )


def _content(path: Path) -> bytes:
    """Read a file, or so much of it that it is seen to be too large."""
    with path.open("rb") as file:
        return file.read(LARGEST_BYTES + 1)
