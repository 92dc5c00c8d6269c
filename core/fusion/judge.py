"""How good a fusion is, and whether it is better than its best witness: nested folds by group, pooled, paired.

For fold k tree, acceptance and calibration are fitted on the other folds' held-out evidence, and so are the thresholds
of each witness alone, for the same stated false-accept rate. Photos that were kept apart for good are judged by what
ships. Called by `train fusion`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.dataset.folds import grouped_folds
from core.domain.answer import Witness
from core.domain.score import Score
from core.fusion.acceptance import fit_acceptance
from core.fusion.features import Frame
from core.fusion.fit import FitConfig, best_of, fit_tree
from core.fusion.records import HeldOutPhoto
from core.fusion.tree import FusionTree
from core.metrics.compare import Difference, paired_difference
from core.metrics.fitting import known_and_none_weights
from core.metrics.scores import auroc, expected_calibration_error, proportion
from core.weights.records import UNKNOWN

FUSED = "fused"
NO_FOLD = -1
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Said = Callable[[HeldOutPhoto], tuple[int, float]]
Told = Callable[[int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """What was decided on N photos. named: (N,) class numbers, -1 for none of these.

    score: (N,) how sure it is of the best place, named or not.
    confidence: (N,) probability that the decision is right; None for a witness alone.
    """

    named: Ints
    score: Floats
    confidence: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Judgement:
    """All photos with what was decided on each, by "fused" and by each witness alone.

    folds: (N,), -1 for photos that were kept apart for good.
    """

    photos: tuple[HeldOutPhoto, ...]
    folds: Ints
    decided: dict[str, Decided]

    @property
    def labels(self) -> Ints:
        """(N,) class numbers, -1 for no known place."""
        return np.array([photo.label for photo in self.photos], np.int64)

    def best_single(self) -> str:
        """Return the witness that alone names the most known photos rightly, of equals the one that accepts fewest."""
        labels, kept = self.labels, self.folds != NO_FOLD
        return max(
            (name for name in self.decided if name != FUSED),
            key=lambda name: (
                int((self.decided[name].named == labels)[kept & (labels != UNKNOWN)].sum()),
                -int((self.decided[name].named != UNKNOWN)[kept & (labels == UNKNOWN)].sum()),
            ),
        )

    def differences(self) -> dict[str, Difference]:
        """Return by how much the fused answer exceeds the best witness: known photos right, strangers given a name."""
        single, fused = self.decided[self.best_single()].named, self.decided[FUSED].named
        labels, kept = self.labels, self.folds != NO_FOLD
        known, none = kept & (labels != UNKNOWN), kept & (labels == UNKNOWN)
        found = {"right": paired_difference((single == labels)[known], (fused == labels)[known])}
        if none.any():
            found["false_accepts"] = paired_difference((single != UNKNOWN)[none], (fused != UNKNOWN)[none])
        return found


def judge(photos: Sequence[HeldOutPhoto], frame: Frame, config: FitConfig, ships: FusionTree, told: Told) -> Judgement:
    """Judge a fusion fitted like `ships`, which judges the photos that were kept apart. told: called before each fold.

    Raises:
        InvalidInput: code "folds.too_few_groups"; there are hardly any photos.
    """
    ordered = (*(one for one in photos if not one.is_test), *(one for one in photos if one.is_test))
    labels = np.array([one.label for one in ordered], np.int64)
    open_to_all = [one for one in ordered if not one.is_test]
    folds = np.full(len(ordered), NO_FOLD)
    folds[: len(open_to_all)] = grouped_folds(
        [one.label for one in open_to_all], [one.group for one in open_to_all], config.folds, config.seed
    )
    named, score, confidence = np.zeros(len(ordered), np.int64), np.zeros(len(ordered)), np.zeros(len(ordered))
    for fold in np.unique(folds).tolist():
        told(fold)
        learned = [one for one, other in zip(open_to_all, folds.tolist(), strict=False) if other != fold]
        tree = ships if fold == NO_FOLD else fit_tree(learned, frame, config, ships.run_id)
        for at in np.flatnonzero(folds == fold).tolist():
            named[at], score[at], confidence[at] = _by_tree(ordered[at], frame, tree)
    decided = {FUSED: Decided(named, score, confidence)}
    for witness, said in _alone(ordered).items():
        decided[witness.value] = _by_threshold(ordered, labels, folds, said, config.target_false_accept)
    return Judgement(ordered, folds, decided)


def scores_of(judged: Judgement) -> dict[str, Score]:
    """Return the scores of all answers by name, "held_out_fused_right" and so on, "test_…" of photos kept apart.

    A witness that was asked about no photo of a part has no score there.
    """
    scores: dict[str, Score] = {}
    for part, rows in {"held_out": judged.folds != NO_FOLD, "test": judged.folds == NO_FOLD}.items():
        for name, decided in judged.decided.items():
            if not _was_there(name, judged.photos, rows):
                continue
            found = _scores(decided, judged.labels, rows)
            scores |= {f"{part}_{name}_{score}": value for score, value in found.items()}
    for name, difference in judged.differences().items():
        value = Score(difference.value, difference.low, difference.high, None, difference.n)
        scores[f"held_out_fused_minus_{judged.best_single()}_{name}"] = value
    return scores


def _was_there(name: str, photos: Sequence[HeldOutPhoto], rows: npt.NDArray[np.bool_]) -> bool:
    """Whether a witness was asked about any of these photos; a gallery knows nothing of photos kept apart for good."""
    asked = [photos[at] for at in np.flatnonzero(rows).tolist()]
    if name == Witness.GALLERY.value:
        return any(photo.gallery is not None for photo in asked)
    return name != Witness.DETECTOR.value or any(photo.boxes is not None for photo in asked)


def _scores(decided: Decided, labels: Ints, rows: npt.NDArray[np.bool_]) -> dict[str, Score]:
    known, none = rows & (labels != UNKNOWN), rows & (labels == UNKNOWN)
    right = decided.named == labels
    found = {}
    if known.any():
        found["right"] = proportion(int(right[known].sum()), int(known.sum()))
        found["wrong"] = proportion(int((~right & (decided.named != UNKNOWN))[known].sum()), int(known.sum()))
    if none.any():
        found["false_accepts"] = proportion(int((~right)[none].sum()), int(none.sum()))
    if known.any() and none.any():
        found["auroc"] = auroc(decided.score[rows], known[rows])
    if decided.confidence is not None and rows.any():
        weights = known_and_none_weights(labels[rows] == UNKNOWN)
        found["calibration_error"] = expected_calibration_error(decided.confidence[rows], right[rows], weights=weights)
    return found


def _by_tree(photo: HeldOutPhoto, frame: Frame, tree: FusionTree) -> tuple[int, float, float]:
    best = best_of(photo, frame, tree)
    if best is None:
        return UNKNOWN, 0.0, 1.0
    if best.score < tree.acceptance:
        return UNKNOWN, best.score, tree.none_confidence(best.score)
    return best.class_id, best.score, tree.confidence(best.score)


def _alone(photos: Sequence[HeldOutPhoto]) -> dict[Witness, Said]:
    """Return what each witness that is there says by itself: a place, and how sure."""
    there: dict[Witness, Said] = {Witness.CLASSIFIER: _classifier}
    if any(photo.boxes is not None for photo in photos):
        there[Witness.DETECTOR] = _surest_box
    if any(photo.gallery is not None for photo in photos):
        there[Witness.GALLERY] = _most_alike
    return there


def _by_threshold(photos: Sequence[HeldOutPhoto], labels: Ints, folds: Ints, said: Said, target: float) -> Decided:
    """Decide by one witness, its threshold fitted for each fold on the others, for test photos on all folds."""
    pairs = [said(photo) for photo in photos]
    best, sure = np.array([place for place, _ in pairs], np.int64), np.array([share for _, share in pairs])
    named = np.full(len(photos), UNKNOWN)
    for fold in np.unique(folds).tolist():
        others = (folds != fold) & (folds != NO_FOLD)
        known, none = others & (labels != UNKNOWN), others & (labels == UNKNOWN)
        threshold = fit_acceptance(sure[known & (best == labels)], int(known.sum()), sure[none], target)
        named[folds == fold] = np.where(sure >= threshold, best, UNKNOWN)[folds == fold]
    return Decided(named, sure)


def _classifier(photo: HeldOutPhoto) -> tuple[int, float]:
    return photo.scores.class_ids[int(np.argmax(photo.scores.probabilities))], photo.scores.acceptance


def _surest_box(photo: HeldOutPhoto) -> tuple[int, float]:
    surest = max(photo.boxes or (), key=lambda box: box.confidence, default=None)
    return (surest.class_id, surest.confidence) if surest else (UNKNOWN, 0.0)


def _most_alike(photo: HeldOutPhoto) -> tuple[int, float]:
    alike = photo.gallery
    if alike is None or not alike.class_ids:
        return UNKNOWN, -1.0
    at = int(np.argmax(alike.similarities))
    return alike.class_ids[at], float(alike.similarities[at])
