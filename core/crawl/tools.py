"""What a crawl works with, put together by the command line and by tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from core.crawl.source import Source
from core.dataset.library import Library
from core.db.crawls import CrawlRepository
from core.db.places import PlaceRepository
from core.errors import NotFound
from core.network.message import Request, Response


class Sender(Protocol):
    """The door: `core.network.fetch.Fetcher`, or a list of answers in a test."""

    def send(self, request: Request, stop: Callable[[], bool] = ...) -> Response:
        """Return the answer; `stop` is asked in every wait.

        Raises:
            NetworkFailed, SourceQuotaSpent, JobStopped: see `Fetcher`.
        """
        ...


@dataclass(frozen=True, slots=True)
class CrawlTools:
    """keys: values of sources' settings, by setting. opt_in: sources that are off by default and were switched on.

    spool_dir: where downloads lie between their arrival and their row. base_urls: stand-ins for sources, by name.
    longest_wait_s: how long a crawl waits when all that is left to do is to wait for sources; then it pauses.
    """

    fetcher: Sender
    crawls: CrawlRepository
    library: Library
    places: PlaceRepository
    sources: Mapping[str, Source]
    spool_dir: Path
    keys: Mapping[str, str] = field(default_factory=dict)
    opt_in: frozenset[str] = frozenset()
    base_urls: Mapping[str, str] = field(default_factory=dict)
    longest_wait_s: float = 120.0

    def source(self, name: str) -> Source:
        """Return a source.

        Raises:
            NotFound: code "crawl.no_source".
        """
        try:
            return self.sources[name]
        except KeyError:
            raise NotFound("crawl.no_source", source=name, sources=", ".join(sorted(self.sources))) from None
