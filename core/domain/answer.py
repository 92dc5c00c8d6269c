"""What the witnesses say of a photo, and the answer made of it.

A *witness* is one source of evidence: the classifier, the detector, the gallery. `core/identify` gathers them,
`core/fusion` decides, `Identification` is what the app, the command line and the records hold.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from core.domain.photo import PhotoNote
from core.domain.place import Place, Position


class Witness(StrEnum):
    """Who gave evidence, and who decided."""

    CLASSIFIER = "classifier"
    DETECTOR = "detector"
    GALLERY = "gallery"
    SEVERAL = "several"
    NONE = "none"


@dataclass(frozen=True, slots=True, eq=False)
class ClassScores:
    """The classifier's calibrated evidence on one photo.

    class_ids: C class numbers, in the order of the model's manifest.
    probabilities: (C,) float32, each 0..1, their sum at most 1; the rest is `none_probability`.
    none_probability: probability that the photo shows none of these places.
    acceptance: the score that refusal looks at; accepted when at least `threshold`. Both from the manifest's rule.
    embedding: (D,) float32, L2 norm 1.
    feature_map: (h, w, K) float32, the last feature map of the whole photo; None when the model has none.
    """

    class_ids: tuple[int, ...]
    probabilities: npt.NDArray[np.float32]
    none_probability: float
    acceptance: float
    threshold: float
    embedding: npt.NDArray[np.float32]
    feature_map: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Detection:
    """One box. xyxy_px: left, top, right, bottom in upright pixels of the photo's own size."""

    class_id: int
    label: str
    confidence: float
    xyxy_px: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A known photo that looks alike. similarity: cosine, -1..1. class_id: None for a photo of no known place."""

    sha256: str
    class_id: int | None
    similarity: float
    group_id: str = ""


@dataclass(frozen=True, slots=True)
class GalleryScores:
    """What known photos say of one photo, place by place; calibrated nowhere, it is evidence for the decision.

    class_ids: G class numbers of places with photos in the gallery, ascending.
    similarities: (G,) float32, cosine -1..1 to what is nearest of each place: the mean of its most similar photos.
    photos: (G,) how many photos of each place the gallery holds.
    neighbours: the most similar known photos of any place, most similar first.
    stranger_shares: (G,) float32, 0..1, the estimated share of photos of other places that resemble a place at least as
        much; 1 for a place that the classifier was trained on, or that has too few photos to say. None: of no place.
    """

    class_ids: tuple[int, ...]
    similarities: npt.NDArray[np.float32]
    photos: tuple[int, ...]
    neighbours: tuple[Neighbour, ...]
    stranger_shares: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class PathStep:
    """One question of the decision: whether `feature` of the candidate is above `threshold`, and what it was.

    value: None when the witness that would know is missing.
    """

    feature: str
    threshold: float
    value: float | None
    above: bool


@dataclass(frozen=True, slots=True)
class FusionDecision:
    """A place or none of these, with the rule that said so.

    confidence: probability of `class_id`, or that it is none of them when that is None.
    reason: a message key with its values, to be put in words by `core/messages`.
    path: the questions that led to it, first to last; empty where stated rules decided.
    other_reason, other_values: a message key, "" for none, saying what would have to differ for another answer.
    tree_run_id: the fitted tree that decided; "" where stated rules did.
    """

    class_id: int | None
    confidence: float
    decided_by: Witness
    reason: str
    reason_values: dict[str, str | float | int] = field(default_factory=dict)
    path: tuple[PathStep, ...] = ()
    other_reason: str = ""
    other_values: dict[str, str | float | int] = field(default_factory=dict)
    tree_run_id: str = ""


@dataclass(frozen=True, slots=True)
class PlaceScore:
    """A place and its probability, 0..1."""

    place: Place
    probability: float


@dataclass(frozen=True, slots=True)
class PositionEvidence:
    """What the photo's own metadata say about the position. It is shown, never mixed into the score."""

    position: Position
    nearest: Place | None
    distance_m: float | None


@dataclass(frozen=True, slots=True)
class Identification:
    """The answer for one photo.

    scores: every known place, most probable first; their sum is at most 1.
    confidence: probability of `place`, or that it is none of the known places when that is None.
    boxes: parts found with at least `box_threshold`; faint_boxes: those below it, for whoever wants to see them.
    size_px: width and height of the photo, upright, in whose pixels boxes are.
    release: the release that answered, as "<number>:<classifier run>" or "shipped:<run>", "+<run>" for a detector.
    neighbours: known photos that look most alike, evidence for whoever asks why.
    known_from: of how many photos the gallery knows `place`, where the classifier was not trained on it; else 0.
    decision: the whole decision with its path; None in records made before there was one.
    """

    place: Place | None
    confidence: float
    decided_by: Witness
    witnesses: tuple[Witness, ...]
    reason: str
    reason_values: dict[str, str | float | int]
    scores: tuple[PlaceScore, ...]
    boxes: tuple[Detection, ...]
    position: PositionEvidence | None
    release: str
    timings_ms: dict[str, float]
    notes: tuple[PhotoNote, ...] = ()
    faint_boxes: tuple[Detection, ...] = ()
    box_threshold: float = 0.0
    size_px: tuple[int, int] = (0, 0)
    neighbours: tuple[Neighbour, ...] = ()
    known_from: int = 0
    decision: FusionDecision | None = None
