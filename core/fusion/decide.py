"""From what the witnesses say of a photo to a place, or to none of these: by a fitted tree, else by stated rules.

The tree scores every candidate place by itself; the best one is named when its score reaches the tree's acceptance. A
place that no trained witness knows has a rule of its own, in `core/gallery/few`, with or without a tree; where the
gallery cannot say how rare such a likeness is, it is a candidate like any other.
Pure: whoever calls it, to answer or to fit and to judge a tree, gets the same decision from the same evidence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.domain.answer import ClassScores, Detection, FusionDecision, GalleryScores, Witness
from core.fusion.features import (
    BOX_CONFIDENCE,
    CNN_PROBABILITY,
    FEATURES,
    GALLERY_SIMILARITY,
    MISSING,
    WITNESS_OF,
    Frame,
    Vector,
    candidate_features,
    first_of_each,
)
from core.fusion.otherwise import nearest_other
from core.fusion.rules import decide_by_few, decide_by_rules
from core.fusion.tree import FusionTree
from core.gallery.few import decide_few

# What each witness says of a place in one number; candidates at the same end of the tree are ordered by their sum.
STRENGTHS = {"probability": CNN_PROBABILITY, "box": BOX_CONFIDENCE, "similarity": GALLERY_SIMILARITY}
# The reason by who carried the decision.
REASONS: dict[frozenset[Witness], str] = {
    frozenset(): "reason.fused",
    frozenset({Witness.CLASSIFIER}): "reason.fused_classifier",
    frozenset({Witness.DETECTOR}): "reason.fused_detector",
    frozenset({Witness.GALLERY}): "reason.fused_gallery",
    frozenset({Witness.CLASSIFIER, Witness.DETECTOR}): "reason.fused_classifier_detector",
    frozenset({Witness.CLASSIFIER, Witness.GALLERY}): "reason.fused_classifier_gallery",
    frozenset({Witness.DETECTOR, Witness.GALLERY}): "reason.fused_detector_gallery",
    frozenset({Witness.CLASSIFIER, Witness.DETECTOR, Witness.GALLERY}): "reason.fused_all",
}


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A place that might be shown. values: by `FEATURES`; score: of the tree, 0..1."""

    class_id: int
    values: Vector
    score: float


def decide(
    scores: ClassScores | None,
    boxes: Sequence[Detection] | None,
    gallery: GalleryScores | None,
    tree: FusionTree | None,
    frame: Frame,
) -> FusionDecision:
    """Decide on one photo. None for a witness that is missing, and for a tree that does not fit those in service.

    boxes: faint ones too, down to `FAINTEST_BOX`; the tree weighs them, stated rules count those from
    `frame.box_threshold` on.
    """
    few = decide_few(scores, gallery)
    if few is not None:
        return decide_by_few(few)
    if tree is None:
        return decide_by_rules(scores, boxes, frame)
    frame = replace(frame, box_class_ids=frozenset(tree.box_class_ids or ()))
    features = candidate_features(scores, boxes, gallery, frame)
    if gallery is not None and gallery.stranger_shares is not None:
        features = {class_id: row for class_id, row in features.items() if _is_trained(row)}
    best = best_candidate(features, tree)
    if best is None:
        return FusionDecision(None, 1.0, Witness.NONE, "reason.no_candidate", tree_run_id=tree.run_id)
    firsts = first_of_each(scores, boxes, gallery)
    return decision_on(best, tree, frozenset(w for w, class_id in firsts.items() if class_id == best.class_id))


def _is_trained(values: Vector) -> bool:
    """Whether a trained witness knows the place; of the others `decide_few` has decided already."""
    return bool(values[FEATURES.index(CNN_PROBABILITY)] != MISSING or values[FEATURES.index(BOX_CONFIDENCE)] != MISSING)


def best_candidate(features: Mapping[int, Vector], tree: FusionTree) -> Candidate | None:
    """Return the candidate with the highest score, of equals the one that the witnesses believe in most."""
    candidates = [Candidate(class_id, values, tree.score(values)) for class_id, values in features.items()]
    return max(candidates, key=lambda one: (one.score, sum(_strengths(one.values).values())), default=None)


def decision_on(best: Candidate, tree: FusionTree, supporters: frozenset[Witness]) -> FusionDecision:
    """Name the best candidate or none of these. supporters: the witnesses that put it first."""
    path = tree.steps(best.values)
    other = nearest_other(best.values, tree)
    values: dict[str, str | float | int] = {
        "class_id": best.class_id,
        "score": best.score,
        "needed": tree.acceptance,
        **_strengths(best.values),
    }
    if best.score < tree.acceptance:
        confidence, carried_by, reason = tree.none_confidence(best.score), Witness.NONE, "reason.fused_not_enough"
    else:
        asked = {WITNESS_OF[step.feature] for step in path if step.value is not None}
        carriers = supporters & asked if supporters & asked else supporters
        carriers = supporters if Witness.SEVERAL in asked else carriers  # it was asked how many agree
        confidence, reason = tree.confidence(best.score), REASONS[carriers]
        carried_by = next(iter(carriers)) if len(carriers) == 1 else Witness.SEVERAL
    return FusionDecision(
        class_id=best.class_id if best.score >= tree.acceptance else None,
        confidence=confidence,
        decided_by=carried_by,
        reason=reason,
        reason_values=values,
        path=path,
        other_reason=other.reason if other else "fusion.other.no_single",
        other_values={**other.values, "class_id": best.class_id} if other else {"class_id": best.class_id},
        tree_run_id=tree.run_id,
    )


def _strengths(values: Vector) -> dict[str, float]:
    """Return what the witnesses that know the place say of it."""
    said = {name: float(values[FEATURES.index(feature)]) for name, feature in STRENGTHS.items()}
    return {name: value for name, value in said.items() if value != MISSING}
