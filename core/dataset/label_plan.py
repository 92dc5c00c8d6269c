"""What importing a data set with boxes would do; nothing is stored here.

`plan_labels` reads everything, so that what is shown is what will happen: each bad line as `file:line reason`, each
photo that is new, known, or left as it is. `label_import` does it once it was confirmed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from core.dataset.formats.annotations import Annotation, BadLine, NamedBox
from core.dataset.label_classes import ClassMatch, match_classes, place_of
from core.dataset.label_photos import FoundPhoto, PhotoFinder
from core.dataset.label_reading import ExportedPhoto, LabelFormat, read_annotations, read_exported
from core.dataset.label_source import list_files
from core.db.boxes import BoxRepository
from core.db.labels import LabelRepository
from core.db.photos import PhotoRepository
from core.db.places import UNKNOWN, PlaceRepository
from core.domain.label import Box, LabelDecision, NothingReason, PhotoLabels
from core.errors import Value
from core.jobs.report import Report

SAME_WITHIN = 1e-6  # of the photo: two boxes this near are one that was written and read


class PhotoFate(StrEnum):
    """What an import does with a photo."""

    NEW = "new"  # brought in with its boxes
    LABELLED = "labelled"  # in the library, gets boxes
    SAME = "same"  # in the library, with these boxes already
    KEPT = "kept"  # in the library, with other boxes: left as it is, unless those are to be replaced
    UNLABELLED = "unlabelled"  # nothing says anything about it: brought in to be sorted


@dataclass(frozen=True, slots=True)
class PlannedPhoto:
    """A photo. place_slug: where a new one goes. revision: of what stands. reason: for a photo without boxes."""

    name: str
    sha256: str
    path: Path | None
    fate: PhotoFate
    place_slug: str | None
    boxes: tuple[NamedBox, ...] = ()
    revision: int = 0
    reason: NothingReason | None = None


@dataclass(frozen=True)
class LabelImportPlan:
    """All that would happen. refused: photos that are not taken in, as (name, error code, its values)."""

    photos: tuple[PlannedPhoto, ...]
    classes: tuple[ClassMatch, ...]
    bad_lines: tuple[BadLine, ...]
    refused: tuple[tuple[str, str, dict[str, Value]], ...]

    @cached_property
    def new_places(self) -> tuple[ClassMatch, ...]:
        """The classes for which a place would be added, one for each."""
        wanted = (match for match in self.classes if match.place_is_new and match.label_id is None)
        return tuple({match.place_slug: match for match in wanted}.values())

    @cached_property
    def new_labels(self) -> tuple[ClassMatch, ...]:
        """The classes for which a label would be added."""
        return tuple(match for match in self.classes if match.label_id is None)

    def count(self, fate: PhotoFate) -> int:
        """Return how many photos have this fate."""
        return sum(photo.fate is fate for photo in self.photos)

    @property
    def boxes(self) -> int:
        """How many boxes would be written."""
        return sum(len(photo.boxes) for photo in self.photos if photo.fate in {PhotoFate.NEW, PhotoFate.LABELLED})


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Where labels are kept, and what they are about."""

    places: PlaceRepository
    labels: LabelRepository
    boxes: BoxRepository
    photos: PhotoRepository


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a source. names: of classes, where the files have none. replace: boxes that stand already."""

    form: LabelFormat
    names: tuple[str, ...] = ()
    replace: bool = False


def plan_labels(
    source: Path, options: ReadOptions, catalogue: Catalogue, unpack_into: Path, report: Report
) -> LabelImportPlan:
    """Say what importing the boxes of a folder or a zip would do.

    unpack_into: a folder that is not there yet, into which a zip is unpacked, and which must stay until the import.

    Raises:
        InvalidInput: no such source, nothing of this format in it, no class names, or an archive that is refused.
        StorageUnavailable, DatabaseUnavailable: it cannot be read.
        JobStopped: `report` asked to stop.
    """
    files = list_files(source, unpack_into)
    read = read_annotations(files, options.form, options.names)
    places = catalogue.places.list(include_retired=True)
    drawn = [box for photo in read.photos for box in photo.boxes]
    classes = match_classes(read.classes, drawn, catalogue.labels.list(include_retired=True), places)
    finder = PhotoFinder(files, catalogue.photos, read_exported(files))
    good = [photo for photo in read.photos if photo.image not in read.spoiled]
    found = finder.find_all(good, report)
    plan = _Plan({match.name: match for match in classes}, catalogue, options.replace)
    for annotation, photo in found:
        plan.add(annotation, photo, finder.exported.get(photo.name))
    rest = finder.find_rest({photo.image for photo in read.photos}, report)
    photos = (*plan.finish({place.slug for place in places}), *(_unlabelled(photo) for photo in rest))
    bad_lines = (*read.bad_lines, *finder.bad_lines, *plan.bad_lines)
    return LabelImportPlan(photos, classes, bad_lines, tuple(finder.refused))


class _Plan:
    """A plan under way: which photos were met, and what each of them gets."""

    def __init__(self, matches: Mapping[str, ClassMatch], catalogue: Catalogue, replace: bool) -> None:
        self._matches, self._catalogue, self._replace = matches, catalogue, replace
        self._wanted: dict[str, tuple[Annotation, FoundPhoto, ExportedPhoto | None]] = {}
        self.bad_lines: list[BadLine] = []

    def add(self, annotation: Annotation, photo: FoundPhoto, exported: ExportedPhoto | None) -> None:
        """Take what a file says about a photo; a second file that says something else is a bad one."""
        before = self._wanted.setdefault(photo.sha256, (annotation, photo, exported))
        if before[0].boxes != annotation.boxes:
            self.bad_lines.append(BadLine(annotation.file, 1, "labels.bad.same_photo", {"other": before[0].file}))

    def finish(self, places: set[str]) -> tuple[PlannedPhoto, ...]:
        """Return what becomes of each photo. places: slugs that stand."""
        standing = self._catalogue.boxes.get_many(tuple(self._wanted))
        return tuple(self._planned(sha256, standing.get(sha256), places) for sha256 in self._wanted)

    def _planned(self, sha256: str, standing: PhotoLabels | None, places: set[str]) -> PlannedPhoto:
        annotation, photo, exported = self._wanted[sha256]
        reason = None if annotation.boxes else (exported and exported.reason) or NothingReason.NO_LANDMARK
        place_slug = place_of(annotation.boxes, self._matches)
        if place_slug is None:
            place_slug = exported.place_slug if exported and exported.place_slug in places else UNKNOWN
        fate = PhotoFate.NEW if standing is None else self._fate(standing, annotation.boxes)
        revision = standing.revision if standing else 0
        return PlannedPhoto(photo.name, sha256, photo.path, fate, place_slug, annotation.boxes, revision, reason)

    def _fate(self, standing: PhotoLabels, boxes: Sequence[NamedBox]) -> PhotoFate:
        if not standing.boxes and standing.decision is LabelDecision.OPEN:
            return PhotoFate.LABELLED
        numbers = [self._matches[box.name].label_id for box in boxes]
        if _are_same(standing.boxes, numbers, boxes):
            return PhotoFate.SAME
        return PhotoFate.LABELLED if self._replace else PhotoFate.KEPT


def _are_same(standing: Sequence[Box], numbers: Sequence[int | None], boxes: Sequence[NamedBox]) -> bool:
    """Whether two sets of boxes are equal but for their order and for rounding."""
    left = list(standing)
    for number, box in zip(numbers, boxes, strict=True):
        near = next((one for one in left if one.label_id == number and _is_near(one, box)), None)
        if near is None:
            return False
        left.remove(near)
    return not left


def _is_near(one: Box, other: NamedBox) -> bool:
    return all(abs(a - b) <= SAME_WITHIN for a, b in zip(one.xyxyn, other.xyxyn, strict=True))


def _unlabelled(photo: FoundPhoto) -> PlannedPhoto:
    return PlannedPhoto(photo.name, photo.sha256, photo.path, PhotoFate.UNLABELLED, None)
