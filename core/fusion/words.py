"""A decision's path in words, and what would have to differ. Called by whoever shows an answer.

The keys of a question's two answers stand side by side here, so that a question without words fails a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.answer import FusionDecision, PathStep, Witness
from core.fusion.features import (
    AGREEMENT,
    BOX_AREA,
    BOX_CONFIDENCE,
    BOX_COUNT,
    CNN_AGAINST_NONE,
    CNN_ENTROPY,
    CNN_MARGIN,
    CNN_NONE,
    CNN_PROBABILITY,
    GALLERY_MARGIN,
    GALLERY_SHARE,
    GALLERY_SIMILARITY,
    WITNESS_OF,
    asks_for_witness,
)
from core.messages.translate import Translator

COUNTS = frozenset({BOX_COUNT, AGREEMENT})
COSINES = frozenset({GALLERY_SIMILARITY, GALLERY_MARGIN})


@dataclass(frozen=True, slots=True)
class FeatureWords:
    """Keys: what a value above the threshold is called, one up to it, what would have to be, and the feature's name."""

    above: str
    below: str
    name: str


WORDS: dict[str, FeatureWords] = {
    CNN_PROBABILITY: FeatureWords(
        "fusion.step.cnn_probability.above", "fusion.step.cnn_probability.below", "fusion.feature.cnn_probability"
    ),
    CNN_MARGIN: FeatureWords(
        "fusion.step.cnn_margin.above", "fusion.step.cnn_margin.below", "fusion.feature.cnn_margin"
    ),
    CNN_AGAINST_NONE: FeatureWords(
        "fusion.step.cnn_against_none.above", "fusion.step.cnn_against_none.below", "fusion.feature.cnn_against_none"
    ),
    CNN_NONE: FeatureWords("fusion.step.cnn_none.above", "fusion.step.cnn_none.below", "fusion.feature.cnn_none"),
    CNN_ENTROPY: FeatureWords(
        "fusion.step.cnn_entropy.above", "fusion.step.cnn_entropy.below", "fusion.feature.cnn_entropy"
    ),
    BOX_CONFIDENCE: FeatureWords(
        "fusion.step.box_confidence.above", "fusion.step.box_confidence.below", "fusion.feature.box_confidence"
    ),
    BOX_COUNT: FeatureWords("fusion.step.box_count.above", "fusion.step.box_count.below", "fusion.feature.box_count"),
    BOX_AREA: FeatureWords("fusion.step.box_area.above", "fusion.step.box_area.below", "fusion.feature.box_area"),
    AGREEMENT: FeatureWords("fusion.step.agreement.above", "fusion.step.agreement.below", "fusion.feature.agreement"),
    GALLERY_SIMILARITY: FeatureWords(
        "fusion.step.gallery_similarity.above",
        "fusion.step.gallery_similarity.below",
        "fusion.feature.gallery_similarity",
    ),
    GALLERY_MARGIN: FeatureWords(
        "fusion.step.gallery_margin.above", "fusion.step.gallery_margin.below", "fusion.feature.gallery_margin"
    ),
    GALLERY_SHARE: FeatureWords(
        "fusion.step.gallery_share.above", "fusion.step.gallery_share.below", "fusion.feature.gallery_share"
    ),
}
MISSING_WITNESS = {
    Witness.CLASSIFIER: "fusion.step.missing_classifier",
    Witness.DETECTOR: "fusion.step.missing_detector",
    Witness.GALLERY: "fusion.step.missing_gallery",
}


def path_in_words(decision: FusionDecision, place: str, words: Translator) -> tuple[str, ...]:
    """Return a sentence for each question of a decision's path, and one for the score that it led to.

    place: the name of the candidate, "" for no name.
    """
    name, values = place or words("fusion.this_place"), decision.reason_values
    steps = tuple(_step(step, name, words) for step in decision.path)
    if "score" not in values:
        return steps
    shares = {key: words.probability(float(values[key])) for key in ("score", "needed")}
    return (*steps, words("fusion.step.weighed", place=name, **shares))


def other_in_words(decision: FusionDecision, place: str, words: Translator) -> str:
    """Return the sentence that says what would have to differ for another answer; "" where nothing is known of it.

    place: the name of the best candidate, whether it was named or not.
    """
    if not decision.other_reason:
        return ""
    name, values = place or words("fusion.this_place"), decision.other_values
    if "feature" not in values:
        limits = {"threshold", "stranger_share"}
        shares = {key: words.percent(float(v), 1) for key, v in values.items() if key in limits}
        if "acceptance" in values:
            shares["acceptance"] = _surely(float(values["acceptance"]), words)
        return words(decision.other_reason, place=name, **shares)
    feature = str(values["feature"])
    return words(
        decision.other_reason,
        place=name,
        feature=words(WORDS[feature].name),
        value=amount(feature, float(values["value"]), words),
        needed=amount(feature, float(values["threshold"]), words),
    )


def _surely(share: float, words: Translator) -> str:
    """Write a share with a decimal, but none as certain that is only nearly so."""
    return words.percent(share, 1) if 0.005 <= share < 0.995 else words.probability(share)


def candidate_of(decision: FusionDecision) -> int | None:
    """Return the class number that the path and the sentence are about; None for none."""
    class_id = decision.reason_values.get("class_id")
    return int(class_id) if class_id is not None else None


def place_of(decision: FusionDecision, names: Mapping[int, str]) -> str:
    """Return the name of the place that the decision is about, "" where it has none. names: by class number."""
    class_id = candidate_of(decision)
    return names.get(class_id, "") if class_id is not None else ""


def amount(feature: str, value: float, words: Translator) -> str:
    """Write a feature's value in its unit: a share as a percentage, a cosine and a count as a number."""
    if feature in COUNTS:
        return words.number(value, 1)
    return words.number(value, 2) if feature in COSINES else words.percent(value, 1 if abs(value) < 0.1 else 0)


def _step(step: PathStep, place: str, words: Translator) -> str:
    if step.value is None:
        key = MISSING_WITNESS.get(WITNESS_OF[step.feature], "fusion.step.missing_classifier")
        return words(key, place=place)
    if asks_for_witness(step.feature, step.threshold):  # it was only asked whether the witness knows the place
        known = amount(step.feature, step.value, words)
        return words("fusion.step.known", place=place, feature=words(WORDS[step.feature].name), value=known)
    keys = WORDS[step.feature]
    return words(
        keys.above if step.above else keys.below,
        place=place,
        value=amount(step.feature, step.value, words),
        threshold=amount(step.feature, step.threshold, words),
    )
