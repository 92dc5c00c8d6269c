"""A detector's boxes as suggestions beside those that a person drew; called by the label page. Pure.

A suggestion is not stored: only what the person takes becomes a box, whose origin says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import uuid4

from core.dataset.boxes import Edges, clip, iou, xyxyn_from_px
from core.domain.answer import Detection
from core.domain.label import Box, BoxOrigin, Label

SAME_IOU = 0.7  # a detection that overlaps a person's box this much shows what the person has drawn already


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A box on offer. xyxyn: of the upright photo. confidence: the detector's, 0..1."""

    label_id: int
    xyxyn: Edges
    confidence: float


def suggestions_from(
    detections: Iterable[Detection], labels: Iterable[Label], width_px: int, height_px: int
) -> tuple[Suggestion, ...]:
    """Make suggestions of a detector's answer; a part that is no label, or a retired one, is left out.

    width_px, height_px: the photo's own size, upright.
    """
    numbers = {label.slug: label.label_id for label in labels if not label.retired}
    return tuple(
        Suggestion(numbers[one.label], clip(xyxyn_from_px(one.xyxy_px, width_px, height_px)), one.confidence)
        for one in detections
        if one.label in numbers
    )


def merge_suggestions(
    boxes: Iterable[Box], suggestions: Iterable[Suggestion], iou_limit: float = SAME_IOU
) -> tuple[Suggestion, ...]:
    """Return what is worth offering, surest first: nothing over a person's box, nothing over a surer suggestion.

    Over a person's boxes every label counts, as the person may know better what it is; among suggestions the same one.
    """
    drawn = [box.xyxyn for box in boxes]
    offered: list[Suggestion] = []
    for suggestion in sorted(suggestions, key=lambda one: -one.confidence):
        surer = [other.xyxyn for other in offered if other.label_id == suggestion.label_id]
        if not any(iou(suggestion.xyxyn, other) >= iou_limit for other in (*drawn, *surer)):
            offered.append(suggestion)
    return tuple(offered)


def accept(suggestions: Sequence[Suggestion]) -> tuple[Box, ...]:
    """Make boxes of suggestions that a person took as they were."""
    return tuple(Box(uuid4().hex, one.label_id, one.xyxyn, BoxOrigin.ACCEPTED) for one in suggestions)
