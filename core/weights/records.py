"""The tables beside a model: what it said of its training photos, and how it sees them.

`predictions.csv` has one line per photo and is what honest scores are computed from; `embeddings.npz` holds the
embeddings of the training photos for the gallery: no pixels, no pickle. Written by training, read by metrics and pages.
"""

import csv
import io
import zipfile
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import ModelRefused

PREDICTIONS_FILE = "predictions.csv"
TEST_PREDICTIONS_FILE = "test_predictions.csv"  # of the same form, of photos that were kept apart for good
EMBEDDINGS_FILE = "embeddings.npz"
UNKNOWN = -1  # stands for no known place where photos are labelled by number; never a class number
HELD_OUT, TRAINED_ON = "held_out", "train"
_FIXED = ("sha256", "group", "fold", "class_id", "part")
_ARRAYS = ("vectors", "class_ids", "groups", "sha256s")


@dataclass(frozen=True, slots=True)
class PredictionTable:
    """What a run said of N photos.

    class_ids: numbers of the C columns of `probabilities`; with one column more, that is none of these.
    sha256s, groups: N texts; folds: (N,) int, the fold in which the photo was held out.
    labels: (N,) int class numbers, -1 for a photo of no known place.
    probabilities: (N, C or C+1) calibrated, 0..1.
    held_out: (N,) bool, whether the photo took no part in training the model that said so.
    """

    class_ids: tuple[int, ...]
    sha256s: tuple[str, ...]
    groups: tuple[str, ...]
    folds: npt.NDArray[np.int64]
    labels: npt.NDArray[np.int64]
    probabilities: npt.NDArray[np.float64]
    held_out: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class EmbeddingTable:
    """How a run sees N photos. vectors: (N, D) float16, L2 norm 1; class_ids: (N,) int, -1 for no known place."""

    vectors: npt.NDArray[np.float16]
    class_ids: npt.NDArray[np.int64]
    groups: npt.NDArray[np.str_]
    sha256s: npt.NDArray[np.str_]


def write_predictions(table: PredictionTable) -> bytes:
    """Return the bytes of `predictions.csv`: UTF-8, one line per photo, columns `p_<class number>` and `p_none`."""
    columns = [f"p_{class_id}" for class_id in table.class_ids]
    if table.probabilities.shape[1] > len(columns):
        columns.append("p_none")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*_FIXED, *columns))
    rows = zip(table.sha256s, table.groups, table.folds, table.labels, table.held_out, table.probabilities, strict=True)
    for sha256, group, fold, label, held_out, shares in rows:
        part = HELD_OUT if held_out else TRAINED_ON
        writer.writerow((sha256, group, int(fold), int(label), part, *(f"{share:.9g}" for share in shares)))
    return text.getvalue().encode()


def read_predictions(content: bytes) -> PredictionTable:
    """Read `predictions.csv`.

    Raises:
        ModelRefused: code "model.table"; a column, a number or a line is not what it should be.
    """
    try:
        header, *rows = csv.reader(io.StringIO(content.decode()))
        columns: list[tuple[str, ...]] = list(zip(*rows, strict=True)) or [()] * len(header)
        if tuple(header[:5]) != _FIXED or len(columns) != len(header):
            raise ValueError(header[:5])
        return PredictionTable(
            class_ids=tuple(int(name[2:]) for name in header[5:] if name != "p_none"),
            sha256s=columns[0],
            groups=columns[1],
            folds=np.array(columns[2], np.int64),
            labels=np.array(columns[3], np.int64),
            probabilities=np.array(columns[5:], np.float64).T,
            held_out=np.array([part == HELD_OUT for part in columns[4]], bool),
        )
    except (ValueError, IndexError, csv.Error) as error:
        raise ModelRefused("model.table", file=PREDICTIONS_FILE) from error


def write_embeddings(table: EmbeddingTable) -> bytes:
    """Return the bytes of `embeddings.npz`."""
    buffer = io.BytesIO()
    values: dict[str, Any] = {name: getattr(table, name) for name in _ARRAYS}
    np.savez_compressed(buffer, allow_pickle=False, **values)
    return buffer.getvalue()


def read_embeddings(content: bytes) -> EmbeddingTable:
    """Read `embeddings.npz`; nothing in it is unpickled.

    Raises:
        ModelRefused: code "model.table"; an array is missing, pickled, broken or of another length than the others.
    """
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            vectors, class_ids, groups, sha256s = (arrays[name] for name in _ARRAYS)
        table = EmbeddingTable(
            vectors.astype(np.float16), class_ids.astype(np.int64), groups.astype(np.str_), sha256s.astype(np.str_)
        )
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ModelRefused("model.table", file=EMBEDDINGS_FILE) from error
    lengths = {len(vectors) if vectors.ndim == 2 else -1, class_ids.size, groups.size, sha256s.size}
    if len(lengths) != 1:
        raise ModelRefused("model.table", file=EMBEDDINGS_FILE)
    return table
