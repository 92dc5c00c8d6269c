"""The kit: everything that a training elsewhere needs, and nothing that will judge it."""

import ast
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.detector.config import DetectorConfig
from core.detector.export_kit import arrange_for_kit, export_kit
from core.detector.kit import train
from core.errors import InvalidInput, JobStopped
from tests.support.boxed_photos import boxed_photos
from tests.support.libraries import tell_nothing

CONFIG = DetectorConfig(size_px=64, epochs=3, seed=5, pretrained="/home/somebody/secret/start.pt", backgrounds=0.5)


@pytest.fixture
def kit(tmp_path: Path) -> dict[str, bytes]:
    """The files of a kit of ten photos with boxes and five without."""
    photos = boxed_photos(tmp_path / "photos", 10, backgrounds=9)
    export_kit(photos, CONFIG, ("snapshot-1", "f" * 64), tmp_path / "kit.zip", tell_nothing)
    with zipfile.ZipFile(tmp_path / "kit.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def names(kit: dict[str, bytes], listed: str) -> list[str]:
    return [line.removeprefix("./images/").removesuffix(".jpg") for line in kit[listed].decode().split()]


def test_every_listed_photo_is_there_with_its_boxes_and_no_other(kit: dict[str, bytes], tmp_path: Path) -> None:
    learned, watched = names(kit, "data/train.txt"), names(kit, "data/val.txt")
    assert not set(learned) & set(watched)
    assert {name for name in kit if name.startswith("data/images/")} == {
        f"data/images/{sha256}.jpg" for sha256 in (*learned, *watched)
    }
    truth = {photo.sha256: photo for photo in boxed_photos(tmp_path / "photos", 10, backgrounds=9)}
    assert all(len(kit[f"data/labels/{name}.txt"].splitlines()) == len(truth[name].boxes) for name in learned + watched)


def test_the_photos_that_will_judge_it_stay_at_home(kit: dict[str, bytes], tmp_path: Path) -> None:
    boxes = arrange_for_kit(boxed_photos(tmp_path / "photos", 10, backgrounds=9), CONFIG)
    (part,) = boxes.parts
    judged = {boxes.photos[index].sha256 for index in part.judged}
    assert len(judged) == 3  # a fifth of fifteen
    assert not judged & {Path(name).stem for name in kit}
    everyone = [*part.learned, *part.watched, *part.judged]
    assert sorted(everyone) == list(range(len(boxes.photos)))


def test_photos_leave_upright_and_without_metadata(tmp_path: Path) -> None:
    photos = boxed_photos(tmp_path / "photos", 10)
    exif = Image.Exif()
    exif[0x010E] = "Hong Gildong's house"
    for photo in photos:
        Image.open(photo.path).save(photo.path.with_suffix(".png"), exif=exif)
    export_kit(photos, DetectorConfig(size_px=64), ("s", "f"), tmp_path / "kit.zip", tell_nothing)
    with zipfile.ZipFile(tmp_path / "kit.zip") as archive:
        for name in archive.namelist():
            content = archive.read(name)
            assert b"Gildong" not in content
            if name.endswith(".jpg"):
                assert Image.open(io.BytesIO(content)).size == (128, 96)


def test_groups_do_not_straddle_what_is_learned_and_what_judges(tmp_path: Path) -> None:
    from dataclasses import replace

    photos = [
        replace(photo, group=f"series {number // 2}")
        for number, photo in enumerate(boxed_photos(tmp_path, 16, backgrounds=4))
    ]
    boxes = arrange_for_kit(photos, CONFIG)
    (part,) = boxes.parts
    learned, watched, judged = (
        {boxes.photos[index].group for index in indices} for indices in (part.learned, part.watched, part.judged)
    )
    assert not learned & watched and not learned & judged and not watched & judged


def test_fixed_splits_are_kept(tmp_path: Path) -> None:
    boxes = arrange_for_kit(boxed_photos(tmp_path, 9, splits=True), CONFIG)
    (part,) = boxes.parts
    splits = [[boxes.photos[index].split for index in indices] for indices in (part.learned, part.watched, part.judged)]
    assert [sorted(set(map(str, some))) for some in splits] == [["train"], ["validation"], ["test"]]


def test_the_same_photos_and_seed_are_dealt_alike(tmp_path: Path) -> None:
    photos = boxed_photos(tmp_path, 12, backgrounds=6)
    (one,), (again,) = arrange_for_kit(photos, CONFIG).parts, arrange_for_kit(photos[::-1], CONFIG).parts
    boxes, reversed_ = arrange_for_kit(photos, CONFIG), arrange_for_kit(photos[::-1], CONFIG)
    assert {boxes.photos[i].sha256 for i in one.judged} == {reversed_.photos[i].sha256 for i in again.judged}


def test_the_kit_says_what_it_is_of_and_where_nothing_lies(kit: dict[str, bytes]) -> None:
    said: dict[str, Any] = json.loads(kit["kit.json"])
    assert (said["snapshot_id"], said["labels"], said["start"]) == ("snapshot-1", ["tower", "rock"], "start.pt")
    assert said["arguments"]["epochs"] == 3 and said["arguments"]["imgsz"] == 64 and said["arguments"]["seed"] == 5
    assert not any(b"somebody" in content for content in kit.values())


def test_the_readme_speaks_both_languages_and_counts(kit: dict[str, bytes]) -> None:
    readme = kit["README.md"].decode()
    assert "$" not in readme
    assert "runs import result.zip" in readme and "학습" in readme and "Google Colab" in readme
    packed = len(names(kit, "data/train.txt")) + len(names(kit, "data/val.txt"))
    assert f"사진 {packed}장" in readme and f"{packed} photos" in readme and "tower, rock" in readme


def test_the_script_needs_ultralytics_and_nothing_else(kit: dict[str, bytes]) -> None:
    import sys

    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for node in ast.walk(ast.parse(kit["train.py"], feature_version=(3, 9)))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported - set(sys.stdlib_module_names) == {"ultralytics"}
    assert Path(train.__file__).read_bytes() == kit["train.py"]


def test_the_notebook_is_one_and_its_cells_are_python(kit: dict[str, bytes]) -> None:
    notebook = json.loads(kit["train.ipynb"])
    assert notebook["nbformat"] == 4 and notebook["metadata"]["accelerator"] == "GPU"
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        ast.parse("\n".join(line for line in cell.splitlines() if not line.startswith(("%", "!"))))
    assert any("python train.py" in cell for cell in cells) and any("pip install -q ultralytics" in c for c in cells)


def test_what_is_no_zip_is_refused_and_a_stopped_export_leaves_nothing(tmp_path: Path) -> None:
    photos = boxed_photos(tmp_path / "photos", 10)
    with pytest.raises(InvalidInput, match=r"kit\.no_zip"):
        export_kit(photos, CONFIG, ("s", "f"), tmp_path / "kit.tar", tell_nothing)

    def stop(done: int, total: int | None, key: str = "", **values: Any) -> None:
        if done == 3:
            raise JobStopped

    with pytest.raises(JobStopped):
        export_kit(photos, CONFIG, ("s", "f"), tmp_path / "kit.zip", stop)
    assert [path.name for path in tmp_path.iterdir()] == ["photos"]
