import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset.formats.coco import CocoPhoto, is_coco, read_coco, write_coco

EDGE = st.floats(0, 1)
BOX = (
    st.tuples(EDGE, EDGE, EDGE, EDGE)
    .map(lambda e: (min(e[0], e[2]), min(e[1], e[3]), max(e[0], e[2]), max(e[1], e[3])))
    .filter(lambda e: e[2] - e[0] > 1e-6 and e[3] - e[1] > 1e-6)
)
DOCUMENT: dict[str, Any] = {
    "info": {"year": [1, {"images": 3}]},
    "images": [
        {"id": 7, "file_name": "동굴.jpg", "width": 640, "height": 480},
        {"id": 8, "file_name": "b.jpg", "width": 10, "height": 10},
    ],
    "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [64, 48, 320, 240]}],
    "categories": [{"id": 3, "name": "폭포"}, {"id": 1, "name": "cave"}],
}


@settings(deadline=None, max_examples=50)
@given(st.lists(BOX, max_size=4), st.integers(33, 5000), st.integers(33, 5000))
def test_boxes_come_back_within_a_millionth(boxes: list[tuple[float, ...]], width: int, height: int) -> None:
    photo = CocoPhoto("만장굴 (1).jpg", width, height, tuple((1, box) for box in boxes))
    read = read_coco(write_coco([photo], ("a", "b")).encode(), "x.json")
    assert (read.bad_lines, read.classes) == ((), ("a", "b"))
    (found,) = read.photos
    assert (found.image, found.width_px, found.height_px) == ("만장굴 (1).jpg", width, height)
    assert {box.name for box in found.boxes} <= {"b"}
    for box, edges in zip(found.boxes, boxes, strict=True):
        assert box.xyxyn == pytest.approx(edges, abs=1e-9)


def test_a_photo_without_annotations_has_nothing_on_it() -> None:
    read = read_coco(json.dumps(DOCUMENT).encode(), "x.json")
    assert [photo.image for photo in read.photos] == ["동굴.jpg", "b.jpg"]
    assert read.photos[0].boxes[0].xyxyn == (0.1, 0.1, 0.6, 0.6)
    assert (read.photos[1].boxes, read.classes) == ((), ("폭포", "cave"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"bbox": [600, 10, 100, 10]}, "labels.bad.outside"),
        ({"bbox": [10, 10, -5, 10]}, "labels.bad.size"),
        ({"bbox": [10, 10, 5]}, "labels.bad.number"),
        ({"bbox": [10, 10, float("nan"), 5]}, "labels.bad.number"),
        ({"bbox": [10, 10, "5", 5]}, "labels.bad.number"),
        ({"bbox": [1e308, 1e308, 1e308, 1e308]}, "labels.bad.number"),
        ({"bbox": None}, "labels.bad.fields"),
        ({"category_id": 99}, "labels.bad.class"),
        ({"image_id": 99}, "labels.bad.image_id"),
    ],
)
def test_a_bad_annotation_is_named_by_its_line(changes: dict[str, Any], reason: str) -> None:
    bad = {**DOCUMENT["annotations"][0], **changes}
    document = json.dumps({**DOCUMENT, "annotations": [*DOCUMENT["annotations"], bad]}, indent=1)
    start = document.index('"id": 1,\n', document.index('"annotations"'))
    line = document.count("\n", 0, document.index("{", start)) + 1
    read = read_coco(document.encode(), "all.json")
    assert [(one.file, one.line, one.reason) for one in read.bad_lines] == [("all.json", line, reason)]
    assert len(read.photos[0].boxes) == 1
    assert read.spoiled == (frozenset() if reason in {"labels.bad.fields", "labels.bad.image_id"} else {"동굴.jpg"})


def test_a_photo_without_a_size_is_named() -> None:
    document = {**DOCUMENT, "images": [{"id": 7, "file_name": "a.jpg", "width": 0, "height": 480}]}
    reasons = [one.reason for one in read_coco(json.dumps(document).encode(), "x").bad_lines]
    assert reasons == ["labels.bad.photo_size", "labels.bad.image_id"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{",
        b'{"images": [',
        b'{"images": [{"id": 1}',
        b'{"images": [1 2]}',
        b'{"images" 3}',
        b"[" * 100_000,
        b'{"images": ' + b"[" * 100_000,
        b'{"images": []} trailing'[:-8] + b"\xff",
    ],
)
def test_what_is_no_json_is_named_and_nothing_breaks(content: bytes) -> None:
    read = read_coco(content, "x.json")
    assert read.photos == ()
    assert read.bad_lines[0].reason in {"labels.bad.json", "labels.bad.encoding"}


def test_a_document_is_known_from_other_json() -> None:
    assert is_coco(json.dumps(DOCUMENT).encode())
    assert not is_coco(b'{"names": ["images"]}')
