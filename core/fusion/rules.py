"""The stated rules that decide while no fusion tree is fitted on the models in service.

The classifier alone names a place that it knows: its acceptance score must reach the threshold that was fitted on
out-of-fold predictions for a stated false-accept rate (see the manifest). Below it the answer is "none of these". Boxes
confirm what the classifier says, and never overrule it. A place known only from the gallery is named by `gallery/few`.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.domain.answer import ClassScores, Detection, FusionDecision, Witness
from core.fusion.features import Frame
from core.gallery.few import FALSE_ACCEPTS, FewCandidate

SURE = 0.9  # from here on the wording is "clearly"; a word for the reader, no part of the decision
# A refusal turns into the place where the acceptance reaches the threshold, and the reverse.
OTHER_NAMED, OTHER_NONE = "fusion.other.rule_named", "fusion.other.rule_none"


def decide_by_rules(scores: ClassScores | None, boxes: Sequence[Detection] | None, frame: Frame) -> FusionDecision:
    """Return the place that the classifier names, or none of these when it is not sure enough.

    The reason is a key of the catalogues; its values are shares of 0..1 and the class number that it is about.
    """
    if scores is None or not scores.class_ids:
        return FusionDecision(None, 1.0, Witness.NONE, "reason.no_candidate")
    decision = _by_classifier(scores)
    if decision.class_id is None:
        return decision
    counted = [box.confidence for box in boxes or () if _confirms(box, decision.class_id, frame)]
    if not counted:
        return decision
    values = {**decision.reason_values, "box": max(counted)}
    return replace(decision, reason="reason.classifier_and_box", reason_values=values)


def decide_by_few(few: FewCandidate) -> FusionDecision:
    """Name a place that no trained witness knows, from its photos in the gallery."""
    values: dict[str, str | float | int] = {
        "class_id": few.class_id,
        "similarity": few.similarity,
        "probability": few.confidence,
        "stranger_share": few.stranger_share,
        "photos": few.photos,
        "threshold": FALSE_ACCEPTS,
    }
    return FusionDecision(
        few.class_id,
        few.confidence,
        Witness.GALLERY,
        "reason.few",
        values,
        other_reason="fusion.other.few",
        other_values=values,
    )


def _by_classifier(scores: ClassScores) -> FusionDecision:
    best = int(np.argmax(scores.probabilities))
    probability = float(scores.probabilities[best])
    values: dict[str, str | float | int] = {
        "class_id": scores.class_ids[best],
        "probability": probability,
        "threshold": scores.threshold,
        "acceptance": scores.acceptance,
    }
    if scores.acceptance < scores.threshold:
        # A model that never saw strangers has no probability for none; what is left below certainty stands in.
        none = scores.none_probability or 1.0 - scores.acceptance
        return FusionDecision(
            None, none, Witness.NONE, "reason.not_sure_enough", values, other_reason=OTHER_NAMED, other_values=values
        )
    return FusionDecision(
        scores.class_ids[best],
        probability,
        Witness.CLASSIFIER,
        "reason.classifier_clear" if probability >= SURE else "reason.classifier",
        values,
        other_reason=OTHER_NONE,
        other_values=values,
    )


def _confirms(box: Detection, class_id: int, frame: Frame) -> bool:
    return box.class_id == class_id and box.confidence >= frame.box_threshold
