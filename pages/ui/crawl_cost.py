"""What a crawl will cost before it is started: requests of each source, photos at most, and the least time it takes."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from core.crawl.ask import most_pages
from core.crawl.source import Source, SourceInfo

PHOTO_S = 1.0  # pace of one host: photos of one source usually lie on one


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests to one source. least: if everything found is kept; most: if every query is read to its end.

    left: how many are left today, None for no limit.
    """

    source: str
    least: int
    most: int
    left: int | None

    @property
    def fits(self) -> bool:
        """Whether today's requests suffice even if much of what is found is not kept."""
        return self.left is None or self.most <= self.left

    @property
    def is_spent(self) -> bool:
        """Whether today's requests do not suffice at all."""
        return self.left is not None and self.least > self.left


def cost_of(source: Source, queries: Iterable[int], limit: int, spent: int) -> Cost:
    """Return what a crawl costs at one source.

    queries: how many queries each of the places has. limit: photos to keep per place. spent: requests made today.
    """
    info, counts = source.INFO, [count for count in queries if count]
    least = len(counts) * ceil(min(limit, info.most_results) / max(1, info.page_size))
    most = max(least, sum(counts) * most_pages(source))
    left = None if info.daily_quota is None else max(0, info.daily_quota - spent)
    return Cost(info.name, least, most, left)


def least_time_s(costs: Iterable[tuple[SourceInfo, Cost]], places: int, limit: int) -> float:
    """Return how long a crawl takes at least, with its sources side by side."""
    return max((cost.least * info.pace_s + places * limit * PHOTO_S for info, cost in costs), default=0.0)
