import numpy as np
import pytest

from core.dataset.label_quality import Oddity, balance, find_suspicious, heat_map, summarise_labels
from core.domain.label import Box, Label, PhotoLabels
from core.domain.place import LocalText

NAME = LocalText("", "Part")
COLUMN, ROOF = Label(1, "cave", "column", NAME, "#000000", 0), Label(2, "cave", "roof", NAME, "#000000", 1)


def photo(number: int, *boxes: tuple[int, tuple[float, float, float, float]]) -> PhotoLabels:
    drawn = (Box(f"{number:016x}{at:016x}", label_id, edges) for at, (label_id, edges) in enumerate(boxes))
    return PhotoLabels(f"{number:064x}", 1, tuple(drawn))


def test_counts_and_sizes_are_those_of_hand_worked_boxes() -> None:
    labelled = [
        photo(1, (1, (0.0, 0.0, 0.2, 0.5)), (1, (0.0, 0.0, 0.4, 0.5))),
        photo(2, (1, (0.5, 0.5, 0.6, 1.0)), (9, (0.0, 0.0, 1.0, 1.0))),
    ]
    column, roof = summarise_labels(labelled, [COLUMN, ROOF])
    assert (column.label, column.boxes, column.photos) == (COLUMN, 3, 2)
    assert (column.width, column.height, column.share) == pytest.approx((0.2, 0.5, 0.1))
    assert (column.least_share, column.largest_share) == pytest.approx((0.05, 0.2))
    assert (roof.boxes, roof.photos, roof.share) == (0, 0, 0.0)


def test_balance_is_one_for_equal_counts_and_falls_towards_zero() -> None:
    equal = summarise_labels([photo(1, (1, (0, 0, 1, 1)), (2, (0, 0, 1, 1)))], [COLUMN, ROOF])
    assert balance(equal) == pytest.approx(1)
    uneven = [photo(n, (1, (0, 0, 1, 1))) for n in range(9)] + [photo(10, (2, (0, 0, 1, 1)))]
    # by hand: -(0.9 ln 0.9 + 0.1 ln 0.1) / ln 2
    assert balance(summarise_labels(uneven, [COLUMN, ROOF])) == pytest.approx(0.4689956, abs=1e-6)
    assert balance(summarise_labels(uneven[:9], [COLUMN, ROOF])) == 0
    assert balance(summarise_labels(uneven, [COLUMN])) is None
    assert balance(summarise_labels([], [COLUMN, ROOF])) is None


def test_the_heat_map_counts_boxes_over_each_cell() -> None:
    labelled = [photo(1, (1, (0.0, 0.0, 0.5, 0.5)), (2, (0.5, 0.0, 1.0, 0.5))), photo(2, (1, (0.0, 0.0, 1.0, 1.0)))]
    assert heat_map(labelled, cells=2).tolist() == [[2, 2], [1, 1]]
    assert heat_map(labelled, label_id=2, cells=2).tolist() == [[0, 1], [0, 0]]
    assert heat_map([], cells=3).sum() == 0


def test_a_box_far_from_the_usual_size_shape_or_place_stands_out_and_the_others_do_not() -> None:
    random = np.random.default_rng(7)
    usual = [
        photo(n, (1, (0.4 + x, 0.2 + y, 0.6 + x, 0.8 + y)))
        for n, (x, y) in enumerate(random.uniform(-0.05, 0.05, (40, 2)))
    ]
    odd = {
        Oddity.SIZE: photo(90, (1, (0.49, 0.47, 0.51, 0.53))),
        Oddity.SHAPE: photo(91, (1, (0.15, 0.43, 0.85, 0.6))),
        Oddity.PLACE: photo(92, (1, (0.8, 0.4, 1.0, 1.0))),
    }
    found = find_suspicious([*usual, *odd.values()])
    assert {one.oddity: one.photo_sha256 for one in found} == {kind: one.photo_sha256 for kind, one in odd.items()}
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_few_boxes_and_boxes_that_are_all_alike_raise_no_suspicion() -> None:
    assert find_suspicious([photo(n, (1, (0.1 * n, 0.0, 0.1 * n + 0.1, 0.1))) for n in range(7)]) == ()
    alike = [photo(n, (1, (0.4, 0.4, 0.6 + 0.001 * n, 0.6))) for n in range(20)]
    assert find_suspicious(alike) == ()
