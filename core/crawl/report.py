"""What a crawl brought, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.db.crawls import CrawlRepository
from core.domain.crawl import QueryYield, SourceLight, SourceStanding

WAITS = frozenset({SourceLight.WAITING, SourceLight.QUOTA_SPENT})


@dataclass(frozen=True, slots=True)
class CrawlReport:
    """What stands in the rows. licences: photos kept by licence, "" for none stated."""

    crawl_id: str
    standings: tuple[SourceStanding, ...]
    yields: tuple[QueryYield, ...]
    licences: Mapping[str, int]

    @property
    def kept(self) -> int:
        """Photos that are new in the library."""
        return sum(standing.kept for standing in self.standings)

    @property
    def known(self) -> int:
        """Photos that the library had, or something that looks the same."""
        return sum(standing.known for standing in self.standings)

    @property
    def refused(self) -> int:
        """Photos that are not taken in."""
        return sum(sum(standing.refused.values()) for standing in self.standings)

    @property
    def waits_until(self) -> datetime | None:
        """When the first source that waits is asked again; None when none waits."""
        waiting = (one.until for one in self.standings if one.light in WAITS)
        return min((until for until in waiting if until is not None), default=None)


def read_report(crawls: CrawlRepository, crawl_id: str) -> CrawlReport:
    """Return what a crawl brought so far.

    Raises:
        NotFound: code "crawl.not_found".
    """
    return CrawlReport(crawl_id, crawls.standings(crawl_id), crawls.yields(crawl_id), crawls.licences(crawl_id))
