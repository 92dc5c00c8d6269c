"""The bars: every place and none of them, most probable first, the answer marked."""

import pytest

from core.domain.answer import PlaceScore
from core.messages import translator
from pages.ui.scores_chart import score_rows, scores_chart
from tests.support.places import make_place

SCORES = (
    PlaceScore(make_place(3, "c"), 0.5),
    PlaceScore(make_place(0, "a"), 0.2),
    PlaceScore(make_place(1, "b"), 0.004),
)


def test_rows_are_sorted_and_none_of_these_takes_what_is_left() -> None:
    rows = score_rows(translator("en"), SCORES, 3)
    assert list(rows["name"]) == ["c English", "None of these", "a English", "b English"]
    assert list(rows["share"]) == pytest.approx([0.5, 0.296, 0.2, 0.004])
    assert list(rows["value"]) == ["50%", "30%", "20%", "below 1%"]


def test_class_zero_is_an_answer_and_not_nothing() -> None:
    rows = score_rows(translator("en"), SCORES, 0)
    assert list(rows.loc[rows["part"] == "answer", "name"]) == ["a English"]


def test_without_a_place_none_of_these_is_marked() -> None:
    rows = score_rows(translator("ko"), SCORES, None)
    assert list(rows.loc[rows["part"] == "answer", "name"]) == ["아는 곳이 아님"]


def test_shares_that_add_up_to_more_than_one_by_rounding_leave_nothing_negative() -> None:
    rows = score_rows(translator("en"), (PlaceScore(make_place(0, "a"), 1.0000001),), 0)
    assert rows["share"].min() == 0.0


def test_the_axis_is_titled_and_in_percent() -> None:
    t = translator("en")
    spec = scores_chart(t, score_rows(t, SCORES, 3)).to_dict()
    axis = spec["layer"][0]["encoding"]["x"]
    assert axis["title"] == "Probability (%)"
    assert axis["axis"]["format"] == ".0%"
