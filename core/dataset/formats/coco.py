"""COCO JSON: one file with `images`, `categories` and `annotations`; a `bbox` is left, top, width, height in pixels.

Read element by element, so that each that is not understood can be named by its line. Source: cocodataset.org,
"Data format", object detection.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.dataset.boxes import Edges, px_from_xyxyn, xyxyn_from_px
from core.dataset.formats.annotations import Annotation, Annotations, BadLine, NamedBox, checked, decode

LISTS = ("images", "categories", "annotations")
SPACE = " \t\r\n"
Line = tuple[int, Any]


@dataclass(frozen=True, slots=True)
class CocoPhoto:
    """A photo to be written. boxes: (position of its class, edges as fractions)."""

    file_name: str
    width_px: int
    height_px: int
    boxes: tuple[tuple[int, Edges], ...]


def write_coco(photos: Sequence[CocoPhoto], classes: Sequence[str]) -> str:
    """Return the document; category numbers begin at 1, as COCO's own do."""
    annotations: list[dict[str, Any]] = []
    for image_id, photo in enumerate(photos, start=1):
        for position, edges in photo.boxes:
            left, top, right, bottom = px_from_xyxyn(edges, photo.width_px, photo.height_px)
            box = [left, top, right - left, bottom - top]
            numbers = {"id": len(annotations) + 1, "image_id": image_id, "category_id": position + 1}
            annotations.append({**numbers, "bbox": box, "area": box[2] * box[3], "iscrowd": 0})
    images = [
        {"id": image_id, "file_name": photo.file_name, "width": photo.width_px, "height": photo.height_px}
        for image_id, photo in enumerate(photos, start=1)
    ]
    categories = [{"id": position + 1, "name": name} for position, name in enumerate(classes)]
    document = {"images": images, "categories": categories, "annotations": annotations}
    return json.dumps(document, ensure_ascii=False, indent=1)


def is_coco(content: bytes) -> bool:
    """Whether a JSON file is a document of this kind, by its first look."""
    return all(f'"{name}"'.encode() in content for name in ("images", "annotations"))


def read_coco(content: bytes, file: str) -> Annotations:
    """Return the photos of a document, and the elements that are not understood."""
    text = decode(content, file)
    if isinstance(text, BadLine):
        return Annotations((), (), (text,))
    try:
        lists = {name: list(elements) for name, elements in _lists(text)}
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        return Annotations((), (), (BadLine(file, line, "labels.bad.json"),))
    return _Document(file, lists).read()


class _Document:
    """A document under way: what is known of images and categories while annotations are read."""

    def __init__(self, file: str, lists: Mapping[str, list[Line]]) -> None:
        self._file, self._lists = file, lists
        self._bad: list[BadLine] = []
        self._spoiled: set[str] = set()
        self._boxes: dict[str, list[NamedBox]] = {}

    def read(self) -> Annotations:
        names = {str(one["id"]): str(one["name"]) for _, one in self._elements("categories", ("id", "name"))}
        images = {str(one["id"]): one for _, one in self._elements("images", ("id", "file_name", "width", "height"))}
        for line, one in self._elements("annotations", ("image_id", "category_id", "bbox")):
            self._add(line, one, images, names)
        photos = tuple(
            Annotation(
                self._file,
                str(image["file_name"]),
                tuple(self._boxes.get(key, ())),
                int(image["width"]),
                int(image["height"]),
            )
            for key, image in images.items()
        )
        return Annotations(photos, tuple(names.values()), tuple(self._bad), frozenset(self._spoiled))

    def _elements(self, name: str, fields: Sequence[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Yield the elements of a list that have what is needed."""
        for line, one in self._lists.get(name, []):
            if not isinstance(one, Mapping) or any(one.get(field) is None for field in fields):
                self._refuse(line, "labels.bad.fields", fields=", ".join(fields))
            elif name == "images" and not (_is_size(one["width"]) and _is_size(one["height"])):
                self._refuse(line, "labels.bad.photo_size")
            else:
                yield line, one

    def _add(self, line: int, one: Mapping[str, Any], images: Mapping[str, Any], names: Mapping[str, str]) -> None:
        image, name = images.get(str(one["image_id"])), names.get(str(one["category_id"]))
        if image is None:
            self._refuse(line, "labels.bad.image_id", found=str(one["image_id"])[:20])
            return
        edges = _edges(one["bbox"], image)
        if name is None:
            self._refuse(line, "labels.bad.class", found=str(one["category_id"])[:20], classes=len(names))
        elif isinstance(edges, str):
            self._refuse(line, edges)
        else:
            self._boxes.setdefault(str(one["image_id"]), []).append(NamedBox(name, edges))
            return
        self._spoiled.add(str(image["file_name"]))

    def _refuse(self, line: int, reason: str, **values: str | int) -> None:
        self._bad.append(BadLine(self._file, line, reason, dict(values)))


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1_000_000


def _edges(box: Any, image: Mapping[str, Any]) -> Edges | str:
    numbers = isinstance(box, list) and all(isinstance(one, int | float) and not isinstance(one, bool) for one in box)
    if not numbers or len(box) != 4:
        return "labels.bad.number"
    left, top, width, height = (float(one) for one in box)
    width_px, height_px = int(image["width"]), int(image["height"])
    # Programs that count pixels rather than edges may be half of one outside.
    tolerance = 0.5 / min(width_px, height_px)
    return checked(xyxyn_from_px((left, top, left + width, top + height), width_px, height_px), tolerance)


def _lists(text: str) -> Iterator[tuple[str, Iterator[Line]]]:
    """Yield the lists of the document that matter, each element with its line.

    Raises:
        ValueError: the text is no JSON object.
    """
    decoder, at = json.JSONDecoder(), _skip(text, 0)
    if text[at : at + 1] != "{":
        raise json.JSONDecodeError("an object", text, at)
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        name, at = decoder.raw_decode(text, at)
        at = _skip(text, _skip(text, at, ":"))
        if name in LISTS and text[at : at + 1] == "[":
            elements, at = _elements(decoder, text, at)
            yield name, iter(elements)
        else:
            _, at = decoder.raw_decode(text, at)
        at = _skip(text, at)
        at = _skip(text, at + 1) if text[at : at + 1] == "," else at
        if at >= len(text):
            raise json.JSONDecodeError("an end", text, at)


def _elements(decoder: json.JSONDecoder, text: str, at: int) -> tuple[list[Line], int]:
    """Return the elements of a list that begins at `at`, and where it ends."""
    found: list[Line] = []
    line, counted = text.count("\n", 0, at) + 1, at
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        line, counted = line + text.count("\n", counted, at), at
        element, at = decoder.raw_decode(text, at)
        found.append((line, element))
        at = _skip(text, at)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise json.JSONDecodeError("a comma", text, at)
    return found, at + 1


def _skip(text: str, at: int, sign: str = "") -> int:
    """Return where the next thing begins, behind spaces and behind a sign that must be there."""
    while text[at : at + 1] in SPACE and at < len(text):
        at += 1
    if sign and text[at : at + 1] != sign:
        raise json.JSONDecodeError(sign, text, at)
    return at + len(sign)
