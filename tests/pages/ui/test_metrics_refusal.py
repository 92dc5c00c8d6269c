"""The slider of “none of these”: the threshold for a share of false accepts, by hand-worked photos."""

import pytest

from core.messages import translator
from core.metrics.figures import known_unknown_curve
from core.metrics.judged_photos import judge_photos
from pages.ui.metrics_refusal import comparison, point_at, trade_off_figure
from tests.support.hand_worked import hand_manifest, hand_table


@pytest.fixture
def points() -> list:  # type: ignore[type-arg]  # of points, as the curve gives them
    table = hand_table()
    return list(known_unknown_curve(judge_photos(hand_manifest(), table, table.held_out), 1001))


@pytest.mark.parametrize(("most", "let_through", "named"), [(0.0, 0, 1), (0.34, 1, 3), (0.67, 2, 4), (1.0, 3, 4)])
def test_the_threshold_lets_through_no_more_than_was_chosen(
    points: list,  # type: ignore[type-arg]  # as above
    most: float,
    let_through: int,
    named: int,
) -> None:
    chosen = point_at(points, most)
    assert (chosen.let_through.k, chosen.named.k) == (let_through, named)


def test_the_choice_stands_beside_what_ships_with_counts(points: list) -> None:  # type: ignore[type-arg]  # as above
    ships = next(point for point in points if point.threshold == 0.625)
    table = comparison(translator("en"), ships, point_at(points, 0.0))
    assert "1 of 3" in table.iloc[0, 3] and "0 of 3" in table.iloc[1, 3]
    figure = trade_off_figure(translator("ko"), points, ships, ships)
    assert len(figure.table) == len(points)
