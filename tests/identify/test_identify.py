"""The answer path, with a classifier that says what the test wants."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest

from core.domain.answer import ClassScores, Witness
from core.domain.photo import Photo
from core.domain.place import Position
from core.identify import Models, as_document, identify_photo
from tests.support.places import ListedPlaces, make_place

FALLS = Position(33.2469, 126.5544)


@dataclass
class SaidClassifier:
    """Says the given probabilities of classes 0, 1 and 4."""

    probabilities: tuple[float, float, float]
    need_px: int = 224

    def predict(self, photo: Photo) -> ClassScores:
        shares = np.array(self.probabilities, np.float32)
        rest = float(1 - shares.sum())
        return ClassScores((0, 1, 4), shares, rest, 1 - rest, 0.5, np.ones(2, np.float32))


PLACES = ListedPlaces((make_place(0, "tea"), make_place(1, "cave", retired=True), make_place(4, "falls", FALLS)))


def models(*probabilities: float) -> Models:
    return Models("shipped:test", cast(Any, SaidClassifier(cast(Any, probabilities))))


def photo(position: Position | None = None) -> Photo:
    return Photo(np.zeros((8, 8, 3), np.uint8), 8, 8, "JPEG", "0" * 64, 1, position=position)


def test_the_place_is_looked_up_by_class_number_not_by_position_in_the_list() -> None:
    answer = identify_photo(photo(), models(0.1, 0.0, 0.8), PLACES)
    assert answer.place is not None
    assert answer.place.slug == "falls"
    assert [score.place.slug for score in answer.scores] == ["falls", "tea"]


def test_a_retired_place_is_never_the_answer() -> None:
    answer = identify_photo(photo(), models(0.1, 0.8, 0.0), PLACES)
    assert answer.place is None
    assert answer.decided_by is Witness.NONE
    assert answer.confidence == pytest.approx(0.9)


def test_the_position_is_shown_and_changes_no_score() -> None:
    with_position = identify_photo(photo(FALLS), models(0.7, 0.0, 0.2), PLACES)
    without = identify_photo(photo(), models(0.7, 0.0, 0.2), PLACES)
    assert with_position.position is not None
    assert with_position.position.nearest is not None
    assert with_position.position.nearest.slug == "falls"
    assert with_position.position.distance_m == pytest.approx(0)
    assert without.position is None
    assert [s.probability for s in with_position.scores] == [s.probability for s in without.scores]


def test_the_document_keeps_the_promised_form() -> None:
    document = as_document("a.jpg", identify_photo(photo(), models(0.1, 0.0, 0.2), PLACES), "en")
    assert document["place"] is None
    assert document["confidence"] == pytest.approx(0.7)
    assert document["decided_by"] == "none"
    assert sum(score["probability"] for score in document["scores"]) <= 1
    assert {"photo", "witnesses", "reason", "boxes", "gps", "timings_ms"} <= set(document)
    assert "falls English" in document["reason"]
