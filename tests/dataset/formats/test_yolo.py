import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset.formats.annotations import BadLine
from core.dataset.formats.yolo import read_boxes, read_list_of_names, read_names, write_boxes, write_data_yaml
from core.errors import InvalidInput

CLASSES = ("cave", "폭포")
EDGE = st.floats(0, 1)
BOX = (
    st.tuples(EDGE, EDGE, EDGE, EDGE)
    .map(lambda e: (min(e[0], e[2]), min(e[1], e[3]), max(e[0], e[2]), max(e[1], e[3])))
    .filter(lambda e: e[2] - e[0] > 1e-6 and e[3] - e[1] > 1e-6)
)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 1), BOX), max_size=5))
def test_boxes_come_back_within_a_millionth(boxes: list[tuple[int, tuple[float, ...]]]) -> None:
    read, bad = read_boxes(write_boxes(boxes).encode(), "a.txt", CLASSES)
    assert bad == ()
    assert [CLASSES.index(box.name) for box in read] == [number for number, _ in boxes]
    for box, (_, edges) in zip(read, boxes, strict=True):
        assert box.xyxyn == pytest.approx(edges, abs=1e-8)


def test_an_empty_file_is_a_photo_with_nothing_on_it() -> None:
    assert write_boxes([]) == ""
    for content in (b"", b"\n \r\n", b"\xef\xbb\xbf"):
        assert read_boxes(content, "a.txt", CLASSES) == ((), ())


BAD_LINES = {
    "1 0.5 0.5 0.2": "labels.bad.count",
    "1 0.5 0.5 0.2 0.2 0.9": "labels.bad.count",
    "1 0.1 0.1 0.2 0.1 0.2 0.2 0.1 0.2": "labels.bad.count",
    "99 0.5 0.5 0.2 0.2": "labels.bad.class",
    "-1 0.5 0.5 0.2 0.2": "labels.bad.class",
    "0.5 0.5 0.5 0.2 0.2": "labels.bad.class",
    "cave 0.5 0.5 0.2 0.2": "labels.bad.number",
    "1 nan 0.5 0.2 0.2": "labels.bad.number",
    "1 0.5 inf 0.2 0.2": "labels.bad.number",
    "1 0.5 0.5 0,2 0.2": "labels.bad.number",
    "1 1e308 0.5 1e308 0.2": "labels.bad.outside",
    "1 0.5 0.5 1e309 0.2": "labels.bad.number",
    "1 0.5 0.5 -0.2 0.2": "labels.bad.size",
    "1 0.5 0.5 0.2 0": "labels.bad.size",
    "1 0.95 0.5 0.2 0.2": "labels.bad.outside",
    "1 1.5 0.5 0.2 0.2": "labels.bad.outside",
    "1 320 240 64 48": "labels.bad.outside",
}


@pytest.mark.parametrize(("line", "reason"), BAD_LINES.items())
def test_a_bad_line_is_named_with_its_number_and_its_reason(line: str, reason: str) -> None:
    content = f"\ufeff0 0.5 0.5 0.25 0.25\r\n\r\n{line}\r\n1 0.5 0.5 1 1\r\n".encode()
    read, bad = read_boxes(content, "labels/만장굴.txt", CLASSES)
    assert [(one.file, one.line, one.reason) for one in bad] == [("labels/만장굴.txt", 3, reason)]
    assert [(box.name, box.xyxyn) for box in read] == [
        ("cave", (0.375, 0.375, 0.625, 0.625)),
        ("폭포", (0.0, 0.0, 1.0, 1.0)),
    ]


def test_bytes_that_are_no_text_are_named_by_the_line() -> None:
    assert read_boxes(b"0 0.5 0.5 0.2 0.2\n\xff\xfe 0", "a", CLASSES)[1] == (BadLine("a", 2, "labels.bad.encoding"),)
    utf16 = "0 0.5 0.5 0.2 0.2".encode("utf-16")
    assert read_boxes(utf16, "a", CLASSES)[1][0].reason == "labels.bad.encoding"


def test_rounding_to_six_digits_may_reach_over_the_edge_by_no_more_than_that() -> None:
    (box,), bad = read_boxes(b"0 0.773510 0.490307 0.156848 0.980615", "a", CLASSES)
    assert (bad, box.xyxyn[1]) == ((), 0.0)
    (box,), bad = read_boxes(b"0 0.5 0.4999 0.2 0.9999", "a", CLASSES)
    assert box.xyxyn[1] == 0
    assert read_boxes(b"0 0.500000 0.499900 0.2 1.000000", "a", CLASSES)[1][0].reason == "labels.bad.outside"


def test_names_come_back_in_their_order() -> None:
    text = write_data_yaml(CLASSES, {"train": "images/train", "val": "images/val"})
    assert read_names(text.encode(), "data.yaml") == CLASSES
    assert read_names(b"names: [a, b]", "data.yaml") == ("a", "b")
    assert read_list_of_names("\ufeff동굴\r\n폭포\r\n".encode(), "classes.txt") == ("동굴", "폭포")


@pytest.mark.parametrize(
    "content",
    [
        b"names: !!python/object/apply:os.system ['touch eodi-was-here']",
        b"!!python/object/new:os._exit [5]",
        b"names: [a, b",
        b"nc: 2",
        b"names: 7",
        b"names: []",
        b"names: {1: a, 2: b}",
        b"\xff\xfe\x00",
        b"- a\n- b",
        b"[" * 3000,
    ],
)
def test_names_that_cannot_be_read_are_refused_and_nothing_is_run(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_names(content, "data.yaml")
    assert refused.value.code == "labels.names_broken"
