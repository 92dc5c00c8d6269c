"""What is counted from the rows of a crawl: how its sources stand, what its queries brought. Called by `crawls`."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from core.db.crawl_rows import CrawlCandidateRow, CrawlQueryRow, CrawlSourceRow
from core.db.tables import PhotoRow
from core.domain.crawl import CandidateState, QueryYield, SourceLight, SourceStanding

KEPT, KNOWN, REFUSED = CandidateState.KEPT.value, CandidateState.KNOWN.value, CandidateState.REFUSED.value


def standings(session: Session, crawl_id: str, sources: Sequence[str]) -> tuple[SourceStanding, ...]:
    """Return how the named sources stand."""
    columns = (CrawlCandidateRow.source, CrawlCandidateRow.state, CrawlCandidateRow.reason)
    counted = select(*columns, func.count()).where(CrawlCandidateRow.crawl_id == crawl_id).group_by(*columns)
    states: Counter[tuple[str, str]] = Counter()
    refused: dict[str, Counter[str]] = {source: Counter() for source in sources}
    for source, state, reason, count in session.execute(counted):
        states[source, state] += count
        if state == REFUSED:
            refused.setdefault(source, Counter())[reason] += count
    pages = select(CrawlQueryRow.source, func.sum(CrawlQueryRow.pages)).where(CrawlQueryRow.crawl_id == crawl_id)
    requests = {source: int(count) for source, count in session.execute(pages.group_by(CrawlQueryRow.source))}
    rows = session.scalars(select(CrawlSourceRow).where(CrawlSourceRow.crawl_id == crawl_id))
    lights = {row.source: row for row in rows}
    return tuple(
        SourceStanding(
            source=source,
            found=sum(states[source, state.value] for state in CandidateState),
            kept=states[source, KEPT],
            known=states[source, KNOWN],
            refused=dict(refused[source]),
            requests=requests.get(source, 0),
            **_light(lights.get(source)),
        )
        for source in sources
    )


def _light(row: CrawlSourceRow | None) -> dict[str, Any]:
    if row is None:
        return {"light": SourceLight.IDLE}
    values = {"until": row.until, "message": row.message, "message_values": dict(row.message_values)}
    return {"light": SourceLight(row.light), **values}


def yields(session: Session, crawl_id: str) -> tuple[QueryYield, ...]:
    """Return what each query brought, in the order in which they were noted."""
    states: Counter[tuple[int, str]] = Counter()
    columns = (CrawlCandidateRow.query_id, CrawlCandidateRow.state)
    counted = select(*columns, func.count()).where(CrawlCandidateRow.crawl_id == crawl_id).group_by(*columns)
    for query_id, state, count in session.execute(counted):
        states[query_id, state] = count
    queries = select(CrawlQueryRow).where(CrawlQueryRow.crawl_id == crawl_id).order_by(CrawlQueryRow.query_id)
    return tuple(
        QueryYield(
            source=row.source,
            place_slug=row.place_slug,
            query=row.query,
            found=sum(states[row.query_id, state.value] for state in CandidateState),
            kept=states[row.query_id, KEPT],
            known=states[row.query_id, KNOWN],
            refused=states[row.query_id, REFUSED],
        )
        for row in session.scalars(queries)
    )


def newest_kept(session: Session, crawl_id: str, limit: int) -> tuple[str, ...]:
    """Return the photos kept last that the library still holds."""
    query = (
        select(CrawlCandidateRow.photo_sha256)
        .join(PhotoRow, PhotoRow.sha256 == CrawlCandidateRow.photo_sha256)
        .where(*_kept(crawl_id))
        .order_by(CrawlCandidateRow.settled_at.desc(), CrawlCandidateRow.candidate_id.desc())
    )
    return tuple(session.scalars(query.limit(limit)))


def licences(session: Session, crawl_id: str) -> dict[str, int]:
    """Return how many photos were kept under which licence, the most frequent first."""
    counted = select(CrawlCandidateRow.licence, func.count()).where(*_kept(crawl_id))
    rows = [(licence, count) for licence, count in session.execute(counted.group_by(CrawlCandidateRow.licence))]
    return dict(sorted(rows, key=lambda row: (-row[1], row[0])))


def kept(session: Session, crawl_id: str) -> dict[tuple[str, str], int]:
    """Return how many photos were kept, by (source, place)."""
    columns = (CrawlCandidateRow.source, CrawlCandidateRow.place_slug)
    rows = session.execute(select(*columns, func.count()).where(*_kept(crawl_id)).group_by(*columns))
    return {(source, place_slug): count for source, place_slug, count in rows}


def _kept(crawl_id: str) -> tuple[ColumnElement[bool], ...]:
    return CrawlCandidateRow.crawl_id == crawl_id, CrawlCandidateRow.state == KEPT
