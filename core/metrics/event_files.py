"""The curves in TensorBoard's event files, as the CSV log that the same training could have written.

Read by tensorflow, which brings the reader of the records and the description of an event; TensorBoard itself is not
needed. Keras writes a folder `train` and a folder `validation` with tags `epoch_loss`, `epoch_accuracy`; PyTorch
writes one file with tags such as `Loss/train`, `Loss/val` or `val_loss`. Used by `runs import`.
"""

import csv
import io
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

from core.errors import InvalidInput, MissingPackage
from core.metrics.keras_log import LOSS, WATCHED

EVENTS = "tfevents"  # in the name of every event file
LARGEST_BYTES = 256 << 20
MOST_VALUES = 1_000_000
TRAINED_FOLDERS = frozenset({"train", "training"})
HELD_OUT_FOLDERS = frozenset({"validation", "val", "valid"})
PER_EPOCH, PER_STEP = "epoch_", ("batch_", "evaluation_")  # what Keras puts before its tags

Curves = dict[str, dict[int, float]]


def is_event_file(name: str) -> bool:
    """Whether a file is called like an event file."""
    return EVENTS in PurePosixPath(name).name


def read_event_files(files: Mapping[str, Path]) -> bytes:
    """Return the curves of one training as a table for `read_keras_log`, one line an epoch.

    An epoch ends where the held-out loss was written; where there is none, at each value of the loss. What another
    column says of it is its last value until then. A file that was cut off is read up to there.

    files: event files by their path in what was handed over; others are passed over.

    Raises:
        MissingPackage: tensorflow is not installed.
        InvalidInput: code "run_import.several", they are of several trainings; "run_import.file", one is too large or
            no event file.
    """
    named = {name: path for name, path in files.items() if is_event_file(name)}
    trainings = {_training(name) for name in named}
    if len(trainings) > 1:
        raise InvalidInput("run_import.several", file=EVENTS, count=len(trainings))
    if find_spec("tensorflow") is None:
        raise MissingPackage(package="tensorflow")
    curves: Curves = {}
    for name in sorted(named):  # their names begin with the second in which they were begun
        _add(curves, name, named[name])
    return _table(curves)


def _training(name: str) -> PurePosixPath:
    """Return the folder of the training that a file is of."""
    folder = PurePosixPath(name).parent
    return folder.parent if folder.name.lower() in TRAINED_FOLDERS | HELD_OUT_FOLDERS else folder


def _add(curves: Curves, name: str, path: Path) -> None:
    """Add a file's curves; a training that was taken up again replaces what it repeats."""
    if path.stat().st_size > LARGEST_BYTES:
        raise InvalidInput("run_import.file", file=PurePosixPath(name).name)
    is_held_out = PurePosixPath(name).parent.name.lower() in HELD_OUT_FOLDERS
    fresh: Curves = {}
    for count, (tag, step, value) in enumerate(_scalars(path, PurePosixPath(name).name)):
        if count >= MOST_VALUES:
            raise InvalidInput("run_import.file", file=PurePosixPath(name).name)
        column = _column(tag, is_held_out)
        if column:
            fresh.setdefault(column, {})[step] = value
    for column, values in fresh.items():
        kept = {step: value for step, value in curves.get(column, {}).items() if step < min(values)}
        curves[column] = kept | values


def _scalars(path: Path, file: str) -> Iterator[tuple[str, int, float]]:
    """Yield (tag, step, value) of every number in a file."""
    for event in _events(path, file):
        for value in event.summary.value:
            number = _number(value)
            if number is not None:
                yield value.tag, event.step, number


def _events(path: Path, file: str) -> Iterator[Any]:
    """Yield the whole events of a file, of which there must be one."""
    import tensorflow as tf
    from google.protobuf.message import DecodeError
    from tensorflow.core.util.event_pb2 import Event

    count = 0
    with suppress(tf.errors.DataLossError, DecodeError):  # cut off or changed from here on
        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            yield Event.FromString(record)
            count += 1
    if not count:
        raise InvalidInput("run_import.file", file=file)


def _number(value: Any) -> float | None:
    """Return the number that a summary's value holds; None for words, pictures and tables."""
    import tensorflow as tf

    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return float(value.simple_value)
    if kind != "tensor" or value.tensor.tensor_shape.dim:
        return None
    try:
        number = tf.make_ndarray(value.tensor)
        return float(number) if number.size == 1 and number.dtype.kind in "fiu" else None
    except (TypeError, ValueError):  # a kind that numpy has not, or a content that is not of its kind
        return None


def _column(tag: str, is_held_out: bool) -> str:
    """Return what a Keras log calls a tag; "" for what is counted by the batch."""
    if tag.startswith(PER_STEP):
        return ""
    name, _, part = tag.removeprefix(PER_EPOCH).partition("/")
    if part.lower() in TRAINED_FOLDERS:
        return name.lower()
    if part.lower() in HELD_OUT_FOLDERS:
        return WATCHED + name.lower()
    return (WATCHED if is_held_out else "") + tag.removeprefix(PER_EPOCH)


def _table(curves: Curves) -> bytes:
    columns = [name for name in curves if name.lower() != "epoch"]
    by_name = {name.lower(): name for name in columns}
    ends = sorted(curves[by_name.get(WATCHED + LOSS) or by_name.get(LOSS) or columns[0]]) if columns else []
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["epoch", *columns])
    told = [_by_epoch(curves[name], ends) for name in columns]
    writer.writerows([number, *(values[number] for values in told)] for number in range(len(ends)))
    return table.getvalue().encode()


def _by_epoch(values: Mapping[int, float], ends: Sequence[int]) -> list[float | str]:
    """Return the last value within each epoch, "" where there is none. ends: the last step of each, ascending."""
    told: list[float | str] = [""] * len(ends)
    for step in sorted(values):
        epoch = bisect_left(ends, step)
        if epoch < len(ends):
            told[epoch] = values[step]
    return told
