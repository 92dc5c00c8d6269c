"""The tables of crawls, and their rows to and from the domain. Called by `crawls` and `crawl_counts`.

`migrations/versions/r0007_crawls` creates the tables.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db.columns import ExactText, JsonText, UtcMoment, ascii_key
from core.db.tables import HASH_LENGTH, MYSQL_OPTIONS, SLUG_LENGTH, Base
from core.domain.crawl import Candidate, CandidateState, Crawl, CrawlSpec
from core.domain.place import Position
from core.errors import Value

CRAWL_LENGTH, SOURCE_LENGTH = 32, 64
LONGEST = {"image_url": 4000, "page_url": 2000, "thumb_url": 2000, "licence_url": 500}
LONGEST_TEXT = 500  # of a title, an author, a licence, a number: what a source sends is anything


class CrawlRow(Base):
    """A crawl. job_id: no foreign key, as jobs may be forgotten; "" for none."""

    __tablename__ = "crawls"
    __table_args__ = (Index("ix_crawls_created", "created_at"), Index("ix_crawls_job", "job_id"), MYSQL_OPTIONS)

    crawl_id: Mapped[str] = mapped_column(ascii_key(CRAWL_LENGTH), primary_key=True)
    spec: Mapped[dict[str, Any]] = mapped_column(JsonText)
    created_at: Mapped[datetime] = mapped_column(UtcMoment)
    job_id: Mapped[str] = mapped_column(ascii_key(32))


class CrawlSourceRow(Base):
    """How one source of a crawl stands; goes with the crawl. What it brought is counted, not kept."""

    __tablename__ = "crawl_sources"
    __table_args__ = MYSQL_OPTIONS

    crawl_id: Mapped[str] = mapped_column(
        ascii_key(CRAWL_LENGTH), ForeignKey(CrawlRow.crawl_id, ondelete="CASCADE"), primary_key=True
    )
    source: Mapped[str] = mapped_column(ascii_key(SOURCE_LENGTH), primary_key=True)
    light: Mapped[str] = mapped_column(ascii_key(16))
    until: Mapped[datetime | None] = mapped_column(UtcMoment)
    message: Mapped[str] = mapped_column(ExactText)
    message_values: Mapped[dict[str, Any]] = mapped_column(JsonText)


class CrawlQueryRow(Base):
    """One query at one source for one place. cursor: of the page to ask next; stale_pages: that brought nothing new."""

    __tablename__ = "crawl_queries"
    __table_args__ = (UniqueConstraint("crawl_id", "query_key"), MYSQL_OPTIONS)

    query_id: Mapped[int] = mapped_column(primary_key=True)
    crawl_id: Mapped[str] = mapped_column(ascii_key(CRAWL_LENGTH), ForeignKey(CrawlRow.crawl_id, ondelete="CASCADE"))
    query_key: Mapped[str] = mapped_column(ascii_key(HASH_LENGTH))
    place_slug: Mapped[str] = mapped_column(ascii_key(SLUG_LENGTH))
    source: Mapped[str] = mapped_column(ascii_key(SOURCE_LENGTH))
    query: Mapped[str] = mapped_column(ExactText)
    cursor: Mapped[dict[str, str]] = mapped_column(JsonText)
    pages: Mapped[int]
    stale_pages: Mapped[int]
    finished: Mapped[bool]


class CrawlCandidateRow(Base):
    """A photo that a source offered for a place. photo_sha256: "" while none; no foreign key, as photos may go."""

    __tablename__ = "crawl_candidates"
    __table_args__ = (
        UniqueConstraint("crawl_id", "place_slug", "candidate_key"),
        Index("ix_crawl_candidates_key", "candidate_key", "state"),
        Index("ix_crawl_candidates_work", "crawl_id", "source", "place_slug", "state", "candidate_id"),
        Index("ix_crawl_candidates_newest", "crawl_id", "state", "settled_at"),
        MYSQL_OPTIONS,
    )

    candidate_id: Mapped[int] = mapped_column(primary_key=True)
    crawl_id: Mapped[str] = mapped_column(ascii_key(CRAWL_LENGTH), ForeignKey(CrawlRow.crawl_id, ondelete="CASCADE"))
    query_id: Mapped[int] = mapped_column(ForeignKey(CrawlQueryRow.query_id, ondelete="CASCADE"))
    place_slug: Mapped[str] = mapped_column(ascii_key(SLUG_LENGTH))
    source: Mapped[str] = mapped_column(ascii_key(SOURCE_LENGTH))
    candidate_key: Mapped[str] = mapped_column(ascii_key(HASH_LENGTH))
    state: Mapped[str] = mapped_column(ascii_key(16))
    reason: Mapped[str] = mapped_column(ascii_key(64))
    reason_values: Mapped[dict[str, Any]] = mapped_column(JsonText)
    photo_sha256: Mapped[str] = mapped_column(ascii_key(HASH_LENGTH))
    licence: Mapped[str] = mapped_column(ExactText)
    candidate: Mapped[dict[str, Any]] = mapped_column(JsonText)
    settled_at: Mapped[datetime | None] = mapped_column(UtcMoment)


@dataclass(frozen=True, slots=True)
class CrawlQuery:
    """What is asked of one source for one place. cursor: of the page to ask next, {} for the first.

    stale_pages: how many pages one after another brought nothing that was not found before.
    """

    query_id: int
    crawl_id: str
    place_slug: str
    source: str
    text: str
    cursor: Mapping[str, str] = field(default_factory=dict)
    pages: int = 0
    stale_pages: int = 0
    finished: bool = False


@dataclass(frozen=True, slots=True)
class FoundCandidate:
    """A candidate that waits to be fetched. candidate_id: its row; rows come in the order in which they were found.

    reason: why an earlier attempt put it off; "" for one that was not asked for yet.
    """

    candidate_id: int
    place_slug: str
    candidate: Candidate
    key: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a candidate. reason: a code, of a refusal or of something worth a look; sha256: the photo's."""

    candidate_id: int
    state: CandidateState
    sha256: str = ""
    reason: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)


