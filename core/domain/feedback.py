"""What a visitor said of an answer: right, wrong, or which place it is.

Made by the start page, kept by `core/db/feedback`, read by review and by the numbers on answers in service.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """Whether the answer was right; OTHER_PLACE when the visitor also said what would have been."""

    RIGHT = "right"
    WRONG = "wrong"
    OTHER_PLACE = "other_place"


@dataclass(frozen=True, slots=True)
class Feedback:
    """A visitor's word on one answer.

    release, answered_slug, confidence, scores: the answer; `answered_slug` is None for "none of these", and `scores`
        are probabilities by slug.
    correct_slug: with OTHER_PLACE a place's, or "unknown" for none of the known places; otherwise None.
    photo_sha256: of the contributed copy; None unless the visitor gave the photo with consent.
    feedback_id, created_at: given when it is stored.
    """

    release: str
    answered_slug: str | None
    confidence: float
    verdict: Verdict
    correct_slug: str | None = None
    photo_sha256: str | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    feedback_id: int | None = None
    created_at: datetime | None = None
