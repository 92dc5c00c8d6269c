"""What every source of photos is: a record of facts, and two pure functions. The loop around them is `crawl`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from core.domain.crawl import Candidate
from core.domain.place import Position
from core.network.message import Request, Response


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source. name: `[a-z0-9-]`; title: how people call it.

    key_settings: names of the `EODI_…` settings that it needs, all of them; key_page: where to get them.
    hosts: documented API hosts, which robots.txt of the same host does not govern; none for a result page.
    pace_s: at least so many seconds between two of its requests. daily_quota: requests a day, None for no limit.
    most_results: no more than so many can be reached with one query.
    states_licence: whether each photo comes with a licence.
    opt_in: off unless the operator switches it on (`EODI_CRAWL_PAGES`).
    needs_position: asks around the place's position, so a place without one is passed over.
    """

    name: str
    title: str
    home_url: str
    terms_url: str
    pace_s: float
    page_size: int
    most_results: int
    key_settings: tuple[str, ...] = ()
    key_page: str = ""
    hosts: tuple[str, ...] = ()
    daily_quota: int | None = None
    states_licence: bool = False
    opt_in: bool = False
    needs_position: bool = False


@dataclass(frozen=True, slots=True)
class SourceQuery:
    """What is asked of a source. cursor: {} for the first page, else what the page before named as next.

    keys: values of the source's `key_settings`, by setting. base_url: "" for the source's own, else a stand-in's.
    """

    text: str
    position: Position | None = None
    cursor: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    min_size_px: int = 0
    free_only: bool = False
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One page of results. next_cursor: None after the last page. total: what the source says it has, if it does."""

    candidates: tuple[Candidate, ...]
    next_cursor: Mapping[str, str] | None
    total: int | None = None


class Source(Protocol):
    """One module of `sources/`: its record and two pure functions."""

    INFO: SourceInfo

    def build_request(self, query: SourceQuery) -> Request:
        """Return the request for a page of results.

        Raises:
            SourceKeyError: a key is missing.
        """
        ...

    def parse_response(self, response: Response, query: SourceQuery) -> SourcePage:
        """Return the candidates of a page.

        Raises:
            SourceLayoutError: the answer is not what the source is known to send.
            SourceBlocked, SourceBusy, SourceKeyError, SourceQuotaSpent: said in the answer, whatever its status.
        """
        ...
