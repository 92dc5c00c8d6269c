"""What is exported as YOLO, as ultralytics' own loader reads it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.detector.ultralytics_setup import child_environment
from tests.support.data_sets import new_desk

NAMES = ("Eiffel_Tower", "N_Seoul_Tower", "Oriental_Pearl_TV_Tower", "Canton_Tower", "Tokyo_Skytree")
SLUGS = [name.lower().replace("_", "-") for name in NAMES]
PART = 24  # of the 180 photos


@pytest.mark.train
def test_real_photos_with_boxes_come_in_and_leave_as_ultralytics_reads_them(real_photos: Path, tmp_path: Path) -> None:
    texts = sorted((real_photos / "skyscrapers5" / "labels").glob("*.txt"))[:PART]
    source = tmp_path / "source"
    for folder in ("images", "labels"):
        (source / folder).mkdir(parents=True)
    for number, text in enumerate(texts):
        shutil.copy(text, source / "labels" / f"탑 {number}.txt")
        shutil.copy(text.parents[1] / "images" / f"{text.stem}.jpg", source / "images" / f"탑 {number}.jpg")
    (source / "labels" / "탑 0.txt").write_text("")
    desk = new_desk(tmp_path / "desk")
    assert desk.bring(source, names=NAMES).nothing == 1
    assert desk.export(tmp_path / "out").photos == PART

    command = [sys.executable, "-m", "tests.support.read_yolo_child", str(tmp_path / "out" / "data.yaml"), "train"]
    environment = child_environment(tmp_path / "home")
    child = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    read = json.loads(child.stdout.splitlines()[-1])
    assert set(read["names"]) <= set(SLUGS)
    assert set(read["photos"]) == {f"탑 {number}.jpg" for number in range(PART)}
    assert read["photos"]["탑 0.jpg"] == []
    for number in range(1, PART):
        lines = [line.split() for line in (source / "labels" / f"탑 {number}.txt").read_text().splitlines() if line]
        wanted = sorted((SLUGS[int(line[0])], *map(float, line[1:])) for line in lines)
        found = sorted(tuple(box) for box in read["photos"][f"탑 {number}.jpg"])
        assert [box[0] for box in found] == [box[0] for box in wanted]
        for one, other in zip(found, wanted, strict=True):
            assert one[1:] == pytest.approx(other[1:], abs=1e-6)
