import json
import zipfile
from pathlib import Path

import pytest

from core.dataset.import_photos import ImportItem, import_photos
from core.dataset.label_import import import_labels
from core.dataset.label_plan import PhotoFate
from core.dataset.label_reading import LabelFormat
from core.dataset.prepare import Provenance
from core.domain.label import BoxOrigin, LabelDecision, NothingReason
from core.domain.photo import PhotoStatus
from core.errors import Conflict, InvalidInput, JobStopped
from tests.support.data_sets import LabelDesk, marked_photo, new_desk, write_yolo
from tests.support.libraries import tell_nothing

BOX, OTHER_BOX = "0 0.5 0.5 0.5 0.5\n", "1 0.25 0.25 0.3 0.3\n"


@pytest.fixture
def desk(tmp_path: Path) -> LabelDesk:
    return new_desk(tmp_path / "desk")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A cave, a new place, a photo with nothing on it, and one that nothing is said about."""
    photos = {
        "동굴 1.jpg": BOX,
        "b.jpg": OTHER_BOX + OTHER_BOX.replace("0.25", "0.75"),
        "none.jpg": "",
        "left.jpg": None,
    }
    return write_yolo(tmp_path / "set", photos)


def put(desk: LabelDesk, path: Path, name: str, slug: str | None) -> str:
    import_photos([ImportItem(path, name, slug)], desk.library, Provenance("x"), PhotoStatus.NEW, tell_nothing, "a")
    return next(one.sha256 for one in desk.library.photos.list(limit=1000) if one.original_name == name)


def zipped(root: Path) -> Path:
    target = root.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            archive.write(path, path.relative_to(root.parent))
    return target


@pytest.mark.parametrize("as_zip", [False, True])
def test_a_data_set_that_is_not_known_is_brought_in_whole(desk: LabelDesk, source: Path, as_zip: bool) -> None:
    before = desk.trace()
    plan = desk.plan(zipped(source) if as_zip else source)
    assert desk.trace() == before, "a plan stores nothing"
    assert [plan.count(fate) for fate in PhotoFate] == [3, 0, 0, 0, 1]
    result = desk.apply(plan)
    assert (result.photos_new, result.boxes, result.done, result.nothing, result.faulty) == (3, 3, 2, 1, 0)
    assert (result.places, result.labels) == (1, 2)
    places = {place.slug: place for place in desk.catalogue.places.list()}
    assert places["ha-long"].name.en == "Ha Long"
    records = {one.original_name: one for one in desk.library.photos.list()}
    assert {name: one.place_slug for name, one in records.items()} == {
        **{"동굴 1.jpg": "cave", "b.jpg": "ha-long"},
        **{"none.jpg": "unknown", "left.jpg": None},
    }
    assert {one.status for name, one in records.items() if name != "left.jpg"} == {PhotoStatus.ACCEPTED}
    assert records["left.jpg"].status is PhotoStatus.NEW
    labelled = desk.labelled()
    assert labelled["동굴 1.jpg"].boxes[0].xyxyn == (0.25, 0.25, 0.75, 0.75)
    assert labelled["동굴 1.jpg"].boxes[0].origin is BoxOrigin.IMPORTED
    assert labelled["none.jpg"].reason is NothingReason.NO_LANDMARK


def test_bringing_the_same_again_changes_nothing(desk: LabelDesk, source: Path) -> None:
    desk.bring(source)
    standing, trace = desk.labelled(), desk.trace()
    plan = desk.plan(source)
    assert [plan.count(fate) for fate in PhotoFate] == [0, 0, 3, 0, 0]
    desk.apply(plan)
    assert (desk.labelled(), desk.trace()) == (standing, trace)


def test_each_bad_line_is_named_and_good_files_still_come(desk: LabelDesk, tmp_path: Path) -> None:
    bad = "0 0.5 0.5 0.5 0.5\n1 0.9 0.9 0.5 0.5\n99 0.5 0.5 0.1 0.1\n0 nan 0.5 0.1 0.1\n"
    source = write_yolo(tmp_path / "set", {"good.jpg": BOX, "bad.jpg": bad})
    (source / "images" / "torn.jpg").write_bytes((source / "images" / "good.jpg").read_bytes()[:900])
    (source / "labels" / "torn.txt").write_text(BOX)
    (source / "labels" / "lonely.txt").write_text(BOX)
    plan = desk.plan(source)
    assert [(one.file, one.line, one.reason) for one in plan.bad_lines] == [
        ("labels/bad.txt", 2, "labels.bad.outside"),
        ("labels/bad.txt", 3, "labels.bad.class"),
        ("labels/bad.txt", 4, "labels.bad.number"),
        ("labels/lonely.txt", 1, "labels.bad.no_photo"),
    ]
    assert [(name, code) for name, code, _ in plan.refused] == [("images/torn.jpg", "photo.broken")]
    desk.apply(plan)
    assert list(desk.labelled()) == ["good.jpg"]
    assert desk.library.photos.count() == 1, "a photo whose boxes are not all understood stays away"


def test_paths_in_a_data_yaml_are_not_followed(desk: LabelDesk, source: Path) -> None:
    assert b"/etc" in (source / "data.yaml").read_bytes()
    assert {photo.path.parent.name for photo in desk.plan(source).photos if photo.path} == {"images"}


def test_a_data_yaml_that_would_run_something_is_refused(desk: LabelDesk, source: Path, tmp_path: Path) -> None:
    mark = tmp_path / "was-here"
    (source / "data.yaml").write_text(f"names: !!python/object/apply:os.system ['touch {mark}']\n")
    before = desk.trace()
    with pytest.raises(InvalidInput) as refused:
        desk.plan(source)
    assert (refused.value.code, mark.exists(), desk.trace()) == ("labels.names_broken", False, before)


def test_names_may_be_told_where_the_files_have_none(desk: LabelDesk, source: Path) -> None:
    (source / "data.yaml").unlink()
    with pytest.raises(InvalidInput) as refused:
        desk.plan(source)
    assert refused.value.code == "labels.no_names"
    assert [one.name for one in desk.plan(source, names=("tea", "falls")).classes] == ["tea", "falls"]
    with pytest.raises(InvalidInput) as refused:
        desk.plan(source, LabelFormat.COCO)
    assert refused.value.code == "labels.no_files"


def test_known_photos_get_their_boxes_and_unsorted_ones_their_place(desk: LabelDesk, source: Path) -> None:
    put(desk, source / "images" / "b.jpg", "another name.jpg", None)
    result = desk.bring(source)
    assert (result.photos_new, result.photos_labelled) == (2, 1)
    assert desk.labelled()["another name.jpg"].decision is LabelDecision.DONE
    record = next(one for one in desk.library.photos.list() if one.original_name == "another name.jpg")
    assert (record.place_slug, record.status) == ("ha-long", PhotoStatus.NEW)


def test_boxes_that_stand_are_kept_unless_they_are_to_be_replaced(desk: LabelDesk, source: Path) -> None:
    desk.bring(source)
    mine = desk.labelled()["b.jpg"]
    moved = desk.catalogue.boxes.save(mine.photo_sha256, mine.boxes[:1], mine.revision, "eunji")
    plan = desk.plan(source)
    assert [plan.count(fate) for fate in PhotoFate] == [0, 0, 2, 1, 0]
    desk.apply(plan)
    assert desk.labelled()["b.jpg"] == moved
    assert desk.bring(source, replace=True).photos_labelled == 1
    assert len(desk.labelled()["b.jpg"].boxes) == 2


def test_a_photo_of_another_place_gets_its_boxes_and_is_not_done(desk: LabelDesk, source: Path) -> None:
    put(desk, source / "images" / "b.jpg", "b.jpg", "falls")
    assert desk.bring(source).faulty == 1
    assert desk.labelled()["b.jpg"].decision is LabelDecision.OPEN


def test_boxes_without_photos_find_them_by_name(desk: LabelDesk, source: Path, tmp_path: Path) -> None:
    for name in ("동굴 1.jpg", "b.jpg", "none.jpg"):
        put(desk, source / "images" / name, name, "cave")
    put(desk, source / "images" / "left.jpg", "B.JPEG", "cave")
    (source / "images").rename(tmp_path / "away")
    plan = desk.plan(source)
    assert [(one.file, one.reason) for one in plan.bad_lines] == [("labels/b.txt", "labels.bad.several_photos")]
    assert plan.count(PhotoFate.LABELLED) == 2
    desk.apply(plan)
    assert set(desk.labelled()) == {"동굴 1.jpg", "none.jpg"}


def test_a_photo_of_the_same_name_is_the_same_only_when_it_looks_the_same(desk: LabelDesk, tmp_path: Path) -> None:
    from PIL import Image

    source = write_yolo(tmp_path / "set", {"a.jpg": BOX, "b.jpg": BOX})
    (tmp_path / "smaller.jpg").write_bytes(b"")
    Image.open(source / "images" / "a.jpg").resize((120, 90)).save(tmp_path / "smaller.jpg", quality=90)
    known = put(desk, tmp_path / "smaller.jpg", "A.jpg", "cave")
    other = put(desk, marked(tmp_path), "b.jpg", "cave")
    plan = {photo.name: photo for photo in desk.plan(source).photos}
    assert (plan["images/a.jpg"].sha256, plan["images/a.jpg"].fate) == (known, PhotoFate.LABELLED)
    assert plan["images/b.jpg"].sha256 != other
    assert plan["images/b.jpg"].fate is PhotoFate.NEW


def marked(folder: Path) -> Path:
    path = folder / "marked.jpg"
    path.write_bytes(marked_photo(1, 1)[0])
    return path


def test_two_files_about_one_photo_must_agree(desk: LabelDesk, tmp_path: Path) -> None:
    source = write_yolo(tmp_path / "set", {"a.jpg": BOX})
    for name, text in (("same", BOX), ("other", OTHER_BOX)):
        (source / "images" / f"{name}.jpg").write_bytes((source / "images" / "a.jpg").read_bytes())
        (source / "labels" / f"{name}.txt").write_text(text)
    plan = desk.plan(source)
    assert [(one.file, one.reason) for one in plan.bad_lines] == [("labels/other.txt", "labels.bad.same_photo")]
    assert desk.apply(plan).photos_new == 1


def test_an_import_that_meets_another_persons_save_leaves_nothing(desk: LabelDesk, source: Path) -> None:
    sha256 = put(desk, source / "images" / "none.jpg", "none.jpg", "cave")
    plan = desk.plan(source)
    desk.catalogue.boxes.decide(sha256, LabelDecision.NOTHING_HERE, NothingReason.INDOORS, 0, "b")
    before = desk.trace()
    with pytest.raises(Conflict) as refused:
        desk.apply(plan)
    assert refused.value.code == "labels.stale"
    assert desk.trace() == before


def test_an_import_that_is_stopped_leaves_nothing_and_can_be_done_again(desk: LabelDesk, source: Path) -> None:
    plan, before = desk.plan(source), desk.trace()

    def stop(done: int, total: int | None, message_key: str = "", **values: str | int | float) -> None:
        if done:
            assert desk.library.photos.count() > 0, "some photos are in the library by now"
            raise JobStopped

    with pytest.raises(JobStopped):
        import_labels(plan, desk.catalogue, desk.library, Provenance("set"), stop, "eunji")
    assert desk.trace() == before
    assert desk.apply(desk.plan(source)).photos_new == 3


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", [LabelFormat.COCO, LabelFormat.VOC])
def test_boxes_that_were_drawn_on_pixels_as_they_are_stored_are_turned(
    desk: LabelDesk, tmp_path: Path, orientation: int, form: LabelFormat
) -> None:
    """Where the file's own size tells: programs that know nothing of EXIF write the size of the stored pixels."""
    import io

    import numpy as np
    from PIL import Image

    from core.dataset.formats.coco import CocoPhoto, write_coco
    from core.dataset.formats.voc import write_voc

    content, upright_box = marked_photo(orientation, 3)
    stored = Image.open(io.BytesIO(content)).size
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)
    rows, columns = np.nonzero((pixels[..., 0] > 180) & (pixels[..., 1] < 90) & (pixels[..., 2] > 180))
    edges = (
        columns.min() / stored[0],
        rows.min() / stored[1],
        (columns.max() + 1) / stored[0],
        (rows.max() + 1) / stored[1],
    )
    if stored == (320, 240):
        edges = upright_box  # nothing tells such a program from one that reads EXIF: it is taken to have done so
    source = tmp_path / "set"
    source.mkdir()
    (source / "동굴.jpg").write_bytes(content)
    if form is LabelFormat.COCO:
        text = write_coco([CocoPhoto("동굴.jpg", *stored, ((0, edges),))], ("cave",))
        (source / "x.json").write_text(text)
    else:
        (source / "동굴.xml").write_text(write_voc("동굴.jpg", *stored, [("cave", edges)]))
    desk.bring(source, form)
    found = desk.labelled()["동굴.jpg"].boxes[0].xyxyn
    worst_px = max(abs(a - b) * side for a, b, side in zip(found, upright_box, (320, 240, 320, 240), strict=True))
    assert worst_px <= 1


