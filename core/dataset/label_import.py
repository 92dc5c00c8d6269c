"""Bring a data set with boxes in, as it was planned and confirmed: all of it, or nothing.

Places come first, then photos through the one intake, then labels, boxes and decisions in one transaction. What ends
the work before that takes back what it brought; a kill leaves photos without boxes, and the same import completes them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from core.dataset.formats.annotations import NamedBox
from core.dataset.import_photos import ImportItem, import_photos
from core.dataset.label_plan import Catalogue, LabelImportPlan, PhotoFate, PlannedPhoto
from core.dataset.label_rules import find_faults
from core.dataset.library import Library
from core.dataset.new_places import new_place
from core.dataset.prepare import Provenance
from core.dataset.removal import delete_photos
from core.domain.label import Box, BoxOrigin, Label, LabelDecision, PhotoLabels
from core.domain.photo import PhotoRecord, PhotoStatus
from core.errors import Value
from core.jobs.report import Report


@dataclass(frozen=True, slots=True)
class LabelImportResult:
    """What was brought in. faulty: photos with boxes that are not right yet, so that they are not done.

    refused: photos that the intake did not take, as (name, error code, its values); their boxes are not there.
    """

    photos_new: int
    photos_labelled: int
    boxes: int
    done: int
    nothing: int
    faulty: int
    places: int
    labels: int
    refused: tuple[tuple[str, str, dict[str, Value]], ...] = ()


def import_labels(
    plan: LabelImportPlan, catalogue: Catalogue, library: Library, provenance: Provenance, report: Report, actor: str
) -> LabelImportResult:
    """Do what was planned. Photos with boxes or a decision are accepted, the others are to be reviewed.

    Raises:
        Conflict: "labels.stale", somebody saved boxes of one of the photos since the plan; or a place or label of the
            same name was added meanwhile. Nothing was brought in.
        StorageUnavailable, DatabaseUnavailable: call again.
        JobStopped: `report` asked to stop; nothing was brought in.
    """
    brought = [photo for photo in plan.photos if photo.fate in {PhotoFate.NEW, PhotoFate.UNLABELLED}]
    known_before = {record.sha256 for record in library.photos.get_many([photo.sha256 for photo in brought])}
    places: list[str] = []
    try:
        for match in plan.new_places:
            places.append(new_place(catalogue.places, match.place_slug, match.text).slug)
        refused = _bring_photos(brought, library, provenance, report, actor)
        return _write_boxes(plan, catalogue, library, actor, refused)
    except BaseException:
        delete_photos({photo.sha256 for photo in brought} - known_before, library)
        for slug in places:
            catalogue.places.remove(slug)
        raise


def _bring_photos(
    brought: Sequence[PlannedPhoto], library: Library, provenance: Provenance, report: Report, actor: str
) -> tuple[tuple[str, str, dict[str, Value]], ...]:
    """Import the new photos: accepted where something is said about them, to be reviewed where nothing is."""
    refused: list[tuple[str, str, dict[str, Value]]] = []
    for fate, status in ((PhotoFate.NEW, PhotoStatus.ACCEPTED), (PhotoFate.UNLABELLED, PhotoStatus.NEW)):
        items = [
            ImportItem(photo.path, photo.name, photo.place_slug)
            for photo in brought
            if photo.fate is fate and photo.path is not None
        ]
        if items:
            refused += import_photos(items, library, provenance, status, report, actor).refused
    return tuple(refused)


def _write_boxes(
    plan: LabelImportPlan,
    catalogue: Catalogue,
    library: Library,
    actor: str,
    refused: tuple[tuple[str, str, dict[str, Value]], ...],
) -> LabelImportResult:
    wanted = [photo for photo in plan.photos if photo.fate in {PhotoFate.NEW, PhotoFate.LABELLED}]
    _sort_unsorted(wanted, library, actor)
    records = {record.sha256: record for record in library.photos.get_many([photo.sha256 for photo in wanted])}
    new = [
        Label(-number, match.place_slug, match.slug, match.text, "", 0)
        for number, match in enumerate(plan.new_labels, start=1)
    ]
    numbers = {match.name: match.label_id for match in plan.classes if match.label_id is not None}
    numbers.update((match.name, label.label_id) for match, label in zip(plan.new_labels, new, strict=True))
    every = {label.label_id: label for label in (*catalogue.labels.list(include_retired=True), *new)}
    labels = [_labels_of(photo, records[photo.sha256], numbers, every) for photo in wanted if photo.sha256 in records]
    saved = catalogue.boxes.save_many(labels, actor, new)
    decisions = [one.decision for one in saved]
    return LabelImportResult(
        photos_new=sum(photo.fate is not PhotoFate.LABELLED for photo in wanted) - len(wanted) + len(saved),
        photos_labelled=plan.count(PhotoFate.LABELLED),
        boxes=sum(len(one.boxes) for one in saved),
        done=decisions.count(LabelDecision.DONE),
        nothing=decisions.count(LabelDecision.NOTHING_HERE),
        faulty=decisions.count(LabelDecision.OPEN),
        places=len(plan.new_places),
        labels=len(new),
        refused=refused,
    )


def _sort_unsorted(wanted: Sequence[PlannedPhoto], library: Library, actor: str) -> None:
    """File known photos that are not sorted yet under the place that their boxes are parts of."""
    places = {photo.sha256: photo.place_slug for photo in wanted if photo.fate is PhotoFate.LABELLED and photo.boxes}
    unsorted = [record.sha256 for record in library.photos.get_many(tuple(places)) if record.place_slug is None]
    for slug in sorted({places[sha256] or "" for sha256 in unsorted}):
        library.review.move([sha256 for sha256 in unsorted if places[sha256] == slug], slug, actor)


def _labels_of(
    photo: PlannedPhoto, record: PhotoRecord, numbers: Mapping[str, int], labels_by_id: Mapping[int, Label]
) -> PhotoLabels:
    """Return the boxes and the decision of a photo: done where nothing is wrong with any box."""
    boxes = tuple(_box(box, numbers[box.name]) for box in photo.boxes)
    open_labels = PhotoLabels(photo.sha256, photo.revision, boxes)
    if not boxes:
        return PhotoLabels(photo.sha256, photo.revision, (), LabelDecision.NOTHING_HERE, photo.reason)
    if find_faults(open_labels, record, labels_by_id):
        return open_labels
    return PhotoLabels(photo.sha256, photo.revision, boxes, LabelDecision.DONE)


def _box(box: NamedBox, label_id: int) -> Box:
    return Box(uuid4().hex, label_id, box.xyxyn, BoxOrigin.IMPORTED)
