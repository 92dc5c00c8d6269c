"""Pascal VOC: an XML file per photo, with its size and objects, whose `bndbox` has edges in pixels.

VOC itself counts pixels from 1; most programs of today write edges from 0, and so does this one, with digits behind the
point where an edge is between two pixels. Entities are refused. Source: host.robots.ox.ac.uk/pascal/VOC.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape

from core.dataset.boxes import Edges, px_from_xyxyn, xyxyn_from_px
from core.dataset.formats.annotations import Annotation, Annotations, BadLine, NamedBox, checked, decode

EDGES = ("xmin", "ymin", "xmax", "ymax")
LONGEST = 4_000  # characters of one value


def write_voc(file_name: str, width_px: int, height_px: int, boxes: Sequence[tuple[str, Edges]]) -> str:
    """Return the text of one photo. boxes: class names and edges as fractions."""
    objects = "".join(_write_object(name, px_from_xyxyn(edges, width_px, height_px)) for name, edges in boxes)
    return (
        f"<annotation>\n  <filename>{_escape(file_name)}</filename>\n"
        f"  <size><width>{width_px}</width><height>{height_px}</height><depth>3</depth></size>\n"
        f"  <segmented>0</segmented>\n{objects}</annotation>\n"
    )


def read_voc(content: bytes, file: str) -> Annotations:
    """Return the photo of one file, and the objects that are not understood."""
    text = decode(content, file)
    if isinstance(text, BadLine):
        return Annotations((), (), (text,))
    reader = _Reader()
    try:
        reader.parse(text)
    except expat.ExpatError as error:
        return Annotations((), (), (BadLine(file, error.lineno, "labels.bad.xml"),))
    size = _size(reader.values)
    if not reader.is_annotation or size is None:
        return Annotations(
            (), (), (BadLine(file, 1, "labels.bad.photo_size" if reader.is_annotation else "labels.bad.xml"),)
        )
    boxes: list[NamedBox] = []
    bad: list[BadLine] = []
    for one in reader.objects:
        edges = _edges(one.values, size)
        if isinstance(edges, str):
            bad.append(BadLine(file, one.line, edges))
        elif not one.values.get("name"):
            bad.append(BadLine(file, one.line, "labels.bad.fields", {"fields": "name"}))
        else:
            boxes.append(NamedBox(one.values["name"], edges))
    image = reader.values.get("filename") or file.rsplit("/", 1)[-1].removesuffix(".xml")
    photo = Annotation(file, image, tuple(boxes), *size)
    classes = tuple(dict.fromkeys(box.name for box in boxes))
    return Annotations((photo,), classes, tuple(bad), frozenset({image} if bad else ()))


@dataclass(slots=True)
class _Object:
    line: int
    values: dict[str, str] = field(default_factory=dict)


class _Reader:
    """Gathers the few values that matter; everything else in a file is passed over."""

    def __init__(self) -> None:
        self.is_annotation = False
        self.values: dict[str, str] = {}
        self.objects: list[_Object] = []
        self._path: list[str] = []
        self._text = ""
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._add
        self._parser.EntityDeclHandler = self._refuse

    def parse(self, text: str) -> None:
        self._parser.Parse(text.encode(), True)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.is_annotation = self.is_annotation or (not self._path and name == "annotation")
        self._path.append(name)
        self._text = ""
        if self._path == ["annotation", "object"]:
            self.objects.append(_Object(self._parser.CurrentLineNumber))

    def _end(self, name: str) -> None:
        where, value = self._path[1:], self._text.strip()
        if where in (["filename"], ["size", "width"], ["size", "height"]):
            self.values[name] = value
        elif where in (["object", "name"], *(["object", "bndbox", edge] for edge in EDGES)):
            self.objects[-1].values[name] = value
        self._path.pop()
        self._text = ""

    def _add(self, text: str) -> None:
        if len(self._text) < LONGEST:
            self._text += text

    def _refuse(self, *declaration: object) -> None:
        error = expat.ExpatError("an entity")
        error.lineno = self._parser.CurrentLineNumber
        raise error


def _write_object(name: str, xyxy_px: Edges) -> str:
    edges = "".join(f"<{tag}>{float(value)!r}</{tag}>" for tag, value in zip(EDGES, xyxy_px, strict=True))
    head = f"<name>{_escape(name)}</name><pose>Unspecified</pose><truncated>0</truncated><difficult>0</difficult>"
    return f"  <object>{head}<bndbox>{edges}</bndbox></object>\n"


def _escape(text: str) -> str:
    """Escape what XML would take as its own; what it cannot hold at all is replaced."""
    return escape("".join(sign if sign >= " " else "\N{REPLACEMENT CHARACTER}" for sign in text))


def _size(values: dict[str, str]) -> tuple[int, int] | None:
    try:
        width_px, height_px = int(values["width"]), int(values["height"])
    except (KeyError, ValueError):
        return None
    return (width_px, height_px) if 0 < min(width_px, height_px) <= max(width_px, height_px) < 1_000_000 else None


def _edges(values: dict[str, str], size: tuple[int, int]) -> Edges | str:
    try:
        left, top, right, bottom = (float(values[edge]) for edge in EDGES)
    except KeyError:
        return "labels.bad.box"
    except ValueError:
        return "labels.bad.number"
    # A program that counts pixels from 1 may be one of them outside.
    return checked(xyxyn_from_px((left, top, right, bottom), *size), 1 / min(size))
