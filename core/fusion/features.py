"""What the witnesses say of one candidate place, as numbers that do not name it.

Because no feature names a place, one tree serves every place, those that were added after it was fitted too. The
candidates of a photo are the places that any witness knows. Called by `decide` for each photo, and by `train fusion`
for photos that were held out; both pass what the witnesses said, and nothing else: no position, no date.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
import numpy.typing as npt

from core.detector.predict import FAINTEST_BOX
from core.domain.answer import ClassScores, Detection, GalleryScores, Witness

MISSING = -1.0  # a witness is missing, or does not know the place; no feature reaches it otherwise
LOWEST = -0.5  # of what may be negative: a place that lies farther behind is out by whatever distance, and -1 is taken
Vector = npt.NDArray[np.float64]

CNN_PROBABILITY, CNN_MARGIN, CNN_NONE, CNN_ENTROPY = "cnn_probability", "cnn_margin", "cnn_none", "cnn_entropy"
CNN_AGAINST_NONE = "cnn_against_none"
BOX_CONFIDENCE, BOX_COUNT, BOX_AREA = "box_confidence", "box_count", "box_area"
AGREEMENT = "agreement"
GALLERY_SIMILARITY, GALLERY_MARGIN, GALLERY_SHARE = "gallery_similarity", "gallery_margin", "gallery_share"
WITNESS_OF: dict[str, Witness] = {
    CNN_PROBABILITY: Witness.CLASSIFIER,
    CNN_MARGIN: Witness.CLASSIFIER,
    CNN_AGAINST_NONE: Witness.CLASSIFIER,
    CNN_NONE: Witness.CLASSIFIER,
    CNN_ENTROPY: Witness.CLASSIFIER,
    BOX_CONFIDENCE: Witness.DETECTOR,
    BOX_COUNT: Witness.DETECTOR,
    BOX_AREA: Witness.DETECTOR,
    AGREEMENT: Witness.SEVERAL,
    GALLERY_SIMILARITY: Witness.GALLERY,
    GALLERY_MARGIN: Witness.GALLERY,
    GALLERY_SHARE: Witness.GALLERY,
}
FEATURES = tuple(WITNESS_OF)


def asks_for_witness(feature: str, threshold: float) -> bool:
    """Whether a question only parts those that a witness does not know: no value but `MISSING` is below it."""
    may_be_negative = feature == CNN_MARGIN or feature in (GALLERY_SIMILARITY, GALLERY_MARGIN)
    return threshold < (LOWEST if may_be_negative else 0.0)


@dataclass(frozen=True, slots=True)
class Frame:
    """What boxes are measured by. size_px: width and height of the photo, upright, in whose units the boxes are.

    box_threshold: the confidence from which a box counts where stated rules decide.
    box_class_ids: the places of which the detector knows parts; None takes every place as known to it.
    """

    size_px: tuple[float, float]
    box_threshold: float = 1.0
    box_class_ids: frozenset[int] | None = None


def candidate_features(
    scores: ClassScores | None, boxes: Sequence[Detection] | None, gallery: GalleryScores | None, frame: Frame
) -> dict[int, Vector]:
    """Return for each candidate's class number the values of `FEATURES`, in ascending order of the numbers.

    A value is `MISSING` where the witness is, or does not know the place. Shares and confidences are 0..1, the entropy
    0..1 of the highest possible; similarities and margins `LOWEST`..1; counts 0, 1, 2, …
    """
    parts = _box_features(boxes, frame)
    known = [set(_cnn_ids(scores)), set(parts), set(gallery.class_ids if gallery else ())]
    by_witness = [_cnn_features(scores), parts, _gallery_features(gallery)]
    firsts = list(first_of_each(scores, boxes, gallery).values())
    lacking = [5 * (MISSING,), 3 * (MISSING,), 3 * (MISSING,)]
    rows = {}
    for class_id in sorted(set().union(*known)):
        cnn, box, similar = (said.get(class_id, nothing) for said, nothing in zip(by_witness, lacking, strict=True))
        if class_id not in parts and _looked_for(class_id, boxes, frame):
            box = (0.0, 0.0, 0.0)
        # Rounded as a tree is fitted, so that a value at a threshold falls to the same side everywhere.
        rows[class_id] = np.array([*cnn, *box, firsts.count(class_id), *similar], np.float32).astype(np.float64)
    return rows


def first_of_each(
    scores: ClassScores | None, boxes: Sequence[Detection] | None, gallery: GalleryScores | None
) -> dict[Witness, int]:
    """Return the class number that each witness puts first; a witness that names none is not among the keys."""
    firsts = {}
    if scores is not None and scores.class_ids:
        firsts[Witness.CLASSIFIER] = scores.class_ids[int(np.argmax(scores.probabilities))]
    seen = [box for box in boxes or () if box.confidence >= FAINTEST_BOX]
    if seen:
        firsts[Witness.DETECTOR] = max(seen, key=lambda box: box.confidence).class_id
    if gallery is not None and gallery.class_ids:
        firsts[Witness.GALLERY] = gallery.class_ids[int(np.argmax(gallery.similarities))]
    return firsts


def _cnn_ids(scores: ClassScores | None) -> tuple[int, ...]:
    return scores.class_ids if scores else ()


def _cnn_features(scores: ClassScores | None) -> dict[int, tuple[float, ...]]:
    if scores is None or not scores.class_ids:
        return {}
    shares = scores.probabilities.astype(np.float64)
    every = np.append(shares, max(scores.none_probability, 0.0))
    positive = every[every > 0]
    entropy = float(-(positive * np.log(positive)).sum() / log(len(every)))
    entropy = min(max(entropy, 0.0), 1.0)
    margins = _margins(shares)
    against = shares / np.maximum(shares + every[-1], np.finfo(np.float64).tiny)
    return {
        class_id: (float(shares[at]), float(margins[at]), float(against[at]), float(every[-1]), entropy)
        for at, class_id in enumerate(scores.class_ids)
    }


def _box_features(boxes: Sequence[Detection] | None, frame: Frame) -> dict[int, tuple[float, ...]]:
    """Return the surest box's confidence, the number of boxes and the surest one's share of the photo, by place."""
    found: dict[int, list[Detection]] = {}
    for box in boxes or ():
        if box.confidence >= FAINTEST_BOX:
            found.setdefault(box.class_id, []).append(box)
    area_px = frame.size_px[0] * frame.size_px[1]
    rows: dict[int, tuple[float, ...]] = {}
    for class_id, mine in found.items():
        surest = max(mine, key=lambda box: box.confidence)
        left, top, right, bottom = surest.xyxy_px
        share = min(max((right - left) * (bottom - top) / area_px, 0.0), 1.0)
        rows[class_id] = (surest.confidence, float(len(mine)), share)
    return rows


def _looked_for(class_id: int, boxes: Sequence[Detection] | None, frame: Frame) -> bool:
    return boxes is not None and (frame.box_class_ids is None or class_id in frame.box_class_ids)


def _gallery_features(gallery: GalleryScores | None) -> dict[int, tuple[float, ...]]:
    """Return similarity, margin, and the share of the most similar photos, strangers among them, that show it."""
    if gallery is None or not gallery.class_ids:
        return {}
    similarities = np.clip(gallery.similarities.astype(np.float64), LOWEST, 1.0)
    margins = _margins(similarities)
    shown = [neighbour.class_id for neighbour in gallery.neighbours]
    return {
        class_id: (float(similarities[at]), float(margins[at]), shown.count(class_id) / max(len(shown), 1))
        for at, class_id in enumerate(gallery.class_ids)
    }


def _margins(values: Vector) -> Vector:
    """Return how far each value lies above the best of the others; a single one above nothing."""
    if len(values) == 1:
        return values.copy()
    second, best = np.sort(values)[-2:]
    others = np.where(values == best, second, best)  # of two that are equally good, the second is as good as the best
    return np.asarray(np.maximum(values - others, LOWEST))
