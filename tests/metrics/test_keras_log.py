"""The CSV logs of Keras trainings, as many programs write them, and what is none in one sentence."""

import pytest

from core.domain.place import LANGUAGES
from core.errors import InvalidInput
from core.messages import describe
from core.metrics.keras_log import looks_like_boxes, looks_like_keras, read_keras_log
from core.metrics.training_log import BestRule
from tests.support.yolo_results import YOLO11, YOLOV5

CSV_LOGGER = (
    "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.25,1.5,0.125,1.75\n1,0.5,1.25,0.375,1.625\n2,0.75,1.0,0.25,1.875\n"
)
WANTED = {
    "epoch": (0, 1, 2),
    "accuracy": (0.25, 0.5, 0.75),
    "loss": (1.5, 1.25, 1.0),
    "val_accuracy": (0.125, 0.375, 0.25),
    "val_loss": (1.75, 1.625, 1.875),
}
SPELLED = {
    "CSVLogger": CSV_LOGGER,
    "old Keras": CSV_LOGGER.replace("accuracy", "acc"),
    "sparse": CSV_LOGGER.replace("accuracy", "sparse_categorical_accuracy"),
    "semicolons": CSV_LOGGER.replace(",", ";"),
    "tabs": CSV_LOGGER.replace(",", "\t"),
    "padded": CSV_LOGGER.replace(",", "   ,   "),
    "capitals": CSV_LOGGER.replace("accuracy", "Accuracy").replace("epoch", "Epoch").replace("loss", "Loss"),
    "mark": "\ufeff" + CSV_LOGGER,
    "Windows": CSV_LOGGER.replace("\n", "\r\n"),
    "pandas": CSV_LOGGER.replace("epoch", ""),
    "words": CSV_LOGGER.replace("val_", "validation ").replace("loss", "loss"),
    "blank lines": CSV_LOGGER.replace("\n1,", "\n\n1,") + "\n",
}


@pytest.mark.parametrize("spelling", SPELLED)
def test_a_log_is_read_however_it_is_spelled(spelling: str) -> None:
    content = SPELLED[spelling].encode()
    assert looks_like_keras(content)
    table, log = read_keras_log(content, "training.log")
    (part,) = log.parts
    assert table.startswith(b"epoch,accuracy,loss,val_accuracy,val_loss\n")
    assert {name: part.curves[name] for name in WANTED} == WANTED
    assert part.best_by == BestRule("val_loss", "lowest") and part.best_row == 1
    assert read_keras_log(table, "epochs.csv")[0] == table  # what is kept is read as it stands


def test_an_ultralytics_classification_is_a_classifiers_log_too() -> None:
    log = (
        b"epoch,time,train/loss,metrics/accuracy_top1,metrics/accuracy_top5,val/loss,lr/pg0\n1,2,1.5,0.5,1,1.25,0.01\n"
    )
    assert looks_like_keras(log) and not looks_like_boxes(log)
    curves = read_keras_log(log, "results.csv")[1].parts[0].curves
    assert (curves["loss"], curves["val_accuracy"], curves["val_loss"]) == ((1.5,), (0.5,), (1.25,))
    assert curves["metrics/accuracy_top5"] == (1,)


def test_a_detectors_log_is_none() -> None:
    for log in (YOLO11, YOLOV5):
        assert looks_like_boxes(log) and not looks_like_keras(log)


def test_a_gap_stays_a_gap_and_half_a_last_line_is_left_out() -> None:
    content = (CSV_LOGGER + "3,nan,nan,0.5,inf\n4,0.875,0.").encode()
    _, log = read_keras_log(content, "training.log")
    assert log.parts[0].curves["loss"] == (1.5, 1.25, 1.0, None) and log.parts[0].curves["val_accuracy"][-1] == 0.5
    assert log.dropped_lines == (6,)


def test_two_columns_that_mean_the_same_are_both_kept() -> None:
    _, log = read_keras_log(b"epoch,acc,accuracy,loss\n0,0.5,0.25,1\n", "training.log")
    assert log.parts[0].curves["accuracy"] == (0.5,) and log.parts[0].curves["accuracy_2"] == (0.25,)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "keras_columns"),
        (b"epoch,accuracy\n0,0.5\n", "keras_columns"),
        (CSV_LOGGER.replace(",", "|").encode(), "keras_columns"),
        (b"place,visitors\nfalls,7\n", "keras_columns"),
        (b"epoch,loss\n", "no_epochs"),
        (b"epoch,loss\n0,1.", "no_epochs"),
        (b"epoch,loss\n0,nan\n1,nan\n", "no_numbers"),
        (CSV_LOGGER.encode("utf-16"), "file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "file"),
        (b"epoch,loss\n" + b"1," + b"9" * 200_000 + b"\n", "file"),
    ],
)
def test_what_is_no_log_is_one_sentence(content: bytes, code: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_keras_log(content, "training.log")
    assert raised.value.code == f"run_import.{code}"
    for language in LANGUAGES:
        assert "training.log" in describe(raised.value, language)


def test_a_heading_from_outside_moves_no_cursor() -> None:
    with pytest.raises(InvalidInput) as raised:
        read_keras_log(b"\x1b[2J,b\n1,2\n", "training.log")
    assert "\x1b" not in describe(raised.value, "en")
