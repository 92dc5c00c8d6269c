"""A crawl in this process against a portal: an empty library, the real fetcher, and no pause between requests."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select

from core.crawl.crawl import run_crawl
from core.crawl.report import CrawlReport
from core.crawl.sources.registry import SOURCES
from core.crawl.tools import CrawlTools
from core.dataset.library import Library
from core.db.crawl_rows import CrawlCandidateRow
from core.db.crawls import CrawlRepository
from core.db.engine import Database, open_database
from core.db.places import PlaceRepository
from core.db.requests import RequestLedger
from core.domain.crawl import Crawl, CrawlSpec
from core.errors import Value
from core.network.fetch import Fetcher
from core.network.policy import FetchPolicy
from tests.support.libraries import library_at, new_library
from tests.support.portal import Portal, photo_bytes

POLICY = FetchPolicy(
    contact="tests@example.org",
    version="0",
    allow_private_hosts=frozenset({"127.0.0.1", "localhost"}),
    pace_s=0.0,
    longest_wait_s=2.0,
)
KEYS = {name: f"secret-{name}" for source in SOURCES.values() for name in source.INFO.key_settings}


@dataclass
class Bench:
    """A place to crawl from."""

    folder: Path
    portal: Portal
    library: Library
    database: Database
    tools: CrawlTools

    @property
    def crawls(self) -> CrawlRepository:
        return self.tools.crawls

    def crawl(self, *sources: str, limit: int = 100, place: str = "cave", **changes: object) -> Crawl:
        """Note a crawl of one place with one query."""
        spec = CrawlSpec((place,), sources, limit, {place: ("만장굴",)}, **changes)  # type: ignore[arg-type]
        return self.crawls.create(spec)

    def hash_of(self, number: int) -> str:
        """Return the hash of a photo of the portal."""
        return hashlib.sha256(photo_bytes(number)).hexdigest()

    def outcomes(self, crawl: Crawl) -> dict[str, tuple[str, str, str, dict[str, Value]]]:
        """Return, by address, what became of each candidate: state, photo, reason and its values."""
        query = select(CrawlCandidateRow).where(CrawlCandidateRow.crawl_id == crawl.crawl_id)
        with self.database.reading() as session:
            return {
                row.candidate["image_url"]: (row.state, row.photo_sha256, row.reason, row.reason_values)
                for row in session.scalars(query)
            }

    def reasons(self, crawl: Crawl) -> dict[str, str]:
        """Return, by address, why a candidate is not kept, or is worth a look."""
        return {url: reason for url, (_, _, reason, _) in self.outcomes(crawl).items()}

    def run(self, crawl: Crawl, report: Callable[..., None] | None = None) -> CrawlReport:
        return run_crawl(crawl, self.tools, report or tell_nothing)


def tell_nothing(done: int, total: int | None, message_key: str = "", **values: Value) -> None:
    """Stand in for a bar."""


def new_bench(folder: Path, portal: Portal, policy: FetchPolicy = POLICY) -> Bench:
    """Make an empty library in `folder`, and tools that ask the portal for everything."""
    new_library(folder)
    return bench_at(f"sqlite:///{folder / 'eodi.sqlite3'}", folder, portal.url, portal, policy)


def bench_at(url: str, folder: Path, portal_url: str, portal: Portal, policy: FetchPolicy = POLICY) -> Bench:
    """Open what is there."""
    database, library = open_database(url), library_at(url, folder / "library")
    tools = tools_at(database, library, folder, portal_url, policy)
    return Bench(folder, portal, library, database, tools)


def tools_at(
    database: Database, library: Library, folder: Path, portal_url: str, policy: FetchPolicy = POLICY
) -> CrawlTools:
    return CrawlTools(
        fetcher=Fetcher(policy, RequestLedger(database)),
        crawls=CrawlRepository(database),
        library=library,
        places=PlaceRepository(database),
        sources=SOURCES,
        spool_dir=folder / "crawls",
        keys=KEYS,
        opt_in=frozenset(SOURCES),
        base_urls={name: f"{portal_url}/{name}" for name in SOURCES},
        longest_wait_s=5.0,
    )


def with_changes(bench: Bench, **changes: object) -> Bench:
    """Return the bench with other tools."""
    return replace(bench, tools=replace(bench.tools, **changes))  # type: ignore[arg-type]
