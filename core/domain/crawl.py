"""A crawl: what was asked for, what the sources offered, and what became of each photo.

Sources make candidates (`core/crawl/sources`), the crawl fetches and files them (`core/crawl`), rows are kept by
`core/db/crawls`, and the page shows them.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.domain.place import Position
from core.errors import Value


@dataclass(frozen=True, slots=True)
class Candidate:
    """A photo that a source offers; every text is the source's own and untrusted.

    source: the source's name. source_id: its number there; "" where it has none.
    image_url: what is fetched, absolute http(s). page_url: the page that shows it, "" when unknown.
    licence: as the source names it; "" for not stated, which permits nothing. rank: 0 for the first of its query.
    """

    source: str
    image_url: str
    query: str = ""
    source_id: str = ""
    page_url: str = ""
    thumb_url: str = ""
    title: str = ""
    author: str = ""
    licence: str = ""
    licence_url: str = ""
    width_px: int | None = None
    height_px: int | None = None
    position: Position | None = None
    taken_at: datetime | None = None
    rank: int = 0

    @property
    def key(self) -> str:
        """What makes a crawl idempotent: a hash of the source and its number, else of the address."""
        return hashlib.sha256(f"{self.source}\n{self.source_id or self.image_url}".encode()).hexdigest()


class CandidateState(StrEnum):
    """What became of a candidate."""

    FOUND = "found"  # waits to be fetched
    KEPT = "kept"
    KNOWN = "known"  # its bytes, or a near-duplicate of them, are in the library
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class CrawlSpec:
    """What is asked for. place_slugs: at least one; sources: names, in the order in which they are asked.

    queries: by place slug what is searched for; a place without any gets suggested ones.
    limit: photos to keep per place and source. min_size_px: of the shorter side. free_only: stated free licences only.
    reach_m: a photo whose own position is farther from the place than this is refused.
    """

    place_slugs: tuple[str, ...]
    sources: tuple[str, ...]
    limit: int = 50
    queries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    free_only: bool = False
    min_size_px: int = 320
    reach_m: float = 20_000.0


class SourceLight(StrEnum):
    """How a source of a crawl stands."""

    IDLE = "idle"
    WORKING = "working"
    WAITING = "waiting"
    FINISHED = "finished"
    BLOCKED = "blocked"
    KEY_MISSING = "key_missing"
    QUOTA_SPENT = "quota_spent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """One source of one crawl, all its places and queries together.

    until: while WAITING or QUOTA_SPENT, when it is asked again. message, message_values: an error's code and values.
    refused: photos by the code of the reason.
    """

    source: str
    light: SourceLight
    found: int = 0
    kept: int = 0
    known: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    until: datetime | None = None
    message: str = ""
    message_values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueryYield:
    """What one query at one source brought for one place."""

    source: str
    place_slug: str
    query: str
    found: int
    kept: int
    known: int
    refused: int


@dataclass(frozen=True, slots=True)
class Crawl:
    """A row: what was asked for and when. job_id: the job that works or worked on it last; "" for none."""

    crawl_id: str
    spec: CrawlSpec
    created_at: datetime
    job_id: str = ""
