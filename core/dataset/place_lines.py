"""The lines of a file of places, CSV or YAML, each as flat texts with the line it begins on. Called by `place_files`.

Nothing is judged here but the file's own form. YAML is read as texts only: no tag makes an object, and an alias costs
no more than what it stands for.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.dataset.csv_cells import read_csv
from core.dataset.place_fields import FIELDS, YAML_PATHS
from core.errors import EodiError, InvalidInput

if TYPE_CHECKING:
    from yaml.nodes import Node

LINE_END = re.compile(r"\r\n|\r|\n")
NOTHING = frozenset({"", "~", "null", "Null", "NULL"})  # Source: YAML 1.1, "null"; only where it is not quoted
SECTIONS = frozenset(path[:depth] for path in YAML_PATHS for depth in range(1, len(path)))


@dataclass(frozen=True, slots=True)
class Line:
    """An entry. number: of the line that it begins on, from 1. fields: those that the file names, by their CSV name."""

    number: int
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LineFault:
    """A line that is wrong, and why."""

    line: int
    error: EodiError


def read_lines(content: bytes, *, is_yaml: bool) -> tuple[tuple[Line, ...], tuple[LineFault, ...]]:
    """Return the entries of a file and the lines that are none."""
    lines: list[Line] = []
    faults: list[LineFault] = []
    for entry in _yaml_entries(content) if is_yaml else _csv_entries(content):
        if isinstance(entry, Line):
            lines.append(entry)
        else:
            faults.append(entry)
    return tuple(lines), tuple(faults)


def _csv_entries(content: bytes) -> Iterator[Line | LineFault]:
    try:
        titles, rows = read_csv(content)
    except InvalidInput as error:
        yield LineFault(1, error)
        return
    wrong = list(_wrong_titles(titles))
    yield from wrong
    if wrong:
        return
    number = 1 + _lines_in(titles)
    for row in rows:
        if len(row) == len(titles):
            yield Line(number, dict(zip(titles, row, strict=True)))
        elif any(row):
            yield LineFault(number, InvalidInput("place_file.cells", expected=len(titles), found=len(row)))
        number += _lines_in(row)


def _wrong_titles(titles: tuple[str, ...]) -> Iterator[LineFault]:
    if "slug" not in titles:
        yield LineFault(1, InvalidInput("place_file.no_slug"))
    for place, title in enumerate(titles):
        if title not in FIELDS or title in titles[:place]:
            yield LineFault(1, InvalidInput("place_file.field", field=title[:80]))


def _lines_in(row: tuple[str, ...]) -> int:
    """Count the lines of the file that a row takes; a quoted cell may hold line ends."""
    return 1 + sum(len(LINE_END.findall(cell)) for cell in row)


def _yaml_entries(content: bytes) -> Iterator[Line | LineFault]:
    import yaml

    try:
        root = yaml.compose(content, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        yield LineFault(line, InvalidInput("place_file.yaml", reason=str(error.problem or "")[:200]))
        return
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError):
        yield LineFault(1, InvalidInput("place_file.yaml", reason=""))
        return
    if not isinstance(root, yaml.SequenceNode):
        if root is not None:
            yield LineFault(1, InvalidInput("place_file.no_list"))
        return
    for entry in root.value:
        number = entry.start_mark.line + 1
        try:
            yield Line(number, dict(_leaves(entry, ())))
        except InvalidInput as error:
            yield LineFault(number, error)


def _leaves(node: "Node", path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the fields below a node; the known paths bound how deep this goes.

    Raises:
        InvalidInput: something stands where nothing or something else should.
    """
    import yaml

    is_nothing = isinstance(node, yaml.ScalarNode) and node.style is None and node.value in NOTHING
    if path in YAML_PATHS and isinstance(node, yaml.ScalarNode):
        yield YAML_PATHS[path], "" if is_nothing else node.value
    elif path in SECTIONS and is_nothing:
        yield from ((field, "") for known, field in YAML_PATHS.items() if known[: len(path)] == path)
    elif (path in SECTIONS or not path) and isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            yield from _leaves(value, (*path, name))
    else:
        raise InvalidInput("place_file.field", field=".".join(path)[:80] or str(node.value)[:80])