def query_key(place_slug: str, source: str, text: str) -> str:
    """Return what tells a query apart within its crawl."""
    return hashlib.sha256(f"{place_slug}\n{source}\n{text}".encode()).hexdigest()


def spec_document(spec: CrawlSpec) -> dict[str, Any]:
    """Return what was asked for as JSON holds it; equal for equal wishes."""
    document = asdict(spec)
    document["queries"] = {slug: list(texts) for slug, texts in sorted(spec.queries.items())}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in document.items()}


def spec_of(document: Mapping[str, Any]) -> CrawlSpec:
    """Return what was asked for."""
    values: dict[str, Any] = dict(document)
    values["queries"] = {slug: tuple(texts) for slug, texts in values["queries"].items()}
    values["place_slugs"], values["sources"] = tuple(values["place_slugs"]), tuple(values["sources"])
    return CrawlSpec(**values)


def crawl_of(row: CrawlRow) -> Crawl:
    """Make the domain's crawl of a row."""
    return Crawl(row.crawl_id, spec_of(row.spec), row.created_at, row.job_id)


def query_of(row: CrawlQueryRow) -> CrawlQuery:
    """Make a query of a row."""
    return CrawlQuery(
        query_id=row.query_id,
        crawl_id=row.crawl_id,
        place_slug=row.place_slug,
        source=row.source,
        text=row.query,
        cursor=dict(row.cursor),
        pages=row.pages,
        stale_pages=row.stale_pages,
        finished=row.finished,
    )


def tidy(text: str, limit: int = LONGEST_TEXT) -> str:
    """Cut a text of unknown origin to what is kept of it, without NUL, which not every driver takes."""
    return text.replace("\0", "")[:limit]


def candidate_document(candidate: Candidate) -> dict[str, Any]:
    """Return a candidate as JSON holds it, its texts cut to what is kept of them."""
    document = asdict(candidate)
    for name, value in document.items():
        if isinstance(value, str):
            document[name] = tidy(value, LONGEST.get(name, LONGEST_TEXT))
    document["taken_at"] = candidate.taken_at.isoformat() if candidate.taken_at else None
    return document


def candidate_of(document: Mapping[str, Any]) -> Candidate:
    """Return a candidate."""
    values = dict(document)
    values["position"] = Position(**values["position"]) if values["position"] else None
    values["taken_at"] = datetime.fromisoformat(values["taken_at"]) if values["taken_at"] else None
    return Candidate(**values)
