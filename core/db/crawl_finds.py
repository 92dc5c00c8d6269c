"""What a crawl asks of rows in bulk: which candidates are new, which were fetched before, what is in the library.

Called by `crawls`, each function within a session of its caller.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.db.crawl_rows import CrawlCandidateRow, CrawlQuery, candidate_document, tidy
from core.db.photo_rows import KEYS_AT_ONCE, in_batches
from core.db.places import UNKNOWN
from core.db.tables import PhotoEventRow, PhotoRow
from core.domain.crawl import Candidate, CandidateState
from core.domain.library import PhotoAction

PAGE = 2_000  # photos read at a time where all are
BROUGHT = (CandidateState.KEPT.value, CandidateState.KNOWN.value)
Look = tuple[str, str, str | None]


def new_rows(session: Session, query: CrawlQuery, candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    """Return the rows of those that this crawl was not offered for this place before, each once, in their order."""
    by_key = {candidate.key: candidate for candidate in reversed(candidates)}
    ordered = list(dict.fromkeys(candidate.key for candidate in candidates))
    standing: set[str] = set()
    for start in range(0, len(ordered), KEYS_AT_ONCE):
        found = select(CrawlCandidateRow.candidate_key).where(
            CrawlCandidateRow.crawl_id == query.crawl_id,
            CrawlCandidateRow.place_slug == query.place_slug,
            CrawlCandidateRow.candidate_key.in_(ordered[start : start + KEYS_AT_ONCE]),
        )
        standing.update(session.scalars(found))
    return [_row(query, key, by_key[key]) for key in ordered if key not in standing]


def _row(query: CrawlQuery, key: str, candidate: Candidate) -> dict[str, Any]:
    return {
        "crawl_id": query.crawl_id,
        "query_id": query.query_id,
        "place_slug": query.place_slug,
        "source": query.source,
        "candidate_key": key,
        "state": CandidateState.FOUND.value,
        "reason": "",
        "reason_values": {},
        "photo_sha256": "",
        "licence": tidy(candidate.licence),
        "candidate": candidate_document(candidate),
        "settled_at": None,
    }


def fetched_before(session: Session, keys: Sequence[str]) -> dict[str, str]:
    """Return, by candidate key, the photo that any crawl has got from it and the library still holds."""
    photos = select(CrawlCandidateRow.candidate_key, CrawlCandidateRow.photo_sha256).join(
        PhotoRow, PhotoRow.sha256 == CrawlCandidateRow.photo_sha256
    )
    found: dict[str, str] = {}
    for some in in_batches(keys):
        query = photos.where(CrawlCandidateRow.candidate_key.in_(some), CrawlCandidateRow.state.in_(BROUGHT))
        found.update((key, sha256) for key, sha256 in session.execute(query))
    return found


def brought_by(session: Session, actor: str, sha256s: Sequence[str]) -> frozenset[str]:
    """Return which of these photos came into the library by `actor`."""
    lines = select(PhotoEventRow.photo_sha256, PhotoEventRow.actor)
    imported = PhotoEventRow.action == PhotoAction.IMPORTED.value
    found: set[str] = set()
    for some in in_batches(sha256s):
        rows = session.execute(lines.where(PhotoEventRow.photo_sha256.in_(some), imported))
        found.update(sha256 for sha256, who in rows if who == actor)
    return frozenset(found)


def kept_photos(session: Session, crawl_id: str, sha256s: Iterable[str]) -> frozenset[str]:
    """Return which of these photos are settled as kept in this crawl."""
    found: set[str] = set()
    for some in in_batches(sha256s):
        query = select(CrawlCandidateRow.photo_sha256).where(
            CrawlCandidateRow.crawl_id == crawl_id,
            CrawlCandidateRow.state == CandidateState.KEPT.value,
            CrawlCandidateRow.photo_sha256.in_(some),
        )
        found.update(session.scalars(query))
    return frozenset(found)


def looks(session: Session, since: datetime | None, after: str) -> list[Look]:
    """Return a page of (sha256, perceptual hash, place), by sha256 above `after`; since: of those that came after."""
    query = select(PhotoRow.sha256, PhotoRow.perceptual_hash, PhotoRow.place_slug, PhotoRow.is_unknown)
    if since is not None:
        query = query.where(PhotoRow.created_at >= since)
    page = session.execute(query.where(PhotoRow.sha256 > after).order_by(PhotoRow.sha256).limit(PAGE))
    return [(sha256, look, UNKNOWN if is_unknown else slug) for sha256, look, slug, is_unknown in page]