def test_boxes_of_a_photo_of_another_shape_are_refused(desk: LabelDesk, tmp_path: Path) -> None:
    from core.dataset.formats.voc import write_voc

    source = write_yolo(tmp_path / "set", {"a.jpg": None})
    (source / "a.xml").write_text(write_voc("a.jpg", 640, 640, [("cave", (0.1, 0.1, 0.5, 0.5))]))
    assert [one.reason for one in desk.plan(source, LabelFormat.VOC).bad_lines] == ["labels.bad.other_shape"]


def test_boxes_may_be_kept_by_the_hash_of_their_photo(desk: LabelDesk, tmp_path: Path) -> None:
    photo = tmp_path / "any name.jpg"
    photo.write_bytes(marked_photo(1, 3)[0])
    sha256 = put(desk, photo, "another name.jpg", "cave")
    record = desk.library.photos.get(sha256)
    folder = tmp_path / "kept"
    folder.mkdir()
    document = {
        "images": [{"id": 1, "file_name": sha256, "width": record.width_px, "height": record.height_px}],
        "categories": [{"id": 4, "name": "lava-column"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 4, "bbox": [8, 8, 40, 30]}],
    }
    (folder / "kept.json").write_text(json.dumps(document))

    desk.apply(desk.plan(folder, LabelFormat.COCO))

    (box,) = desk.catalogue.boxes.get(sha256).boxes
    assert box.xyxyn[0] == pytest.approx(8 / record.width_px)
