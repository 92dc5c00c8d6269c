"""A crawl whose rows stand as if it had run: photos of scenes that it kept, others that it knew or refused, lights."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from core.dataset.library import Library
from core.db.crawls import CrawlRepository, Settled
from core.domain.crawl import Candidate, CandidateState, Crawl, CrawlSpec
from core.domain.photo import PhotoRecord, PhotoStatus
from tests.support.scenes import PLACE_KINDS, scene_bytes

SIZE = (320, 240)


@dataclass(frozen=True)
class Brought:
    """What one query brought. kept: author and licence of each photo. refused: photos by the code of the reason."""

    source: str
    place_slug: str
    query: str
    kept: Sequence[tuple[str, str]] = ()
    known: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0


def write_crawl(crawls: CrawlRepository, library: Library, spec: CrawlSpec, brought: Sequence[Brought]) -> Crawl:
    """Write a crawl with what its queries brought."""
    crawl = crawls.create(spec)
    crawls.open_queries(crawl.crawl_id, [(one.place_slug, one.source, one.query) for one in brought])
    by_text = {(query.place_slug, query.source, query.text): query for query in crawls.queries(crawl.crawl_id)}
    for number, one in enumerate(brought):
        states = _states(one, library, number)
        candidates = [_candidate(one, number, place) for place in range(len(states) + one.waiting)]
        crawls.add_candidates(by_text[one.place_slug, one.source, one.query], candidates, None)
        found = crawls.next_candidates(crawl.crawl_id, one.source, one.place_slug)
        mine = {candidate.key for candidate in candidates}
        rows = [row.candidate_id for row in found if row.key in mine]
        crawls.settle(
            [Settled(row, state, sha256, reason) for row, (state, sha256, reason) in zip(rows, states, strict=False)]
        )
    return crawl


def _states(one: Brought, library: Library, number: int) -> list[tuple[CandidateState, str, str]]:
    kept = [
        (CandidateState.KEPT, _photo(library, one, number * 100 + place, *terms), "")
        for place, terms in enumerate(one.kept)
    ]
    known = [(CandidateState.KNOWN, "", "")] * one.known
    refused = [(CandidateState.REFUSED, "", code) for code, count in one.refused.items() for _ in range(count)]
    return [*kept, *known, *refused]


def _candidate(one: Brought, number: int, place: int) -> Candidate:
    author, licence = one.kept[place] if place < len(one.kept) else ("", "")
    address = f"http://img.example/{number}/{place}.jpg"
    return Candidate(one.source, address, one.query, f"{number}-{place}", author=author, licence=licence, rank=place)


def _photo(library: Library, one: Brought, seed: int, author: str, licence: str) -> str:
    content = scene_bytes(PLACE_KINDS[seed % len(PLACE_KINDS)], seed, size=SIZE)
    sha256 = hashlib.sha256(content).hexdigest()
    library.store.put(content, sha256, "jpg")
    facts = {"format": "JPEG", "width_px": SIZE[0], "height_px": SIZE[1], "size_bytes": len(content)}
    origin = {"source": one.source, "author": author, "licence": licence, "created_at": datetime.now(UTC)}
    record = PhotoRecord(
        sha256=sha256, place_slug=one.place_slug, status=PhotoStatus.NEW, perceptual_hash="", **facts, **origin
    )
    assert library.photos.add(record)
    return sha256
