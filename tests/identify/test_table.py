from dataclasses import replace

import pytest

from core.dataset.csv_cells import read_csv, write_csv
from core.domain.answer import Identification, PlaceScore, PositionEvidence, Witness
from core.domain.place import Position
from core.errors import PhotoRefused
from core.identify.table import AnswerRow, PositionAgreement, answer_rows, cells, position_agreement
from tests.support.places import make_place

FALLS = Position(33.2469, 126.5544)
PLACE = make_place(4, "falls", FALLS)
ANSWER = Identification(
    place=PLACE,
    confidence=0.87654321,
    decided_by=Witness.CLASSIFIER,
    witnesses=(Witness.CLASSIFIER,),
    reason="reason.classifier",
    reason_values={"class_id": 4, "probability": 0.87654321},
    scores=(PlaceScore(PLACE, 0.87654321),),
    boxes=(),
    position=None,
    release="shipped:a",
    timings_ms={},
)
NONE = replace(ANSWER, place=None, confidence=0.6, decided_by=Witness.NONE, reason="reason.not_sure_enough")


def at(latitude: float) -> Identification:
    return replace(ANSWER, position=PositionEvidence(Position(latitude, FALLS.longitude), PLACE, 0.0))


def test_a_row_says_the_place_in_the_readers_language() -> None:
    (korean,) = answer_rows([("a.jpg", ANSWER)], "ko")
    (english,) = answer_rows([("a.jpg", ANSWER)], "en")
    assert (korean.place, english.place) == ("falls 한국어", "falls English")
    assert (english.photo, english.class_id, english.slug, english.confidence) == ("a.jpg", 4, "falls", 0.876543)
    assert (english.decided_by, english.error) == ("classifier", "")
    assert "falls English" in english.reason


def test_none_of_these_is_an_answer_with_words_and_without_a_number() -> None:
    values = {"class_id": 4, "probability": 0.3, "acceptance": 0.4, "threshold": 0.5}
    (row,) = answer_rows([("a.jpg", replace(NONE, reason_values=values))], "en")
    assert (row.place, row.class_id, row.slug) == ("None of the places I know", None, "")
    assert (row.confidence, row.decided_by) == (0.6, "none")


def test_class_number_zero_is_a_place() -> None:
    (row,) = answer_rows([("a.jpg", replace(ANSWER, place=make_place(0, "tea")))], "en")
    assert row.class_id == 0


def test_a_photo_that_could_not_be_read_has_its_sentence_and_nothing_else() -> None:
    (row,) = answer_rows([("a.pdf", PhotoRefused("photo.not_a_photo", found="PDF"))], "en")
    assert replace(row, error="") == AnswerRow("a.pdf")
    assert "PDF" in row.error


@pytest.mark.parametrize(
    ("answer", "agreement"),
    [
        (at(FALLS.latitude + 0.017), PositionAgreement.AGREES),  # 1.9 km
        (at(FALLS.latitude + 0.019), PositionAgreement.DISAGREES),  # 2.1 km
        (ANSWER, PositionAgreement.UNKNOWN),
        (replace(at(33.0), place=None), PositionAgreement.UNKNOWN),
        (replace(at(33.0), place=make_place(1, "cave")), PositionAgreement.UNKNOWN),
    ],
)
def test_the_position_is_compared_with_the_answers(answer: Identification, agreement: PositionAgreement) -> None:
    assert position_agreement(answer) is agreement


def test_rows_go_into_a_csv_and_come_back(tmp_path: object) -> None:
    rows = answer_rows([("=a.jpg", at(FALLS.latitude)), ("b.jpg", PhotoRefused("photo.empty"))], "ko")
    titles, read = read_csv(write_csv(AnswerRow.__slots__, [cells(row) for row in rows]))
    assert titles == AnswerRow.__slots__
    assert read[0][:5] == ("=a.jpg", "falls 한국어", "4", "falls", "0.876543")
    assert read[0][7:] == ("agrees", "")
    assert read[1] == ("b.jpg", "", "", "", "", "", "", "", rows[1].error)
