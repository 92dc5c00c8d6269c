"""What a crawl works with, from the settings: the door to the network with its paces and quotas, and the rest."""

from core.cli import compose
from core.crawl.sources.registry import SOURCES
from core.crawl.tools import CrawlTools
from core.db.crawls import CrawlRepository
from core.db.places import PlaceRepository
from core.db.requests import RequestLedger
from core.network.fetch import Fetcher
from core.network.neighbours import Neighbours
from core.network.policy import FetchPolicy
from core.settings import Settings

VERSION = "0.1.0"  # as in pyproject.toml


def crawl_tools() -> CrawlTools:
    """Return the tools of a crawl in this process."""
    settings, database = compose.settings(), compose.database()
    return CrawlTools(
        fetcher=Fetcher(
            fetch_policy(settings), RequestLedger(database), neighbours=Neighbours(settings.data_dir / "hosts")
        ),
        crawls=CrawlRepository(database),
        library=compose.library(),
        places=PlaceRepository(database),
        sources=SOURCES,
        spool_dir=settings.data_dir / "crawls",
        keys=settings.source_keys,
        opt_in=switched_on(settings),
        base_urls=settings.crawl_base_urls,
    )


def switched_on(settings: Settings) -> frozenset[str]:
    """Return the sources that are off by default and that the operator switched on: all of them, or none."""
    return frozenset(name for name, source in SOURCES.items() if source.INFO.opt_in and settings.crawl_pages)


def fetch_policy(settings: Settings) -> FetchPolicy:
    """Return what is allowed at the door, with each source's own pace, quota and documented hosts."""
    infos = [source.INFO for source in SOURCES.values()]
    return FetchPolicy(
        contact=settings.contact,
        version=VERSION,
        allow_private_hosts=settings.network_allow_hosts,
        paces={info.name: info.pace_s for info in infos},
        quotas={info.name: info.daily_quota for info in infos if info.daily_quota is not None},
        api_hosts=frozenset(host for info in infos for host in info.hosts),
    )
