from datetime import UTC, datetime, timedelta

import pytest

from core.dataset.label_progress import Pace, measure_pace, time_left_s
from core.domain.label import LabelProgress

START = datetime(2026, 1, 1, tzinfo=UTC)


def moments(*seconds: float) -> list[datetime]:
    return [START + timedelta(seconds=second) for second in seconds]


def test_a_box_every_eighteen_seconds_is_two_hundred_an_hour() -> None:
    pace = measure_pace(moments(*range(0, 200, 18)), moments(0, 60, 120, 180))
    assert pace.boxes_per_hour == pytest.approx(200)
    assert pace.photos_per_hour == pytest.approx(60)


def test_pauses_do_not_count_as_work() -> None:
    steady = moments(0, 30, 60, 90)
    assert measure_pace(steady + moments(4000, 4030, 4060), []).boxes_per_hour == pytest.approx(120)


def test_an_import_is_not_a_hand_at_work() -> None:
    burst = moments(*(0.01 * number for number in range(500)))
    assert measure_pace(burst, burst) == Pace(None, None)


def test_too_little_says_nothing() -> None:
    assert measure_pace(moments(0, 10, 20), []).boxes_per_hour is None
    assert time_left_s(LabelProgress(50, 30, 4, 41), Pace(None, None)) is None


def test_the_time_left_is_for_the_photos_without_a_decision() -> None:
    assert time_left_s(LabelProgress(50, 30, 4, 41), Pace(200, 32)) == pytest.approx(1800)
    assert time_left_s(LabelProgress(50, 46, 4, 41), Pace(None, None)) == 0
