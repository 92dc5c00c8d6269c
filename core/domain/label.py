"""Hand-labelling: the parts of a place that boxes are drawn around, the boxes, and what was decided about a photo.

Stored by `core/db`, checked by `core/dataset`, drawn by the label page, read by detector training through snapshots.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.domain.place import LocalText


@dataclass(frozen=True, slots=True)
class Label:
    """A landmark part of a place. label_id: given once, survives renaming and reordering. colour: "#rrggbb".

    slug: its name in files and answers, unique in the whole catalogue. position: its order on the page and its key 1–9.
    """

    label_id: int
    place_slug: str
    slug: str
    name: LocalText
    colour: str
    position: int
    retired: bool = False


class BoxOrigin(StrEnum):
    """Who drew a box."""

    HAND = "hand"
    IMPORTED = "imported"
    ACCEPTED = "accepted"  # suggested by the detector and taken as it was
    CORRECTED = "corrected"  # suggested by the detector and changed by hand


@dataclass(frozen=True, slots=True)
class Box:
    """A box on an upright photo. xyxyn: left, top, right, bottom as fractions 0..1 of its width and height.

    box_id: made where the box is drawn (a UUID's 32 hexadecimal digits), so that saving twice draws it once.
    """

    box_id: str
    label_id: int
    xyxyn: tuple[float, float, float, float]
    origin: BoxOrigin = BoxOrigin.HAND


class LabelDecision(StrEnum):
    """What was decided about a photo as a whole."""

    OPEN = "open"  # boxes may be there, but nobody has said that it is done
    DONE = "done"
    NOTHING_HERE = "nothing_here"  # becomes a background photo in training


class NothingReason(StrEnum):
    """Why there is nothing to draw."""

    NO_LANDMARK = "no_landmark"
    WRONG_PLACE = "wrong_place"
    PEOPLE = "people"
    INDOORS = "indoors"


@dataclass(frozen=True, slots=True)
class PhotoLabels:
    """All that is labelled on one photo. revision: counts up with every save; a save names the one it started from."""

    photo_sha256: str
    revision: int
    boxes: tuple[Box, ...]
    decision: LabelDecision = LabelDecision.OPEN
    reason: NothingReason | None = None
    actor: str = ""
    changed_at: datetime | None = None


class FaultKind(StrEnum):
    """What is wrong with a box before its photo can count as done."""

    OUTSIDE = "outside"
    TOO_SMALL = "too_small"
    DOUBLED = "doubled"
    OTHER_PLACE = "other_place"


@dataclass(frozen=True, slots=True)
class BoxFault:
    """A fault of one box, and the repair that one click makes: the box as it should be, None to remove it."""

    kind: FaultKind
    box_id: str
    repaired: Box | None


class LabelOrder(StrEnum):
    """Which photo is labelled next; photos that somebody decided about come last in every order."""

    ARRIVAL = "arrival"
    PLACE = "place"  # place by place, in the order of their class numbers
    UNSURE = "unsure"  # the detector's least sure opinion first, photos without one last
    DISAGREE = "disagree"  # classifier and detector name different places: those first


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """An order of work, and the runs whose opinions it goes by; "" for none, and then the order is that of arrival."""

    order: LabelOrder = LabelOrder.ARRIVAL
    detector_run: str = ""
    classifier_run: str = ""


@dataclass(frozen=True, slots=True)
class LabelProgress:
    """How far a place is, or all places together. photos: accepted ones. done, nothing: of those; boxes: on those."""

    photos: int
    done: int
    nothing: int
    boxes: int

    @property
    def decided(self) -> int:
        """How many photos need no more work."""
        return self.done + self.nothing
