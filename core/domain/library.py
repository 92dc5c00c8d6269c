"""What a curator does with the library: filters, decisions with their history, the models' opinions, frozen snapshots.

Stored by `core/db`, decided by `core/dataset`, shown by the photos page and the command line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.domain.photo import PhotoStatus, Split

# Below these a photo is worth a second look; `core/dataset/quality` says how they are measured.
# Of 939 collected photos 2 lie below the sharpness (silhouettes at dusk) and 12 below the brightness (nights, caves);
# blurred by 2 px at 512 px, nine of ten lie below the sharpness.
SMALL_PX = 480  # of the longer side
BLURRY_BELOW = 60.0
DARK_BELOW = 0.15


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

    DISAGREES = "disagrees"  # the model names another place than the photo's, or denies a place that it knows
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
    REOPENED = "reopened"
    SPLIT = "split"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class PhotoEvent:
    """One line of a photo's history. before, after: the fields that changed, as plain values.

    A curator's own words stand in `after` as "note". batch_id: shared by all photos that one decision changed; what
    undo takes back.
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


def doubt_about(place_slug: str | None, scores: Mapping[str, float]) -> tuple[float | None, float]:
    """Return what a model gives the place that a photo is filed under, and how much it doubts the filing, 0 to 1.

    scores: probability of each place it knows; what is left of 1 is for none of these. The doubt about a photo filed
    under a place is what the model does not give that place. "unknown", and a place that the model does not know, count
    as none of these. While a photo is unsorted, the doubt is how close the second best answer comes to the best.
    """
    none_probability = max(0.0, 1.0 - sum(scores.values()))
    if place_slug is None:
        best, second, *_ = sorted([*scores.values(), none_probability, 0.0], reverse=True)
        return None, 1.0 - (best - second)
    own_probability = scores.get(place_slug)
    return own_probability, max(0.0, 1.0 - (none_probability if own_probability is None else own_probability))


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
