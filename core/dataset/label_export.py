"""Boxes out of the library, with their photos, in the form that other programs train on.

What leaves of a photo is an upright copy without metadata, under the name it came with. All photos with boxes leave,
and those with nothing on them, without boxes; what nobody has decided about stays. `photos.csv` says where each came
from. The order of classes is that of the labels' numbers, which never change, and is written down.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image

from core.dataset.csv_cells import Cell, write_csv
from core.dataset.derivative import encode_derivative
from core.dataset.export import JPEG_QUALITY, LONGEST_PX
from core.dataset.ingest import read_photo
from core.dataset.label_files import FileNames, opened_target
from core.dataset.label_layout import ExportPhoto, folder_of, layout_files
from core.dataset.label_plan import Catalogue
from core.dataset.label_reading import PHOTOS_FILE, LabelFormat
from core.dataset.library import Library
from core.dataset.licences import is_free
from core.dataset.sniff import EXTENSIONS
from core.domain.label import Label, LabelDecision, PhotoLabels
from core.domain.photo import PhotoRecord, PhotoStatus
from core.errors import NotFound, PhotoRefused
from core.jobs.report import Report

COLUMNS = (
    *("file", "sha256", "place", "split", "nothing_here"),
    *("source", "page_url", "author", "licence", "original_name"),
)
AT_ONCE = 500
IN_DATA = frozenset({PhotoStatus.ACCEPTED, PhotoStatus.NEW})  # what was rejected or set aside stays


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What to export. place_slug: None for all places. only_done: leave out photos with boxes that are not done.

    only_free: leave out photos whose licence is not known to be free.
    """

    form: LabelFormat
    place_slug: str | None = None
    only_done: bool = False
    only_free: bool = False


@dataclass(frozen=True, slots=True)
class LabelExportResult:
    """What left and what stayed. nothing: photos without boxes. classes: in order.

    unfinished: photos with boxes that are not done; not_free: photos whose licence is not known to be free. Both left
    or stayed, as was asked. left_out: rejected or set aside. broken: their files are gone or damaged.
    """

    photos: int
    boxes: int
    nothing: int
    classes: tuple[str, ...]
    unfinished: int = 0
    left_out: int = 0
    not_free: int = 0
    broken: int = 0


def export_labels(
    options: ExportOptions, catalogue: Catalogue, library: Library, target: Path, report: Report | None = None
) -> LabelExportResult:
    """Write photos and boxes to a folder that is new or empty, or to a zip, whole or not at all.

    Raises:
        Conflict: "labels.export_not_empty".
        StorageUnavailable: photos cannot be read, or the target cannot be written.
        JobStopped: `report` asked to stop.
    """
    work = _Export(options, library)
    chosen = list(work.choose(catalogue.boxes.walk(options.place_slug)))
    work.number_classes(_classes(chosen, catalogue))
    with opened_target(target) as write:
        photos: list[ExportPhoto] = []
        for done, (labels, record) in enumerate(chosen, start=1):
            exported = work.add(labels, record)
            if exported is not None:
                photos.append(exported[0])
                write(exported[0].file, exported[1])
            if report is not None:
                report(done, len(chosen), "labels.exporting", photos=done)
        for name, content in layout_files(options.form, photos, work.class_names):
            write(name, content)
        write(PHOTOS_FILE, write_csv(COLUMNS, work.rows))
    return work.result(photos)


def _classes(chosen: Sequence[tuple[PhotoLabels, PhotoRecord]], catalogue: Catalogue) -> tuple[Label, ...]:
    """Return the labels of the photos' places by number; retired ones only where boxes have them."""
    used = {box.label_id for labels, _ in chosen for box in labels.boxes}
    places = {record.place_slug for _, record in chosen}
    every = sorted(catalogue.labels.list(include_retired=True), key=lambda label: label.label_id)
    return tuple(one for one in every if one.label_id in used or (one.place_slug in places and not one.retired))


class _Export:
    """An export under way: which photos take part, and what became of the others."""

    def __init__(self, options: ExportOptions, library: Library) -> None:
        self._options, self._library = options, library
        self._numbers: dict[int, int] = {}
        self.class_names: tuple[str, ...] = ()
        self.rows: list[Sequence[Cell]] = []
        self._names = FileNames()
        self._left: Counter[str] = Counter()

    def number_classes(self, classes: Sequence[Label]) -> None:
        """Number the classes, from 0, in their order."""
        self._numbers = {label.label_id: number for number, label in enumerate(classes)}
        self.class_names = tuple(label.slug for label in classes)

    def choose(self, every: Iterator[PhotoLabels]) -> Iterator[tuple[PhotoLabels, PhotoRecord]]:
        """Yield the photos that are decided about and belong to the data."""
        while some := [labels for labels, _ in zip(every, range(AT_ONCE), strict=False)]:
            records = {one.sha256: one for one in self._library.photos.get_many([one.photo_sha256 for one in some])}
            for labels in some:
                record = records.get(labels.photo_sha256)
                if record is not None and self._takes_part(labels, record):
                    yield labels, record

    def add(self, labels: PhotoLabels, record: PhotoRecord) -> tuple[ExportPhoto, bytes] | None:
        """Return a photo and its bytes as they leave; None when its file is gone or damaged."""
        try:
            content = self._library.store.get(record.sha256, EXTENSIONS[record.format])
            copy = encode_derivative(read_photo(content, need_px=LONGEST_PX), LONGEST_PX, JPEG_QUALITY)
        except (NotFound, PhotoRefused):
            self._left["broken"] += 1
            return None
        with Image.open(BytesIO(copy)) as image:
            width_px, height_px = image.size
        file = f"{folder_of(self._options.form, record.split)}/{self._names.give(record)}"
        boxes = tuple((self._numbers[box.label_id], box.xyxyn) for box in labels.boxes)
        where = (record.source, record.page_url, record.author, record.licence, record.original_name)
        reason = labels.reason.value if labels.reason else ""
        self.rows.append((file, record.sha256, record.place_slug or "", record.split or "", reason, *where))
        return ExportPhoto(file, width_px, height_px, boxes, record.split), copy

    def result(self, photos: Sequence[ExportPhoto]) -> LabelExportResult:
        """Say what became of everything."""
        boxes = sum(len(photo.boxes) for photo in photos)
        nothing = sum(not photo.boxes for photo in photos)
        return LabelExportResult(len(photos), boxes, nothing, self.class_names, **self._left)

    def _takes_part(self, labels: PhotoLabels, record: PhotoRecord) -> bool:
        is_open = labels.decision is LabelDecision.OPEN
        if is_open and not labels.boxes:
            return False
        if record.status not in IN_DATA:
            self._left["left_out"] += 1
            return False
        free = is_free(record.licence)
        self._left["unfinished"] += is_open
        self._left["not_free"] += not free
        return not (is_open and self._options.only_done) and (free or not self._options.only_free)
