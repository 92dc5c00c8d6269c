"""`boxes.csv` of a detector's run: the truth and what was found on each held-out photo.

Written by `core/detector/box_run`, read here for every figure of boxes and for comparing runs.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import ModelRefused
from core.metrics.detection import BoxesOnPhoto

BOXES_FILE = "boxes.csv"
STRANGER_BOXES_FILE = "stranger_boxes.csv"  # of the same form: photos of no known place that no training saw
BOX_COLUMNS = ("sha256", "group", "part", "kind", "label", "confidence", "left", "top", "right", "bottom")
TRUTH, FOUND, NONE = "truth", "found", "none"


@dataclass(frozen=True, slots=True, eq=False)
class PhotoBoxes:
    """One held-out photo. part: the training that judged it; boxes: corners as fractions of the photo."""

    sha256: str
    group: str
    part: str
    boxes: BoxesOnPhoto


@dataclass(frozen=True, slots=True, eq=False)
class BoxTable:
    """All held-out photos of a run. labels: slugs, in the order that numbers in `photos` count."""

    labels: tuple[str, ...]
    photos: tuple[PhotoBoxes, ...]

    def take(self, sha256s: Sequence[str]) -> "BoxTable":
        """Return these photos alone, in this order."""
        at = {photo.sha256: photo for photo in self.photos}
        return BoxTable(self.labels, tuple(at[sha256] for sha256 in sha256s))

    @property
    def boxes(self) -> tuple[BoxesOnPhoto, ...]:
        """The boxes of each photo, as `match_boxes` takes them."""
        return tuple(photo.boxes for photo in self.photos)


def read_boxes(content: bytes, labels: Sequence[str]) -> BoxTable:
    """Read `boxes.csv`. labels: the slugs of the manifest, in the order of the outputs.

    Raises:
        ModelRefused: code "model.table"; a column, a number, a label or a line is not what it should be.
    """
    try:
        header, *lines = csv.reader(io.StringIO(content.decode()))
        if tuple(header) != BOX_COLUMNS:
            raise ValueError(header)
        photos: dict[str, list[list[str]]] = {}
        for line in lines:
            if len(line) != len(BOX_COLUMNS):
                raise ValueError(line)
            photos.setdefault(line[0], []).append(line)
        columns = {slug: column for column, slug in enumerate(labels)}
        return BoxTable(tuple(labels), tuple(_photo(rows, columns) for rows in photos.values()))
    except (ValueError, KeyError, csv.Error) as error:
        raise ModelRefused("model.table", file=BOXES_FILE) from error


def _photo(rows: Sequence[Sequence[str]], columns: dict[str, int]) -> PhotoBoxes:
    kinds = {row[3] for row in rows}
    if not kinds <= {TRUTH, FOUND, NONE}:
        raise ValueError(kinds)
    truth = [row for row in rows if row[3] == TRUTH]
    found = [row for row in rows if row[3] == FOUND]
    corners = [np.array([row[6:] for row in some], np.float64).reshape(-1, 4) for some in (truth, found)]
    confidences = np.array([row[5] for row in found], np.float64)
    if not all(np.isfinite(numbers).all() for numbers in (*corners, confidences)):
        raise ValueError("not a number")
    boxes = BoxesOnPhoto(
        corners[0],
        np.array([columns[row[4]] for row in truth], np.int64),
        corners[1],
        np.array([columns[row[4]] for row in found], np.int64),
        confidences,
    )
    return PhotoBoxes(rows[0][0], rows[0][1], rows[0][2], boxes)
