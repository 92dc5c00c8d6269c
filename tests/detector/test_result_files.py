"""Logs and settings of trainings elsewhere, as they are found: padded, cut off, empty, or something else."""

import json
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from core.detector.config import DetectorConfig
from core.detector.result_files import list_result, read_result
from core.domain.place import LANGUAGES
from core.errors import InvalidInput
from core.messages import describe
from tests.support.yolo_results import ARGS, YOLO11, YOLOV5, write_result

CONFIG = asdict(DetectorConfig(epochs=3, size_px=64))
KIT: dict[str, Any] = {"format": 1, "snapshot_id": "snapshot-1", "fingerprint": "ab", "config": CONFIG}


def read(source: Path) -> Any:
    return read_result(list_result(source, source.parent / "unpacked"))


@pytest.mark.parametrize(
    ("log", "recall", "best_by"),
    [(YOLOV5, "metrics/recall", "metrics/mAP_0.5:0.95"), (YOLO11, "metrics/recall(B)", "metrics/mAP50-95(B)")],
)
def test_logs_of_old_and_new_are_read_under_their_own_names(
    tmp_path: Path, log: bytes, recall: str, best_by: str
) -> None:
    (part,) = read(write_result(tmp_path / "exp", log)).log.parts
    assert (part.epochs, len(part.curves[recall])) == (3, 3)
    assert part.best_by is not None and part.best_by.column == best_by
    assert part.best_row == 1


def test_a_result_in_a_zip_with_its_weights_is_read_like_a_folder(tmp_path: Path) -> None:
    folder = write_result(tmp_path / "exp", weights=b"PK\x03\x04 weights are archives too")
    with zipfile.ZipFile(tmp_path / "exp.zip", "w") as archive:
        for path in folder.rglob("*"):
            archive.write(path, f"runs/exp/{path.relative_to(folder).as_posix()}")
    result = read(tmp_path / "exp.zip")
    assert result.weights_name == "best.pt"
    assert result.weights is not None and result.weights.read_bytes().startswith(b"PK")
    assert (result.table, result.settings["imgsz"]) == (YOLO11, 320)


def test_settings_keep_what_is_plain_and_no_path(tmp_path: Path) -> None:
    settings = read(write_result(tmp_path / "exp")).settings
    assert settings["model"] == "yolo11n.pt"
    assert settings["data"] == "data.yaml"
    assert (settings["seed"], settings["lr0"], settings["cos_lr"]) == (7, 0.01, False)
    assert "project" not in settings
    assert "somebody" not in json.dumps(dict(settings))


def test_yolov5_settings_have_another_name(tmp_path: Path) -> None:
    settings = {"opt.yaml": "weights: yolov5n.pt\nimgsz: 416\n", "hyp.yaml": "lr0: 0.01\n"}
    assert read(write_result(tmp_path / "exp", YOLOV5, settings)).settings == {"weights": "yolov5n.pt", "imgsz": 416}


def test_a_gap_is_a_gap_and_half_a_line_is_dropped(tmp_path: Path) -> None:
    log = YOLO11.replace(b"0.75,0.625", b"nan,inf") + b"4,12.0,1.0,0.9,0.9"
    result = read(write_result(tmp_path / "exp", log))
    (part,) = result.log.parts
    assert part.curves["metrics/precision(B)"] == (0.25, None, 0.5)
    assert result.log.dropped_lines == (5,)


@pytest.mark.parametrize(
    ("log", "code"),
    [
        (None, "run_import.no_log"),
        (b"", "run_import.columns"),
        (YOLO11.splitlines(keepends=True)[0], "run_import.no_epochs"),
        (YOLO11.splitlines(keepends=True)[0] + b"1,3.1,1.5", "run_import.no_epochs"),
        (YOLO11.replace(b"metrics/recall(B)", b"metrics/roc(B)"), "run_import.columns"),
        (b"epoch,loss\n1,0.5\n", "run_import.columns"),
        (YOLO11.replace(b"time,", b"epoch,"), "run_import.file"),
        (b"\xff\xfe" + YOLO11, "run_import.file"),
        (b"\x00" * 5000, "run_import.columns"),
        (b'"' * 5000 + b"\n", "run_import.columns"),
    ],
)
def test_a_log_that_is_none_is_one_sentence(tmp_path: Path, log: bytes | None, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(write_result(tmp_path / "exp", log))
    assert refused.value.code == code
    for language in LANGUAGES:
        sentence = describe(refused.value, language)
        assert "results.csv" in sentence and "{" not in sentence and "\n" not in sentence


def test_the_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="metrics/recall"):
        read(write_result(tmp_path / "exp", YOLO11.replace(b"metrics/recall(B)", b"x")))


def test_the_logs_of_two_trainings_are_one_too_many(tmp_path: Path) -> None:
    write_result(tmp_path / "runs" / "a")
    write_result(tmp_path / "runs" / "b")
    with pytest.raises(InvalidInput, match=r"run_import\.several"):
        read(tmp_path / "runs")


BOMB = "a: &a [x,x,x,x]\n" + "".join(
    f"{n}: &{n} [*{p},*{p},*{p},*{p}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("text", ["- a\n", "{", "!!python/object/apply:os.system [true]", "\x00", "[" * 4000])
def test_settings_that_are_none_are_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidInput, match=r"run_import\.file.*args\.yaml"):
        read(write_result(tmp_path / "exp", settings={"args.yaml": text}))


def test_settings_that_grow_without_end_are_left_out(tmp_path: Path) -> None:
    settings = {"args.yaml": f"{BOMB}seed: 3\nhuge: {'9' * 400}\nnot: .nan\n"}
    assert dict(read(write_result(tmp_path / "exp", settings=settings)).settings) == {"seed": 3, "huge": "9" * 200}


def test_a_kit_is_known_again(tmp_path: Path) -> None:
    kit = read(write_result(tmp_path / "exp", settings={"args.yaml": ARGS, "kit.json": json.dumps(KIT)})).kit
    assert (kit.snapshot_id, kit.fingerprint) == ("snapshot-1", "ab")
    assert kit.config == DetectorConfig(epochs=3, size_px=64)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"snapshot_id": 7},
        {"config": None},
        {"config": {"epochs": 3}},
        {"config": {**CONFIG, "epochs": "many"}},
        {"config": {**CONFIG, "epochs": 0}},
        {"config": {**CONFIG, "pretrained": 3}},
        {"config": {**CONFIG, "iou": None}},
        {"config": {**CONFIG, "seed": True}},
    ],
)
def test_a_kit_that_was_changed_beyond_use_is_one_sentence(tmp_path: Path, change: dict[str, Any]) -> None:
    settings = {"kit.json": json.dumps({**KIT, **change})}
    with pytest.raises(InvalidInput, match=r"run_import\.file.*kit\.json"):
        read(write_result(tmp_path / "exp", settings=settings))
