"""Photos and boxes as the folder that ultralytics trains from: upright JPEGs, label files, a data.yaml per training.

Used by `train`, and by the kit that trains elsewhere.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from core.dataset.derivative import encode_derivative
from core.dataset.ingest import read_photo
from core.detector.training_set import BoxedPhoto, BoxSet, TrainingPart

IMAGES, LABELS = "images", "labels"
# Mosaics and scaling look at up to half as small a piece again, so twice the input is all that is ever seen.
ROOM = 2
JPEG_QUALITY = 95


def write_photos(boxes: BoxSet, folder: Path, size_px: int, tell: Callable[[], None]) -> None:
    """Write each photo and its boxes, named by hash; what stands there already is left as it is.

    tell: called after each photo; what it raises ends the work.

    Raises:
        PhotoRefused: a photo cannot be read.
    """
    for name in (IMAGES, LABELS):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for photo in boxes.photos:
        image = folder / IMAGES / f"{photo.sha256}.jpg"
        if not image.exists():
            content = training_jpeg(photo, size_px)
            (folder / LABELS / f"{photo.sha256}.txt").write_text(label_lines(photo, boxes), encoding="ascii")
            unfinished = image.with_name(f".{image.name}")
            unfinished.write_bytes(content)
            unfinished.replace(image)
        tell()


def training_jpeg(photo: BoxedPhoto, size_px: int) -> bytes:
    """Return an upright copy of a photo without metadata, large enough to train on at this input size.

    Raises:
        PhotoRefused: it cannot be read.
    """
    return encode_derivative(read_photo(photo.path.read_bytes(), need_px=ROOM * size_px), ROOM * size_px, JPEG_QUALITY)


def label_lines(photo: BoxedPhoto, boxes: BoxSet) -> str:
    """Return YOLO's lines: column, centre and size as fractions of the upright photo. Empty for a background."""
    lines = []
    for box in photo.boxes:
        left, top, right, bottom = box.xyxyn
        sides = ((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)
        lines.append(" ".join([str(boxes.column(box)), *(f"{side:.9f}" for side in sides)]))
    return "".join(f"{line}\n" for line in lines)


def write_data(boxes: BoxSet, part: TrainingPart, folder: Path, target: Path) -> Path:
    """Write the lists of a training and its data.yaml under `target`, and return the latter.

    YAML is a superset of JSON, which needs no care about what a name holds.
    """
    target.mkdir(parents=True, exist_ok=True)
    lists = {"train": part.learned, "val": part.watched}
    for name, indices in lists.items():
        chosen: Sequence[BoxedPhoto] = [boxes.photos[index] for index in indices]
        lines = (str(folder / IMAGES / f"{photo.sha256}.jpg") for photo in chosen)
        (target / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    described = {
        "path": str(target),
        **{name: f"{name}.txt" for name in lists},
        "names": dict(enumerate(boxes.labels)),
    }
    data = target / "data.yaml"
    data.write_text(json.dumps(described, ensure_ascii=False, indent=2), encoding="utf-8")
    return data
