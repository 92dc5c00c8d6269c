"""TensorBoard's event files that Keras and PyTorch wrote, against the CSV log of the same training."""

import csv
import io
import shutil
import struct
from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidInput, MissingPackage
from core.metrics import event_files
from core.metrics.event_files import read_event_files
from core.metrics.keras_log import read_keras_log

pytestmark = pytest.mark.train
RECORDED = Path(__file__).parent / "recorded"
KERAS = {path.relative_to(RECORDED).as_posix(): path for path in sorted((RECORDED / "keras").rglob("*.v2"))}
TRAIN, VALIDATION = KERAS
TORCH = next((RECORDED / "pytorch").iterdir())
HEAD_BYTES = 12  # of a record: its length and that one's checksum


def curves(files: dict[str, Path]) -> dict[str, Any]:
    return dict(read_keras_log(read_event_files(files), "events")[1].parts[0].curves)


def write_events(path: Path, scalars: list[tuple[str, int, float]]) -> Path:
    """Write an event file by tensorflow's own writer of records."""
    import tensorflow as tf
    from tensorflow.core.util.event_pb2 import Event

    path.parent.mkdir(parents=True, exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        writer.write(Event(file_version="brain.Event:2").SerializeToString())
        for tag, step, number in scalars:
            event = Event(step=step)
            event.summary.value.add(tag=tag, simple_value=number)
            writer.write(event.SerializeToString())
    return path


def test_what_keras_wrote_is_what_its_csv_log_says() -> None:
    said = list(csv.DictReader((RECORDED / "keras.csv").read_text().splitlines()))
    read = curves(KERAS)
    assert len(said) == 12
    assert list(read["epoch"]) == list(range(12))
    for column in ("loss", "accuracy", "val_loss", "val_accuracy"):
        assert list(read[column]) == pytest.approx([float(line[column]) for line in said], rel=1e-6)
    assert list(read["learning_rate"]) == pytest.approx([0.02] * 12)
    assert not any("iterations" in column for column in read)


def test_an_epoch_of_pytorch_ends_where_the_held_out_loss_was_written() -> None:
    read = curves({TORCH.name: TORCH})
    assert list(read["epoch"]) == [0, 1, 2]
    assert list(read["val_loss"]) == pytest.approx([1.1 / 10, 1.1 / 20, 1.1 / 30])
    assert list(read["loss"]) == pytest.approx([1 / 10, 1 / 20, 1 / 30])
    assert list(read["val_accuracy"]) == pytest.approx([0.59, 0.69, 0.79])


def test_without_a_held_out_loss_each_value_of_the_loss_is_an_epoch(tmp_path: Path) -> None:
    path = write_events(tmp_path / "a.tfevents.1", [("train_loss", 5, 1.0), ("train_loss", 10, 0.5), ("lr", 7, 0.1)])
    read = curves({path.name: path})
    assert list(read["loss"]) == [1.0, 0.5]
    assert list(read["learning_rate"]) == [None, pytest.approx(0.1)]


def test_a_training_that_was_taken_up_again_replaces_what_it_repeats(tmp_path: Path) -> None:
    first = write_events(tmp_path / "train" / "1.tfevents", [("epoch_loss", step, 9.0) for step in range(4)])
    second = write_events(tmp_path / "train" / "2.tfevents", [("epoch_loss", step, 1.0) for step in (2, 3, 4)])
    assert list(curves({"train/1.tfevents": first, "train/2.tfevents": second})["loss"]) == [9, 9, 1, 1, 1]


def test_a_file_that_was_cut_off_is_read_up_to_there(tmp_path: Path) -> None:
    whole = KERAS[VALIDATION].read_bytes()
    for length in (len(whole) - 1, len(whole) // 2):
        cut = tmp_path / "validation" / "cut.tfevents"
        cut.parent.mkdir(exist_ok=True)
        cut.write_bytes(whole[:length])
        read = curves({TRAIN: KERAS[TRAIN], "keras/validation/cut.tfevents": cut})
        assert 1 <= len(read["val_loss"]) <= 12
        assert list(read["val_loss"]) == list(curves(KERAS)["val_loss"])[: len(read["val_loss"])]


@pytest.mark.parametrize(
    "content",
    [b"", b"\x18\x00\x00", b"epoch,loss\n0,1\n" * 9, struct.pack("<QI", 2**62, 0) + b"x" * 99],
    ids=["empty", "short", "text", "endless record"],
)
def test_what_is_no_event_file_is_refused_by_name(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "events.out.tfevents.1.host"
    path.write_bytes(content)
    with pytest.raises(InvalidInput) as refused:
        read_event_files({path.name: path})
    assert (refused.value.code, refused.value.values) == ("run_import.file", {"file": path.name})


def test_a_changed_byte_ends_the_reading_and_nothing_else(tmp_path: Path) -> None:
    whole = KERAS[TRAIN].read_bytes()
    path = tmp_path / "a.tfevents"
    ends = set()
    for place in range(0, len(whole), 37):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            ends.add(len(curves({path.name: path})["loss"]))
        except InvalidInput as error:
            ends.add(error.code.removeprefix("run_import."))
    assert ends <= {*range(1, 13), "file", "keras_columns", "no_epochs"}
    assert len(ends) > 3


def test_two_trainings_are_one_too_many_and_so_are_too_many_bytes_or_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InvalidInput, match=r"run_import\.several"):
        read_event_files({f"one/{TRAIN}": KERAS[TRAIN], f"two/{VALIDATION}": KERAS[VALIDATION]})
    monkeypatch.setattr(event_files, "MOST_VALUES", 20)
    with pytest.raises(InvalidInput, match=r"run_import\.file"):
        read_event_files(KERAS)
    monkeypatch.setattr(event_files, "LARGEST_BYTES", 100)
    with pytest.raises(InvalidInput, match=r"run_import\.file"):
        read_event_files(KERAS)


def test_words_and_tables_are_passed_over(tmp_path: Path) -> None:
    import tensorflow as tf

    writer = tf.summary.create_file_writer(str(tmp_path))
    with writer.as_default():
        for step in range(2):
            tf.summary.write("note", "나쁜 하루", step=step)
            tf.summary.write("weights", [1.0, 2.0], step=step)
            tf.summary.write("loss", 0.5, step=step)
    writer.close()
    (path,) = tmp_path.iterdir()
    read = list(csv.reader(io.StringIO(read_event_files({path.name: path}).decode())))
    assert read == [["epoch", "loss"], ["0", "0.5"], ["1", "0.5"]]


def test_without_tensorflow_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_files, "find_spec", lambda _: None)
    with pytest.raises(MissingPackage):
        read_event_files(KERAS)


def test_other_files_beside_them_do_not_matter(tmp_path: Path) -> None:
    copy = shutil.copy(RECORDED / "keras.csv", tmp_path)
    assert read_event_files(KERAS | {"elsewhere/keras.csv": Path(copy)}) == read_event_files(KERAS)
