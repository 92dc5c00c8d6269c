"""YOLO: a text file per photo, `class x y width height` as fractions of the upright photo; names in `data.yaml`.

A photo with an empty file has nothing on it. Nothing in a `data.yaml` is followed but the names it lists: its paths
may say what they like. Source: docs.ultralytics.com/datasets/detect, and `verify_image_label` of its loader.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from core.dataset.boxes import Edges, xywhn_from_xyxyn, xyxyn_from_xywhn
from core.dataset.formats.annotations import BadLine, NamedBox, checked, decode, lines_of
from core.errors import InvalidInput, Value

NAMES_FILES = frozenset({"data.yaml", "data.yml", "dataset.yaml", "dataset.yml"})
LISTS_OF_NAMES = frozenset({"classes.txt", "obj.names", "labels.names", "_darknet.labels"})
FEWEST_DIGITS, MOST_DIGITS = 4, 6  # that programs round to
DIGITS = 10  # that are written: a box comes back within 1e-9


def write_boxes(boxes: Sequence[tuple[int, Edges]]) -> str:
    """Return the text of one photo: class number and edges as fractions, a line each; empty for none."""
    lines = (" ".join((str(number), *map(_decimal, xywhn_from_xyxyn(edges)))) for number, edges in boxes)
    return "".join(f"{line}\n" for line in lines)


def read_boxes(content: bytes, file: str, classes: Sequence[str]) -> tuple[tuple[NamedBox, ...], tuple[BadLine, ...]]:
    """Return the boxes of one file and the lines that are not understood.

    classes: names by number.
    """
    text = decode(content, file)
    if isinstance(text, BadLine):
        return (), (text,)
    boxes: list[NamedBox] = []
    bad: list[BadLine] = []
    for number, line in lines_of(text):
        read = _read_line(line, classes)
        if isinstance(read, NamedBox):
            boxes.append(read)
        else:
            bad.append(BadLine(file, number, *read))
    return tuple(boxes), tuple(bad)


def write_data_yaml(classes: Sequence[str], folders: Mapping[str, str]) -> str:
    """Return `data.yaml`. folders: of photos, by part ("train", "val", "test"), below the file itself."""
    import yaml

    parts = {part: folders[part] for part in ("train", "val", "test") if part in folders}
    plain = {**parts, "nc": len(classes), "names": dict(enumerate(classes))}
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False)


def read_names(content: bytes, file: str) -> tuple[str, ...]:
    """Return the class names of a `data.yaml`, by number.

    Raises:
        InvalidInput: "labels.names_broken"; not YAML, more than plain YAML, or without a list of names.
    """
    import yaml

    try:
        plain: Any = yaml.safe_load(content)
        names = plain["names"]
        if isinstance(names, Mapping):
            names = [names[number] for number in range(len(names))]
        if not isinstance(names, list) or not names:
            raise ValueError("names")
    except (yaml.YAMLError, KeyError, TypeError, ValueError, RecursionError) as reason:
        raise InvalidInput("labels.names_broken", file=file) from reason
    return tuple(str(name).strip() for name in names)


def read_list_of_names(content: bytes, file: str) -> tuple[str, ...]:
    """Return the class names of a `classes.txt`, one a line.

    Raises:
        InvalidInput: "labels.names_broken"; not UTF-8.
    """
    text = decode(content, file)
    if isinstance(text, BadLine):
        raise InvalidInput("labels.names_broken", file=file)
    return tuple(line for _, line in lines_of(text))


def _decimal(value: float) -> str:
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")


def _read_line(line: str, classes: Sequence[str]) -> NamedBox | tuple[str, dict[str, Value]]:
    """Return the box of a line, or the reason for which it is none."""
    parts = line.split()
    if len(parts) != 5:
        return "labels.bad.count", {"found": len(parts)}
    try:
        number, (x, y, width, height) = float(parts[0]), (float(part) for part in parts[1:])
    except ValueError:
        return "labels.bad.number", {}
    if not number.is_integer() or not 0 <= number < len(classes):
        return "labels.bad.class", {"found": parts[0][:20], "classes": len(classes)}
    if width < 0 or height < 0:
        return "labels.bad.size", {}
    edges = checked(xyxyn_from_xywhn((x, y, width, height)), _tolerance(parts[1:]))
    return (edges, {}) if isinstance(edges, str) else NamedBox(classes[int(number)], edges)


def _tolerance(parts: Sequence[str]) -> float:
    """Return how far rounding centre and half the width to their digits may move an edge."""
    digits = max(len(part.partition(".")[2]) for part in parts)
    return 0.75 * 10.0 ** -min(max(digits, FEWEST_DIGITS), MOST_DIGITS) + 1e-12
