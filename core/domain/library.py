"""What a curator does with the library: filters, decisions with their history, the models' opinions, frozen snapshots.

Stored by `core/db`, decided by `core/dataset`, shown by the photos page and the command line.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.domain.photo import PhotoStatus, Split


class RejectReason(StrEnum):
    """Why a photo is thrown out."""

    WRONG_PLACE = "wrong_place"
    NO_LANDMARK = "no_landmark"
    PEOPLE = "people"  # people are all that can be seen
    INDOORS = "indoors"
    POOR_QUALITY = "poor_quality"
    DUPLICATE = "duplicate"
    NOT_A_PHOTO = "not_a_photo"  # a map, a drawing, a screen
    OTHER = "other"


class Concern(StrEnum):
    """Something about a photo that a curator may want to see all of."""

    DISAGREES = "disagrees"  # the model in service names another place than the photo's
    NEAR_DUPLICATES = "near_duplicates"
    TOO_SMALL = "too_small"
    BLURRY = "blurry"
    DARK = "dark"


class PhotoOrder(StrEnum):
    """In which order photos are listed; the hash decides between equals."""

    NEWEST = "newest"
    OLDEST = "oldest"
    DOUBTFUL = "doubtful"  # the least sure opinion first, those without an opinion last
    LOOK = "look"  # near-duplicates side by side


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """What to list; None and "" mean any. place_slug: "unknown" for no known place, "unsorted" for none yet.

    run_id: the model whose opinions `Concern.DISAGREES` and `PhotoOrder.DOUBTFUL` go by; "" for none.
    """

    place_slug: str | None = None
    status: PhotoStatus | None = None
    source: str | None = None
    licence: str | None = None
    split: Split | None = None
    concern: Concern | None = None
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """What the photos of the library can be told apart by, each with its number of photos, most first."""

    places: tuple[tuple[str, int], ...]  # slugs, "unknown" and "unsorted" among them
    sources: tuple[tuple[str, int], ...]
    licences: tuple[tuple[str, int], ...]


class PhotoAction(StrEnum):
    """What happened to a photo."""

    IMPORTED = "imported"
    CONTRIBUTED = "contributed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MOVED = "moved"
    SET_ASIDE = "set_aside"
    SPLIT = "split"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class PhotoEvent:
    """One line of a photo's history. before, after: the fields that changed, as plain values.

    batch_id: shared by all photos that one decision changed; what undo takes back.
    """

    photo_sha256: str
    at: datetime
    actor: str
    action: PhotoAction
    batch_id: str
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What one decision changed; `batch_id` takes it back, "" when nothing changed."""

    batch_id: str
    changed: int


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model thinks of a photo of the library; it orders and marks, and rejects nothing by itself.

    answer_slug: the place it names, None for none of these. confidence: of that answer. own_probability: what it gives
    the place that the photo is filed under, None where it does not know that place. doubt: 0 sure to 1 unsure.
    """

    photo_sha256: str
    run_id: str
    answer_slug: str | None
    confidence: float
    own_probability: float | None
    doubt: float
    scores: dict[str, float] = field(default_factory=dict)
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A frozen data set. fingerprint: a hash of photos, places, splits, groups and boxes.

    counts: {slug or "unknown": {split: photos}}; a photo without a fixed split counts under "folds".
    """

    snapshot_id: str
    created_at: datetime
    fingerprint: str
    photos: int
    groups: int
    boxes: int
    counts: dict[str, dict[str, int]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class SnapshotBox:
    """A box as it was when frozen. label: the part's slug; xyxyn: corners in 0..1 of the upright photo."""

    label_id: int
    label: str
    xyxyn: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class SnapshotPhoto:
    """A photo of a snapshot. place_slug: None for no known place. split: None where its place has only folds.

    boxes: None while nobody decided about boxes; empty for "nothing here".
    """

    sha256: str
    format: str
    place_slug: str | None
    group_id: str
    split: Split | None
    boxes: tuple[SnapshotBox, ...] | None = None
