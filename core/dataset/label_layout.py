"""Which files an export of boxes consists of, and their text, in each of the three formats.

Pure; called by `label_export`, which has the photos.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from core.dataset.boxes import Edges
from core.dataset.formats import coco, voc, yolo
from core.dataset.label_reading import LabelFormat
from core.domain.photo import Split

# Photos without a fixed part are there to learn from.
PARTS = {None: "train", Split.TRAIN: "train", Split.VALIDATION: "val", Split.TEST: "test"}
NO_VALIDATION = (
    "# No photo is fixed for validation, so val names the photos of train; hold some out before you judge by it.\n"
)


@dataclass(frozen=True, slots=True)
class ExportPhoto:
    """A photo as it leaves. file: below the target. boxes: (position of the class, edges as fractions)."""

    file: str
    width_px: int
    height_px: int
    boxes: tuple[tuple[int, Edges], ...]
    split: Split | None


def folder_of(form: LabelFormat, split: Split | None) -> str:
    """Return the folder for a photo."""
    return {
        LabelFormat.YOLO: f"images/{PARTS[split]}",
        LabelFormat.COCO: "images",
        LabelFormat.VOC: "JPEGImages",
    }[form]


def layout_files(
    form: LabelFormat, photos: Sequence[ExportPhoto], classes: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file of boxes."""
    layout = {LabelFormat.YOLO: _yolo, LabelFormat.COCO: _coco, LabelFormat.VOC: _voc}[form]
    for name, text in layout(photos, classes):
        yield name, text.encode()


def _yolo(photos: Sequence[ExportPhoto], classes: Sequence[str]) -> Iterator[tuple[str, str]]:
    for photo in photos:
        path = PurePosixPath("labels", *PurePosixPath(photo.file).parts[1:])
        yield str(path.with_suffix(".txt")), yolo.write_boxes(photo.boxes)
    folders = {PARTS[photo.split]: f"images/{PARTS[photo.split]}" for photo in photos}
    learned = folders.setdefault("train", "images/train")
    comment = "" if "val" in folders else NO_VALIDATION
    folders.setdefault("val", learned)
    yield "data.yaml", comment + yolo.write_data_yaml(classes, folders)


def _coco(photos: Sequence[ExportPhoto], classes: Sequence[str]) -> Iterator[tuple[str, str]]:
    described = [
        coco.CocoPhoto(photo.file.removeprefix("images/"), photo.width_px, photo.height_px, photo.boxes)
        for photo in photos
    ]
    yield "annotations.json", coco.write_coco(described, classes)


def _voc(photos: Sequence[ExportPhoto], classes: Sequence[str]) -> Iterator[tuple[str, str]]:
    lists: dict[str, list[str]] = {"train": []}
    for photo in photos:
        path = PurePosixPath(photo.file)
        boxes = [(classes[position], edges) for position, edges in photo.boxes]
        lists.setdefault(PARTS[photo.split], []).append(path.stem)
        yield f"Annotations/{path.stem}.xml", voc.write_voc(path.name, photo.width_px, photo.height_px, boxes)
    for part, stems in lists.items():
        yield f"ImageSets/Main/{part}.txt", "".join(f"{stem}\n" for stem in stems)
    yield "classes.txt", "".join(f"{name}\n" for name in classes)
