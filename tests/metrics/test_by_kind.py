"""Scores kind by kind."""

import numpy as np

from core.metrics.by_kind import shares_by_kind
from core.metrics.scores import proportion


def test_each_kind_has_its_share_and_photos_of_no_kind_count_nowhere() -> None:
    right = np.array([True, False, True, True, False])
    found = shares_by_kind(tuple("abcde"), right, {"a": "night", "b": "day", "c": "day", "d": "day", "x": "day"})
    assert found == {"day": proportion(2, 3), "night": proportion(1, 1)}
    assert list(found) == ["day", "night"]
    assert shares_by_kind((), np.zeros(0, bool), {}) == {}
