"""What must be right before a photo counts as done, and the repair of each fault; pure but for `finish_photo`.

Called by the label page, which offers each repair by one click, and by the import of data sets.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.dataset.boxes import clip, iou, px_from_xyxyn
from core.db.boxes import BoxRepository
from core.db.labels import LabelRepository
from core.db.photos import PhotoRepository
from core.domain.label import Box, BoxFault, FaultKind, Label, LabelDecision, PhotoLabels
from core.domain.photo import PhotoRecord
from core.errors import Conflict

SMALLEST_PX = 8  # of the photo's own pixels; a detector's finest grid is 8 pixels wide
DOUBLED_IOU = 0.95  # two boxes this alike are one part drawn twice
OUTSIDE_BY = 1e-9  # an edge this far out is rounding, not drawing


def find_faults(labels: PhotoLabels, record: PhotoRecord, labels_by_id: Mapping[int, Label]) -> tuple[BoxFault, ...]:
    """Return the faults of a photo's boxes, at most one a box; the repair of some may bring up the next.

    labels_by_id: every label, retired ones too. A photo of no known place, or not sorted yet, has no parts of its own.
    """
    faults: list[BoxFault] = []
    kept: list[Box] = []
    for box in labels.boxes:
        fault = _fault(box, record, labels_by_id, kept)
        if fault is not None:
            faults.append(fault)
        if fault is None or fault.repaired is not None:
            kept.append(box if fault is None or fault.repaired is None else fault.repaired)
    return tuple(faults)


def repair(boxes: Iterable[Box], faults: Iterable[BoxFault]) -> tuple[Box, ...]:
    """Return the boxes with these faults repaired, in their order."""
    repaired = {fault.box_id: fault.repaired for fault in faults}
    after = (repaired.get(box.box_id, box) for box in boxes)
    return tuple(box for box in after if box is not None)


def finish_photo(
    labels: PhotoLabels, photos: PhotoRepository, boxes: BoxRepository, all_labels: LabelRepository, actor: str
) -> PhotoLabels:
    """Count a photo as done.

    labels: as the person saw them.

    Raises:
        InvalidInput: "labels.done_without_boxes".
        NotFound: no such photo.
        Conflict: "labels.faults", a box is not right yet; "labels.stale", somebody saved meanwhile.
    """
    labels_by_id = {label.label_id: label for label in all_labels.list(include_retired=True)}
    faults = find_faults(labels, photos.get(labels.photo_sha256), labels_by_id)
    if faults:
        raise Conflict("labels.faults", count=len(faults))
    return boxes.decide(labels.photo_sha256, LabelDecision.DONE, None, labels.revision, actor)


def _fault(box: Box, record: PhotoRecord, labels_by_id: Mapping[int, Label], earlier: Iterable[Box]) -> BoxFault | None:
    """Return the first fault of a box. Outside is cut off, and what cannot be mended is taken away."""
    inside = replace(box, xyxyn=clip(box.xyxyn))
    mended = None if _is_small(inside, record) else inside
    if any(abs(now - then) > OUTSIDE_BY for now, then in zip(inside.xyxyn, box.xyxyn, strict=True)):
        return BoxFault(FaultKind.OUTSIDE, box.box_id, mended)
    if mended is None:
        return BoxFault(FaultKind.TOO_SMALL, box.box_id, None)
    label = labels_by_id.get(box.label_id)
    if label is None or label.place_slug != record.place_slug:
        return BoxFault(FaultKind.OTHER_PLACE, box.box_id, None)
    if any(iou(other.xyxyn, box.xyxyn) > DOUBLED_IOU for other in earlier):
        return BoxFault(FaultKind.DOUBLED, box.box_id, None)
    return None


def _is_small(box: Box, record: PhotoRecord) -> bool:
    left, top, right, bottom = px_from_xyxyn(box.xyxyn, record.width_px, record.height_px)
    # A box that was drawn at 8 pixels may come back a rounding below.
    return min(right - left, bottom - top) < SMALLEST_PX - 1e-6
