"""The rows of crawls: a crawl remembers every page it asked for and every photo it was offered, and so can go on.

`core/crawl` writes them, the page of crawls reads them; what is counted from them is in `crawl_counts`.
"""

import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from core.db import crawl_counts, crawl_finds
from core.db.columns import require_key
from core.db.crawl_rows import (
    CRAWL_LENGTH,
    SOURCE_LENGTH,
    CrawlCandidateRow,
    CrawlQuery,
    CrawlQueryRow,
    CrawlRow,
    CrawlSourceRow,
    FoundCandidate,
    Settled,
    candidate_of,
    crawl_of,
    query_key,
    query_of,
    spec_document,
)
from core.db.engine import Database, restarted, rows_changed
from core.db.tables import SLUG_LENGTH
from core.domain.crawl import Candidate, CandidateState, Crawl, CrawlSpec, QueryYield, SourceLight, SourceStanding
from core.errors import InvalidInput, NotFound, Value

__all__ = ["CrawlQuery", "CrawlRepository", "FoundCandidate", "Settled"]

LONGEST_QUERY = 500


class CrawlRepository:
    """Reads and writes rows of crawls; thread-safe."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @restarted
    def create(self, spec: CrawlSpec) -> Crawl:
        """Note a crawl that is asked for; nothing is fetched yet.

        Raises:
            InvalidInput: code "crawl.nothing"; no place or no source. Or a name or query that is none.
        """
        _check(spec)
        row = CrawlRow(crawl_id=secrets.token_hex(6), spec=spec_document(spec), created_at=datetime.now(UTC), job_id="")
        with self._database.session() as session:
            session.add(row)
        return self.get(row.crawl_id)

    def get(self, crawl_id: str) -> Crawl:
        """Return a crawl.

        Raises:
            NotFound: code "crawl.not_found".
        """
        with self._database.reading() as session:
            row = session.get(CrawlRow, crawl_id) if crawl_id.isascii() else None
            if row is None:
                raise NotFound("crawl.not_found", crawl_id=crawl_id[:CRAWL_LENGTH])
            return crawl_of(row)

    def find_by_job(self, job_id: str) -> Crawl | None:
        """Return the crawl that a job works or worked on last; None for a job that is no crawl's."""
        query = select(CrawlRow).where(CrawlRow.job_id == job_id).order_by(CrawlRow.created_at.desc()).limit(1)
        if not job_id or not job_id.isascii():
            return None
        with self._database.reading() as session:
            row = session.scalars(query).one_or_none()
            return None if row is None else crawl_of(row)

    def list(self, limit: int = 20) -> tuple[Crawl, ...]:
        """Return crawls, newest first."""
        query = select(CrawlRow).order_by(CrawlRow.created_at.desc(), CrawlRow.crawl_id).limit(limit)
        with self._database.reading() as session:
            return tuple(crawl_of(row) for row in session.scalars(query))

    @restarted
    def delete(self, crawl_id: str) -> bool:
        """Forget a crawl, not its photos; False when there is none."""
        with self._database.session() as session:
            return rows_changed(session.execute(delete(CrawlRow).where(CrawlRow.crawl_id == crawl_id))) > 0

    @restarted
    def set_job(self, crawl_id: str, job_id: str) -> None:
        """Note which job works on a crawl."""
        require_key(job_id, "job_id", 32)
        with self._database.session() as session:
            session.execute(update(CrawlRow).where(CrawlRow.crawl_id == crawl_id).values(job_id=job_id))

    @restarted
    def open_queries(self, crawl_id: str, wanted: Collection[tuple[str, str, str]]) -> None:
        """Note queries as (place, source, text) that are to be asked; those that are noted already stay as they are."""
        with self._database.session() as session:
            standing = set(session.scalars(select(CrawlQueryRow.query_key).where(CrawlQueryRow.crawl_id == crawl_id)))
            for place_slug, source, text in wanted:
                key = query_key(place_slug, source, text)
                if key not in standing:
                    standing.add(key)
                    session.add(_new_query(crawl_id, key, place_slug, source, text))

    def next_query(self, crawl_id: str, source: str, place_slug: str) -> CrawlQuery | None:
        """Return the query whose turn is next, so that queries take turns by the page; None when all are finished."""
        query = select(CrawlQueryRow).where(
            CrawlQueryRow.crawl_id == crawl_id,
            CrawlQueryRow.source == source,
            CrawlQueryRow.place_slug == place_slug,
            CrawlQueryRow.finished.is_(False),
        )
        with self._database.reading() as session:
            row = session.scalars(query.order_by(CrawlQueryRow.pages, CrawlQueryRow.query_id).limit(1)).one_or_none()
            return None if row is None else query_of(row)

    def queries(self, crawl_id: str) -> tuple[CrawlQuery, ...]:
        """Return all queries of a crawl, in the order in which they were noted."""
        query = select(CrawlQueryRow).where(CrawlQueryRow.crawl_id == crawl_id).order_by(CrawlQueryRow.query_id)
        with self._database.reading() as session:
            return tuple(query_of(row) for row in session.scalars(query))

    @restarted
    def add_candidates(
        self,
        query: CrawlQuery,
        candidates: Sequence[Candidate],
        next_cursor: Mapping[str, str] | None,
        finished: bool = False,
    ) -> int:
        """Note a page's candidates and where the query goes on, in one transaction; return how many were new.

        next_cursor: None after the last page. finished: the query ends here although there may be more.
        """
        with self._database.session() as session:
            new = crawl_finds.new_rows(session, query, candidates)
            if new:
                session.execute(insert(CrawlCandidateRow), new)
            values: dict[str, Any] = {
                "pages": query.pages + 1,
                "stale_pages": 0 if new else query.stale_pages + 1,
                "finished": finished or next_cursor is None,
            }
            if next_cursor is not None:
                values["cursor"] = dict(next_cursor)
            session.execute(update(CrawlQueryRow).where(CrawlQueryRow.query_id == query.query_id).values(**values))
        return len(new)

    @restarted
    def finish_query(self, query: CrawlQuery) -> None:
        """Ask a query no more."""
        with self._database.session() as session:
            of_query = CrawlQueryRow.query_id == query.query_id
            session.execute(update(CrawlQueryRow).where(of_query).values(finished=True))

    def next_candidates(
        self, crawl_id: str, source: str, place_slug: str, after: int = 0, limit: int = 200
    ) -> tuple[FoundCandidate, ...]:
        """Return candidates that wait to be fetched, in the order in which they were found; `after`: a row's number."""
        query = select(CrawlCandidateRow).where(
            CrawlCandidateRow.crawl_id == crawl_id,
            CrawlCandidateRow.source == source,
            CrawlCandidateRow.place_slug == place_slug,
            CrawlCandidateRow.state == CandidateState.FOUND.value,
            CrawlCandidateRow.candidate_id > after,
        )
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(CrawlCandidateRow.candidate_id).limit(limit))
            return tuple(
                FoundCandidate(
                    row.candidate_id, row.place_slug, candidate_of(row.candidate), row.candidate_key, row.reason
                )
                for row in rows
            )

    @restarted
    def settle(self, settled: Sequence[Settled]) -> None:
        """Note what became of candidates, in one transaction; one that is put off stays FOUND, with a reason."""
        now = datetime.now(UTC)
        changes = [
            {
                "candidate_id": one.candidate_id,
                "state": one.state.value,
                "photo_sha256": one.sha256,
                "reason": require_key(one.reason, "reason", 64),
                "reason_values": dict(one.values),
                "settled_at": now,
            }
            for one in settled
        ]
        if changes:
            with self._database.session() as session:
                session.execute(update(CrawlCandidateRow), changes)

    def fetched_before(self, keys: Sequence[str]) -> dict[str, str]:
        """Return, by candidate key, the photo that any crawl has got from it and the library still holds."""
        with self._database.reading() as session:
            return crawl_finds.fetched_before(session, keys)

    def unclaimed(self, crawl_id: str, actor: str, sha256s: Sequence[str]) -> frozenset[str]:
        """Return which photos came into the library by `actor` and are not yet settled as kept in this crawl.

        Such are left by an attempt that was cut off between a photo's row and its candidate's.
        """
        with self._database.reading() as session:
            brought = crawl_finds.brought_by(session, actor, sha256s)
            return brought - crawl_finds.kept_photos(session, crawl_id, brought)

    def looks(self, since: datetime | None = None) -> Iterator[tuple[str, str, str | None]]:
        """Yield (sha256, perceptual hash, place) of every photo of the library; since: those that came after."""
        last = ""
        while True:
            with self._database.reading() as session:
                page = crawl_finds.looks(session, since, last)
            yield from page
            if len(page) < crawl_finds.PAGE:
                return
            last = page[-1][0]

    @restarted
    def set_standing(
        self,
        crawl_id: str,
        source: str,
        light: SourceLight,
        until: datetime | None = None,
        message: str = "",
        message_values: Mapping[str, Value] | None = None,
    ) -> None:
        """Note how a source stands. until: when it is asked again. message: an error's code with its values."""
        with self._database.session() as session:
            row = session.get(CrawlSourceRow, (crawl_id, source), with_for_update=True)
            if row is None:
                row = CrawlSourceRow(crawl_id=crawl_id, source=require_key(source, "source", SOURCE_LENGTH))
                session.add(row)
            row.light, row.until = light.value, until
            row.message, row.message_values = message, dict(message_values or {})

    def standings(self, crawl_id: str) -> tuple[SourceStanding, ...]:
        """Return how the sources of a crawl stand, in its order, with what each brought so far.

        Raises:
            NotFound: code "crawl.not_found".
        """
        sources = self.get(crawl_id).spec.sources
        with self._database.reading() as session:
            return crawl_counts.standings(session, crawl_id, sources)

    def yields(self, crawl_id: str) -> tuple[QueryYield, ...]:
        """Return what each query brought; a photo counts for the query that found it first."""
        with self._database.reading() as session:
            return crawl_counts.yields(session, crawl_id)

    def newest_kept(self, crawl_id: str, limit: int = 12) -> tuple[str, ...]:
        """Return the photos that a crawl kept and the library still holds, newest first."""
        with self._database.reading() as session:
            return crawl_counts.newest_kept(session, crawl_id, limit)

    def licences(self, crawl_id: str) -> dict[str, int]:
        """Return how many of the photos kept came under which licence; "" for none stated."""
        with self._database.reading() as session:
            return crawl_counts.licences(session, crawl_id)

    def kept(self, crawl_id: str) -> dict[tuple[str, str], int]:
        """Return how many photos were kept so far, by (source, place)."""
        with self._database.reading() as session:
            return crawl_counts.kept(session, crawl_id)


def _check(spec: CrawlSpec) -> None:
    if not spec.place_slugs or not spec.sources:
        raise InvalidInput("crawl.nothing")
    if spec.limit < 1:
        raise InvalidInput("crawl.limit")
    for slug in (*spec.place_slugs, *spec.queries):
        require_key(slug, "place", SLUG_LENGTH)
    for source in spec.sources:
        require_key(source, "source", SOURCE_LENGTH)
    if any(len(text) > LONGEST_QUERY for texts in spec.queries.values() for text in texts):
        raise InvalidInput("crawl.query_long", limit=LONGEST_QUERY)


def _new_query(crawl_id: str, key: str, place_slug: str, source: str, text: str) -> CrawlQueryRow:
    return CrawlQueryRow(
        crawl_id=crawl_id,
        query_key=key,
        place_slug=place_slug,
        source=source,
        query=text,
        cursor={},
        pages=0,
        stale_pages=0,
        finished=False,
    )
