import csv
import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from core.dataset.boxes import px_from_xyxyn
from core.dataset.formats.yolo import read_names
from core.dataset.import_photos import ImportItem, import_photos
from core.dataset.label_export import ExportOptions, export_labels
from core.dataset.label_plan import PhotoFate
from core.dataset.label_reading import LabelFormat
from core.dataset.prepare import Provenance
from core.domain.label import Box, LabelDecision, NothingReason, PhotoLabels
from core.domain.library import RejectReason
from core.domain.photo import PhotoStatus, Split
from core.domain.place import LocalText
from core.errors import Conflict, JobStopped
from tests.support.data_sets import LabelDesk, desk_at, find_mark, marked_photo, new_desk
from tests.support.libraries import files_of, tell_nothing
from tests.support.scenes import scene_bytes

FORMATS = list(LabelFormat)
NAMES = {LabelFormat.YOLO: "images/train", LabelFormat.COCO: "images", LabelFormat.VOC: "JPEGImages"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fill a library once: eight marked photos, one for each orientation, and one with nothing on it."""
    root = tmp_path_factory.mktemp("filled")
    desk, folder = new_desk(root / "desk"), root / "photos"
    folder.mkdir()
    label = desk.catalogue.labels.add("cave", "column", LocalText("기둥", "Column"))
    boxes = {}
    for orientation in range(1, 9):
        content, boxes[f"만장굴 {orientation}.jpg"] = marked_photo(orientation, orientation)
        (folder / f"만장굴 {orientation}.jpg").write_bytes(content)
    (folder / "없음.png").write_bytes(scene_bytes("wall", 1, format="PNG", size=(200, 160)))
    items = [ImportItem(path, path.name, "cave") for path in sorted(folder.iterdir())]
    import_photos(items, desk.library, Provenance("s"), PhotoStatus.ACCEPTED, tell_nothing, "a")
    labelled = []
    for number, record in enumerate(desk.library.photos.list()):
        if record.original_name in boxes:
            edges = (boxes[record.original_name], (1 / 3, 0.0, 2 / 3, 1 / 7))
            drawn = tuple(Box(f"{number:031x}{at}", label.label_id, one) for at, one in enumerate(edges))
            labelled.append(PhotoLabels(record.sha256, 0, drawn, LabelDecision.DONE))
        else:
            nothing = (LabelDecision.NOTHING_HERE, NothingReason.INDOORS)
            labelled.append(PhotoLabels(record.sha256, 0, (), *nothing))
    desk.catalogue.boxes.save_many(labelled, "a")
    return desk.folder


@pytest.fixture
def desk(filled: Path, tmp_path: Path) -> LabelDesk:
    """Give a copy of the filled library."""
    shutil.copytree(filled, tmp_path / "desk")
    return desk_at(tmp_path / "desk")


def edges_of(desk: LabelDesk) -> dict[str, list[tuple[float, ...]]]:
    return {Path(name).stem: [box.xyxyn for box in one.boxes] for name, one in desk.labelled().items()}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("target", ["out", "out.zip"])
def test_what_leaves_comes_back_into_an_empty_library_with_the_same_boxes(
    desk: LabelDesk, tmp_path: Path, form: LabelFormat, target: str
) -> None:
    result = desk.export(tmp_path / target, form)
    assert (result.photos, result.boxes, result.nothing, result.classes) == (9, 16, 1, ("column",))
    empty = new_desk(tmp_path / "empty")
    empty.catalogue.labels.add("cave", "column", LocalText("기둥", ""))
    brought = empty.bring(tmp_path / target, form)
    assert (brought.photos_new, brought.done, brought.nothing, brought.places) == (9, 8, 1, 0)
    before, after = edges_of(desk), edges_of(empty)
    assert list(after) != []
    assert set(after) == set(before) == {*(f"만장굴 {number}" for number in range(1, 9)), "없음"}
    for name, edges in before.items():
        for one, other in zip(edges, after[name], strict=True):
            assert other == pytest.approx(one, abs=1e-6)
    nothing = empty.labelled()["없음.jpg"]
    assert (nothing.decision, nothing.reason) == (LabelDecision.NOTHING_HERE, NothingReason.INDOORS)
    assert empty.library.photos.get(nothing.photo_sha256).place_slug == "cave"


@pytest.mark.parametrize("form", FORMATS)
def test_what_leaves_is_known_where_it_came_from(desk: LabelDesk, tmp_path: Path, form: LabelFormat) -> None:
    desk.export(tmp_path / "out", form)
    standing = desk.labelled()
    plan = desk.plan(tmp_path / "out", form)
    assert plan.count(PhotoFate.SAME) == 9 == len(plan.photos)
    (tmp_path / "out" / "photos.csv").unlink()
    assert desk.plan(tmp_path / "out", form).count(PhotoFate.SAME) == 9, "then by name and look"
    desk.apply(plan)
    assert desk.labelled() == standing


@pytest.mark.parametrize("form", FORMATS)
def test_a_box_lies_on_the_same_thing_in_the_picture_that_left(
    desk: LabelDesk, tmp_path: Path, form: LabelFormat
) -> None:
    desk.export(tmp_path / "out", form)
    for name, labels in desk.labelled().items():
        if labels.boxes:
            content = (tmp_path / "out" / NAMES[form] / name).read_bytes()
            wanted = px_from_xyxyn(labels.boxes[0].xyxyn, 320, 240)
            assert find_mark(content) == pytest.approx(wanted, abs=1), f"{name}: within one pixel"
            assert b"A maker" not in content


def test_the_order_of_classes_is_that_of_their_numbers_for_good(desk: LabelDesk, tmp_path: Path) -> None:
    labels = desk.catalogue.labels
    first = labels.list("cave")[0]
    second = labels.add("cave", "aaa", LocalText("", "A"))
    labels.reorder("cave", [second.label_id, first.label_id])
    labels.update(replace(first, slug="zzz"))
    labels.retire(second.label_id)
    unused = labels.add("cave", "bbb", LocalText("", "B"))
    labels.reorder("cave", [unused.label_id, first.label_id])
    labels.add("falls", "water", LocalText("", "Water"))
    result = desk.export(tmp_path / "out")
    assert result.classes == ("zzz", unused.slug), "a retired label without boxes and other places' are not there"
    assert read_names((tmp_path / "out" / "data.yaml").read_bytes(), "data.yaml") == result.classes


def test_equal_names_are_told_apart_and_unfit_ones_made_fit(tmp_path: Path) -> None:
    desk = new_desk(tmp_path / "desk")
    names = ["a.jpg", "A.JPG", 'b:"|?.png', "..", ".hidden.jpg", "c.v2.jpg", "가" * 200 + ".jpg", "=cmd.jpg"]
    (tmp_path / "photos").mkdir()
    for seed, name in enumerate(names):
        path = tmp_path / "photos" / f"{seed}.jpg"
        path.write_bytes(scene_bytes("falls", seed, size=(120, 90)))
        import_photos(
            [ImportItem(path, name, "cave")], desk.library, Provenance("s"), PhotoStatus.ACCEPTED, tell_nothing, ""
        )
    for record in desk.library.photos.list():
        desk.catalogue.boxes.decide(record.sha256, LabelDecision.NOTHING_HERE, NothingReason.PEOPLE, 0, "a")
    desk.export(tmp_path / "out")
    files = [path.name for path in (tmp_path / "out" / "images" / "train").iterdir()]
    assert len({name.casefold() for name in files}) == len(names)
    assert {"c.v2.jpg", "=cmd.jpg", "b____.jpg", "hidden.jpg"} <= set(files)
    assert sorted(name.casefold() for name in files if len(name) < 10)[:3] == ["=cmd.jpg", "a (2).jpg", "a.jpg"]
    assert all(len(name.encode()) < 255 for name in files)
    texts = {path.stem for path in (tmp_path / "out" / "labels" / "train").iterdir()}
    assert texts == {name.removesuffix(".jpg") for name in files}


def test_fixed_parts_become_folders(desk: LabelDesk, tmp_path: Path) -> None:
    records = desk.library.photos.list()
    desk.library.photos.set_splits({records[0].sha256: Split.VALIDATION})
    desk.library.photos.set_splits({records[1].sha256: Split.TEST})
    desk.export(tmp_path / "out")
    counts = {part: len(list((tmp_path / "out" / "images" / part).iterdir())) for part in ("train", "val", "test")}
    assert counts == {"train": 7, "val": 1, "test": 1}
    yaml = (tmp_path / "out" / "data.yaml").read_text(encoding="utf-8")
    assert "val: images/val" in yaml
    assert "#" not in yaml


def test_what_is_rejected_or_untouched_stays_and_the_rest_as_asked(desk: LabelDesk, tmp_path: Path) -> None:
    records = {one.original_name: one for one in desk.library.photos.list()}
    boxes = desk.catalogue.boxes
    desk.library.review.reject([records["만장굴 1.jpg"].sha256], RejectReason.PEOPLE, "", "a")
    boxes.decide(records["만장굴 2.jpg"].sha256, LabelDecision.OPEN, None, 1, "a")
    boxes.decide(records["없음.png"].sha256, LabelDecision.OPEN, None, 1, "a")
    everything = desk.export(tmp_path / "all")
    assert (everything.photos, everything.unfinished, everything.left_out, everything.not_free) == (7, 1, 1, 7)
    assert desk.export(tmp_path / "done", only_done=True).photos == 6
    assert desk.export(tmp_path / "free", only_free=True).photos == 0
    assert desk.export(tmp_path / "falls", place_slug="falls").photos == 0


def test_the_table_says_where_each_photo_came_from(desk: LabelDesk, tmp_path: Path) -> None:
    desk.export(tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        text = archive.read("photos.csv").decode("utf-8-sig")
        names = set(archive.namelist())
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 9
    assert {row["file"] for row in rows} <= names
    assert {row["place"] for row in rows} == {"cave"}
    assert {row["nothing_here"] for row in rows} == {"", "indoors"}


def test_an_export_never_writes_over_what_stands_and_leaves_nothing_when_stopped(
    desk: LabelDesk, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "mine.txt").write_text("mine")
    with pytest.raises(Conflict):
        desk.export(target)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(Conflict):
        desk.export(tmp_path / "file")
    (target / "mine.txt").unlink()

    def stop(done: int, total: int | None, message_key: str = "", **values: str | int | float) -> None:
        raise JobStopped

    before = files_of(tmp_path)
    for name in ("out", "out.zip", "deep/new"):
        with pytest.raises(JobStopped):
            export_labels(ExportOptions(LabelFormat.YOLO), desk.catalogue, desk.library, tmp_path / name, stop)
    assert files_of(tmp_path) == before
    assert desk.export(target).photos == 9, "an empty folder is as good as none"
