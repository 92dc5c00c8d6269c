"""The stated rules that decide while no fusion tree is fitted on the models in service.

The classifier alone can name a place: its acceptance score must reach the threshold that was fitted on out-of-fold
predictions for a stated false-accept rate (see the manifest). Below it the answer is "none of these".
"""

import numpy as np

from core.domain.answer import ClassScores, FusionDecision, Witness

SURE = 0.9  # from here on the wording is "clearly"; a word for the reader, no part of the decision


def decide(scores: ClassScores) -> FusionDecision:
    """Return the place that the classifier names, or none of these when it is not sure enough.

    The reason is a key of the catalogues; its values are shares of 0..1 and the class number that came second.
    """
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
        none_probability = scores.none_probability or 1.0 - scores.acceptance
        return FusionDecision(None, none_probability, Witness.NONE, "reason.not_sure_enough", values)
    reason = "reason.classifier_clear" if probability >= SURE else "reason.classifier"
    return FusionDecision(scores.class_ids[best], probability, Witness.CLASSIFIER, reason, values)
