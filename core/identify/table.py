"""An answer as one row of a table: for the page that answers many photos, and for the CSV of a batch. Pure.

A cell is text in the reader's language or a number; colours, links and thumbnails are the page's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.dataset.csv_cells import Cell
from core.domain.answer import Identification
from core.domain.place import Language
from core.errors import EodiError
from core.messages import describe, explain, translator

# A place is an area, it is seen from outside, and a phone's position is off by up to some hundred metres.
AGREES_M = 2_000


class PositionAgreement(StrEnum):
    """Whether the position in the photo's metadata fits the answer; UNKNOWN when either says nothing."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One photo. place: its name, or the words for none of these; empty, like all but `error`, where reading failed.

    class_id: None without a place. confidence: 0..1, of the place or of being none of them; None on an error.
    """

    photo: str
    place: str = ""
    class_id: int | None = None
    slug: str = ""
    confidence: float | None = None
    decided_by: str = ""
    reason: str = ""
    position: PositionAgreement = PositionAgreement.UNKNOWN
    error: str = ""


def answer_rows(
    outcomes: Iterable[tuple[str, Identification | EodiError]], language: Language
) -> tuple[AnswerRow, ...]:
    """Return a row for each photo's name and its answer, or the error that stands in its place."""
    return tuple(answer_row(photo, outcome, language) for photo, outcome in outcomes)


def answer_row(photo: str, outcome: Identification | EodiError, language: Language) -> AnswerRow:
    """Return the row of one photo."""
    if isinstance(outcome, EodiError):
        return AnswerRow(photo, error=describe(outcome, language))
    place = outcome.place
    return AnswerRow(
        photo=photo,
        place=place.name.get(language) if place else translator(language)("answer.none"),
        class_id=place.class_id if place else None,
        slug=place.slug if place else "",
        confidence=round(outcome.confidence, 6),
        decided_by=outcome.decided_by.value,
        reason=explain(outcome, language),
        position=position_agreement(outcome),
    )


def position_agreement(answer: Identification) -> PositionAgreement:
    """Compare the photo's own position with that of the place that was answered."""
    if answer.position is None or answer.place is None or answer.place.position is None:
        return PositionAgreement.UNKNOWN
    distance_m = answer.position.position.distance_m(answer.place.position)
    return PositionAgreement.AGREES if distance_m <= AGREES_M else PositionAgreement.DISAGREES


def cells(row: AnswerRow) -> tuple[Cell, ...]:
    """Return the row's cells in the order of its fields, for CSV."""
    return tuple(getattr(row, name) for name in AnswerRow.__slots__)
