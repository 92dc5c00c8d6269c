"""What a plan costs: worked out by hand for a source of fifty a page, and one with a quota."""

from dataclasses import dataclass

from core.crawl.source import SourceInfo
from pages.ui.crawl_cost import cost_of, least_time_s


@dataclass(frozen=True)
class Some:
    INFO: SourceInfo


def source(page_size: int, most_results: int, quota: int | None = None, pace_s: float = 1.0) -> Some:
    return Some(SourceInfo("some", "Some", "", "", pace_s, page_size, most_results, daily_quota=quota))


def test_everything_kept_takes_as_many_pages_as_the_limit_fills() -> None:
    # 120 photos of each of two places are 3 pages of 50 each; 4 and 2 queries of 500 results are 10 pages each, and
    # an eleventh that turns out to be empty.
    cost = cost_of(source(50, 500), (4, 2), 120, spent=0)
    assert (cost.least, cost.most, cost.left) == (6, 66, None)
    assert cost.fits and not cost.is_spent


def test_a_place_without_queries_costs_nothing() -> None:
    assert cost_of(source(50, 500), (0, 0), 120, spent=0).most == 0


def test_no_more_is_asked_than_can_be_reached() -> None:
    # 100 results in pages of 10: however many photos are wanted, 10 requests, and one that finds nothing more.
    cost = cost_of(source(10, 100), (1,), 1_000, spent=0)
    assert (cost.least, cost.most) == (10, 11)


def test_what_is_left_of_a_quota_decides_whether_the_plan_fits() -> None:
    nearly = cost_of(source(20, 240, quota=200), (2,), 40, spent=190)
    assert (nearly.least, nearly.most, nearly.left) == (2, 26, 10)
    assert not nearly.fits and not nearly.is_spent
    assert cost_of(source(20, 240, quota=200), (2,), 40, spent=199).is_spent
    assert cost_of(source(20, 240, quota=200), (2,), 40, spent=300).left == 0


def test_the_slowest_source_says_how_long_it_takes_at_least() -> None:
    quick, slow = source(50, 500), source(20, 240, pace_s=3.0)
    planned = [(one.INFO, cost_of(one, (1, 1), 40, spent=0)) for one in (quick, slow)]
    # Two places of 40 photos: 80 s for photos one a second, and 4 pages of 3 s each at the slower source.
    assert least_time_s(planned, places=2, limit=40) == 80 + 4 * 3
    assert least_time_s([], places=2, limit=40) == 0
