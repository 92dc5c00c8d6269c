"""`labels`: parts of places from the command line, and boxes in and out with what is shown before."""

import json
import zipfile
from pathlib import Path

import pytest

from core.cli import compose
from core.db.boxes import BoxRepository
from core.db.labels import LabelRepository
from core.errors import Conflict, InvalidInput, NotFound
from tests.cli.conftest import call
from tests.support.data_sets import write_yolo

BOX = "0 0.5 0.5 0.5 0.5\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    photos = {
        "동굴.jpg": BOX,
        "b.jpg": BOX.replace("0 ", "1 ", 1),
        "none.jpg": "",
        "bad.jpg": BOX + "7 0.5 0.5 0.1 0.1\n",
    }
    return write_yolo(tmp_path / "set", photos, names=("manjanggul-lava-column", "Ha_Long"))


def labelled() -> int:
    return sum(len(one.boxes) for one in BoxRepository(compose.database()).walk())


def test_the_seeded_parts_are_listed_with_their_numbers(data_dir: Path) -> None:
    listed = json.loads(call("labels", "list", "--json").stdout)
    assert {one["place"] for one in listed} >= {"osulloc", "cheonjiyeon"}
    assert len({one["label_id"] for one in listed}) == len(listed)
    assert "돌탑" in call("labels", "list", "--place", "osulloc").stdout


def test_a_part_is_added_renamed_retired_and_restored_under_one_number(data_dir: Path) -> None:
    added = json.loads(
        call("labels", "add", "--place", "osulloc", "--slug", "tea-field", "--name-ko", "차밭", "--json").stdout
    )
    renamed = json.loads(
        call("labels", "rename", "tea-field", "--name-en", "Tea field", "--slug", "field", "--json").stdout
    )
    assert (renamed["label_id"], renamed["name_ko"], renamed["slug"]) == (added["label_id"], "차밭", "field")
    assert "Tea field" in call("labels", "retire", "field").stdout
    labels = LabelRepository(compose.database())
    assert labels.get(added["label_id"]).retired
    call("labels", "restore", "field")
    assert not labels.get(added["label_id"]).retired
    with pytest.raises(NotFound):
        call("labels", "retire", "none-such")
    with pytest.raises(Conflict):
        call("labels", "add", "--place", "osulloc", "--slug", "field")
    with pytest.raises(InvalidInput):
        call("labels", "rename", "field", "--colour", "red")


def test_a_dry_run_shows_the_plan_with_each_bad_line_and_does_nothing(data_dir: Path, source: Path) -> None:
    shown = call("labels", "import", str(source), "--format", "yolo", "--dry-run")
    assert "ha-long (new)" in shown.stdout
    assert "manjanggul-lava-column" in shown.stdout
    assert "labels/bad.txt:2 there is no class 7; 2 classes have names" in shown.stderr
    document = json.loads(call("labels", "import", str(source), "--format", "yolo", "--dry-run", "--json").stdout)
    assert document["plan"]["photos"]["new"] == 3
    assert [(one["file"], one["line"]) for one in document["plan"]["bad_lines"]] == [("labels/bad.txt", 2)]
    assert "result" not in document
    assert compose.library().photos.count() == labelled() == 0
    assert list(data_dir.glob(".labels-*")) == []


@pytest.mark.parametrize("form", ["yolo", "coco", "voc"])
def test_boxes_go_in_out_and_in_again(data_dir: Path, source: Path, tmp_path: Path, form: str) -> None:
    document = json.loads(call("labels", "import", str(source), "--format", "yolo", "--json").stdout)
    assert (document["result"]["boxes"], document["result"]["done"], document["result"]["nothing"]) == (2, 2, 1)
    assert document["result"]["places"] == 1
    target = tmp_path / "out.zip"
    exported = json.loads(call("labels", "export", str(target), "--format", form, "--json").stdout)
    assert (exported["photos"], exported["boxes"], exported["nothing"]) == (3, 2, 1)
    with zipfile.ZipFile(target) as archive:
        assert any(name.endswith("동굴.jpg") for name in archive.namelist())
    again = json.loads(call("labels", "import", str(target), "--format", form, "--json").stdout)
    assert again["plan"]["photos"] == {"new": 0, "labelled": 0, "same": 3, "kept": 0, "unlabelled": 0}
    assert labelled() == 2
    assert "Do not pass those on" in call("labels", "export", str(tmp_path / "out"), "--format", form).stdout


def test_a_source_without_boxes_or_names_is_refused_by_name(data_dir: Path, source: Path, tmp_path: Path) -> None:
    (source / "data.yaml").unlink()
    with pytest.raises(InvalidInput) as refused:
        call("labels", "import", str(source), "--format", "yolo")
    assert refused.value.code == "labels.no_names"
    named = call("labels", "import", str(source), "--format", "yolo", "--names", "cave, Ha_Long", "--dry-run").stdout
    assert "Ha_Long" in named
    with pytest.raises(InvalidInput) as refused:
        call("labels", "import", str(source), "--format", "voc")
    assert refused.value.code == "labels.no_files"
    with pytest.raises(NotFound):
        call("labels", "export", str(tmp_path / "out"), "--format", "yolo", "--place", "none-such")


def test_names_from_outside_move_no_cursor(data_dir: Path, tmp_path: Path) -> None:
    source = write_yolo(tmp_path / "set", {"a.jpg": BOX}, names=("\x1b[31mred\x1b]0;x\x07",))
    (source / "labels" / "\x1b[2Jb.txt").write_text("nonsense\n")
    shown = call("labels", "import", str(source), "--format", "yolo")
    assert "[2Jb.txt:1 " in shown.stderr
    assert "\x1b" not in shown.stdout + shown.stderr
    assert "\x07" not in call("labels", "list").stdout
