"""What the crawl page asks of crawls, sources, quotas and jobs."""

from collections.abc import Mapping
from datetime import UTC, datetime

from core.crawl.sources.registry import SOURCES, available, missing_keys
from core.db.crawls import CrawlRepository
from core.db.requests import RequestLedger
from core.domain.crawl import Crawl
from core.domain.job import Job
from core.errors import NotFound
from core.messages import Translator
from pages.ui import resources

SHOWN = 20  # crawls that are listed


def crawls() -> CrawlRepository:
    """Return what was asked for in crawls, and what became of it."""
    return CrawlRepository(resources.database())


def requests_today(source: str) -> int:
    """Return how many requests a source has had today."""
    return RequestLedger(resources.database()).spent(source, datetime.now(UTC))


def missing_settings(source: str) -> tuple[str, ...]:
    """Return the settings that a source needs and that nobody set."""
    return missing_keys(SOURCES[source].INFO, resources.settings().source_keys)


def ready_sources() -> tuple[str, ...]:
    """Return the sources that can be asked now, in the order in which they are asked."""
    switched_on = frozenset(name for name in SOURCES if is_switched_on(name))
    return tuple(info.name for info in available(resources.settings().source_keys, switched_on))


def is_switched_on(source: str) -> bool:
    """Whether a source may be asked: those that read result pages are off until the operator switches them on."""
    return not SOURCES[source].INFO.opt_in or resources.settings().crawl_pages


def job_of(crawl: Crawl) -> Job | None:
    """Return the job that works or worked on a crawl last, None for one of the command line."""
    if not crawl.job_id:
        return None
    try:
        return resources.jobs().get(crawl.job_id)
    except NotFound:
        return None


def names_of_places(t: Translator) -> Mapping[str, str]:
    """Return the names of places by slug, retired ones among them."""
    return {place.slug: place.name.get(t.language) for place in resources.places().list(include_retired=True)}
