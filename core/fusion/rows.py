"""The rows that a tree learns from: one per photo and candidate place, whole and with witnesses left out. Pure.

Each photo appears whole and, at random, with a witness missing, or with its witnesses not knowing one place, as they do
not know one that was added later. So the tree works when a witness is missing, for it has learned how much the others
are worth alone. Called by `fit`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.fusion.features import (
    BOX_CONFIDENCE,
    CNN_PROBABILITY,
    FEATURES,
    GALLERY_SIMILARITY,
    Frame,
    Vector,
    candidate_features,
)
from core.fusion.records import HeldOutPhoto
from core.metrics.fitting import known_and_none_weights
from core.weights.records import UNKNOWN

VARIANTS = 4  # beside the whole photo
LEFT_OUT = 0.2  # how much they count together, the whole photo counting the rest: most answers have all witnesses
HARDEST = 5  # candidates of a photo that teach something: the most likely to each witness
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """R rows. values: (R, F) by `FEATURES`; right: (R,) whether the candidate is the place shown; photo: (R,) its row.

    weights: (R,), photos of known places and of none counting half each; whole: (R,) bool, nothing was left out.
    """

    values: Floats
    right: npt.NDArray[np.bool_]
    photo: Ints
    weights: Floats
    whole: npt.NDArray[np.bool_]

    def of(self, photos: npt.NDArray[np.bool_]) -> "Rows":
        """Return the rows of some photos. photos: (N,) which."""
        kept = photos[self.photo]
        return Rows(self.values[kept], self.right[kept], self.photo[kept], self.weights[kept], self.whole[kept])


def make_rows(photos: Sequence[HeldOutPhoto], frame: Frame, seed: int) -> Rows:
    """Return the rows of N photos; the same seed leaves out the same."""
    rng = np.random.default_rng(seed)
    per_photo = known_and_none_weights(np.array([photo.label == UNKNOWN for photo in photos]))
    values, right, of_photo, weights, whole = [], [], [], [], []
    for at, photo in enumerate(photos):
        for number, (variant, known_to) in enumerate([(photo, frame), *_variants(photo, frame, rng)]):
            for class_id, row in _hardest(_features(variant, known_to)):
                values.append(row)
                right.append(class_id == photo.label)
                of_photo.append(at)
                weights.append(per_photo[at] * (1 - LEFT_OUT if number == 0 else LEFT_OUT / VARIANTS))
                whole.append(number == 0)
    shape = (len(values), len(FEATURES))
    return Rows(
        np.array(values, np.float64).reshape(shape),
        np.array(right, bool),
        np.array(of_photo, np.int64),
        np.array(weights, np.float64),
        np.array(whole, bool),
    )


def _features(photo: HeldOutPhoto, frame: Frame) -> dict[int, Vector]:
    return candidate_features(photo.scores if photo.scores.class_ids else None, photo.boxes, photo.gallery, frame)


def _variants(photo: HeldOutPhoto, frame: Frame, rng: np.random.Generator) -> Iterable[tuple[HeldOutPhoto, Frame]]:
    """Yield the photo with a witness missing, or with a place that no trained witness knows."""
    for _ in range(VARIANTS):
        yield _LEAVE_OUT[int(rng.integers(len(_LEAVE_OUT)))](photo, frame, rng)


def _without_detector(photo: HeldOutPhoto, frame: Frame, _rng: np.random.Generator) -> tuple[HeldOutPhoto, Frame]:
    return replace(photo, boxes=None), frame


def _without_gallery(photo: HeldOutPhoto, frame: Frame, _rng: np.random.Generator) -> tuple[HeldOutPhoto, Frame]:
    return replace(photo, gallery=None), frame


def _classifier_alone(photo: HeldOutPhoto, frame: Frame, _rng: np.random.Generator) -> tuple[HeldOutPhoto, Frame]:
    return replace(photo, boxes=None, gallery=None), frame


def _added_later(photo: HeldOutPhoto, frame: Frame, rng: np.random.Generator) -> tuple[HeldOutPhoto, Frame]:
    """Return what would be said if one place were known from photos only: its own, else any.

    What the classifier gave that place goes to none of these, where most of it would have gone.
    """
    scores = photo.scores
    place = photo.label if photo.label in scores.class_ids else int(rng.choice(scores.class_ids))
    kept = np.array(scores.class_ids) != place
    forgotten = replace(
        scores,
        class_ids=tuple(class_id for class_id in scores.class_ids if class_id != place),
        probabilities=scores.probabilities[kept],
        none_probability=max(0.0, 1.0 - float(scores.probabilities[kept].sum())),
    )
    boxes = None if photo.boxes is None else tuple(box for box in photo.boxes if box.class_id != place)
    known_parts = None if frame.box_class_ids is None else frame.box_class_ids - {place}
    return replace(photo, scores=forgotten, boxes=boxes), replace(frame, box_class_ids=known_parts)


_LEAVE_OUT = (_without_detector, _without_gallery, _classifier_alone, _added_later)


def _hardest(features: dict[int, Vector]) -> list[tuple[int, Vector]]:
    """Return the candidates that are among the most likely to any witness."""
    kept: set[int] = set()
    for column in (FEATURES.index(name) for name in (CNN_PROBABILITY, BOX_CONFIDENCE, GALLERY_SIMILARITY)):
        kept |= set(sorted(features, key=lambda class_id: -features[class_id][column])[:HARDEST])
    return [(class_id, features[class_id]) for class_id in sorted(kept)]
