import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.dataset.formats.voc import read_voc, write_voc

EDGE = st.floats(0, 1)
BOX = (
    st.tuples(EDGE, EDGE, EDGE, EDGE)
    .map(lambda e: (min(e[0], e[2]), min(e[1], e[3]), max(e[0], e[2]), max(e[1], e[3])))
    .filter(lambda e: e[2] - e[0] > 1e-6 and e[3] - e[1] > 1e-6)
)
OTHER_PROGRAM = """<?xml version="1.0"?>
<annotation verified="yes">
  <folder>images</folder><filename>동굴.JPG</filename><path>C:\\x\\other.jpg</path>
  <size><width>640</width><height>480</height><depth>3</depth></size>
  <object><name>폭포</name><part><name>hand</name><bndbox><xmin>1</xmin></bndbox></part>
    <bndbox><xmin>64</xmin><ymin>48</ymin><xmax>384</xmax><ymax>288</ymax></bndbox></object>
  {more}
</annotation>"""


def xml(more: str = "") -> bytes:
    return OTHER_PROGRAM.replace("{more}", more).encode()


@settings(deadline=None, max_examples=50)
@given(st.lists(BOX, max_size=4), st.integers(33, 5000), st.integers(33, 5000))
def test_boxes_come_back_within_a_millionth(boxes: list[tuple[float, ...]], width: int, height: int) -> None:
    name = 'a & <b> "폭포"'
    read = read_voc(write_voc("만장굴 & <1>.jpg", width, height, [(name, box) for box in boxes]).encode(), "x.xml")
    assert read.bad_lines == ()
    (photo,) = read.photos
    assert (photo.image, photo.width_px, photo.height_px) == ("만장굴 & <1>.jpg", width, height)
    for box, edges in zip(photo.boxes, boxes, strict=True):
        assert box.name == name
        assert box.xyxyn == pytest.approx(edges, abs=1e-9)


def test_what_other_programs_write_is_understood() -> None:
    read = read_voc(xml(), "x.xml")
    assert (read.bad_lines, read.classes) == ((), ("폭포",))
    assert read.photos[0].image == "동굴.JPG"
    assert read.photos[0].boxes[0].xyxyn == (0.1, 0.1, 0.6, 0.6)


@pytest.mark.parametrize(
    ("edges", "reason"),
    [
        ("<xmin>1</xmin><ymin>1</ymin><xmax>700</xmax><ymax>9</ymax>", "labels.bad.outside"),
        ("<xmin>9</xmin><ymin>1</ymin><xmax>1</xmax><ymax>9</ymax>", "labels.bad.size"),
        ("<xmin>x</xmin><ymin>1</ymin><xmax>5</xmax><ymax>9</ymax>", "labels.bad.number"),
        ("<xmin>nan</xmin><ymin>1</ymin><xmax>5</xmax><ymax>9</ymax>", "labels.bad.number"),
        ("<xmin>1</xmin><ymin>1</ymin><xmax>5</xmax>", "labels.bad.box"),
    ],
)
def test_a_bad_object_is_named_by_its_line(edges: str, reason: str) -> None:
    read = read_voc(xml(f"<object><name>a</name><bndbox>{edges}</bndbox></object>"), "Annotations/x.xml")
    assert [(one.file, one.line, one.reason) for one in read.bad_lines] == [("Annotations/x.xml", 7, reason)]
    assert read.spoiled == {"동굴.JPG"}
    nameless = read_voc(xml(f"<object><bndbox>{edges}</bndbox></object>").replace(b"700", b"7"), "x")
    assert len(nameless.bad_lines) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<annotation>",
        b"<svg/>",
        b"<annotation><size><width>0</width><height>4</height></size></annotation>",
    ],
)
def test_what_is_no_annotation_is_named(content: bytes) -> None:
    read = read_voc(content, "x.xml")
    assert read.photos == ()
    assert read.bad_lines[0].reason in {"labels.bad.xml", "labels.bad.photo_size"}


@pytest.mark.parametrize(
    "entity",
    ['<!ENTITY x "y">', '<!ENTITY x SYSTEM "file:///etc/passwd">', '<!ENTITY y "aaaa"><!ENTITY x "&y;&y;&y;">'],
)
def test_entities_are_refused_even_where_nothing_uses_them(entity: str) -> None:
    for name in ("a.jpg", "&x;"):
        text = (
            xml()
            .decode()
            .replace("<annotation", f"<!DOCTYPE annotation [{entity}]>\n<annotation")
            .replace("동굴.JPG", name)
        )
        read = read_voc(text.encode(), "x.xml")
        assert (read.photos, [one.reason for one in read.bad_lines]) == ((), ["labels.bad.xml"])
