"""What sources brought into the library: judged, stored, and settled in the crawl's rows, a few photos at a time.

One thread does this. The order makes a kill harmless: the photo's file, its thumbnail, its row with the first line of
its history, then the candidate's row, then the spool lets go. Cut off anywhere in between, the next attempt finds the
bytes in the spool or the photo in the library, and recognises by its history what it had brought itself.

Near-duplicates are looked for in the whole library. One of the same place is not kept: it would teach nothing and
flatter every score. One of another place is kept and says so: one of the two is filed wrongly, and review decides.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from time import monotonic
from urllib.parse import urlsplit

from core.crawl.belt import Belt, Brought, Reading
from core.crawl.fetch_photos import file_name, require_reach, require_size
from core.crawl.known import KnownPhotos
from core.crawl.spool import Fetched, Spool
from core.crawl.tools import CrawlTools
from core.dataset.keep import is_placed, keep_photos
from core.dataset.prepare import PreparedPhoto, Provenance, prepare_photo
from core.dataset.sniff import EXTENSIONS, kind_of
from core.db.crawls import FoundCandidate, Settled
from core.domain.crawl import Candidate, CandidateState, Crawl
from core.domain.library import PhotoAction
from core.domain.photo import PhotoStatus
from core.domain.place import Place
from core.errors import PhotoRefused

AT_ONCE = 32  # rows to a transaction; what has no row yet lies in the spool
SOON_S = 0.4  # rows wait no longer than this
LOOK_AGAIN_S = 1.0  # how often it is looked up what others brought meanwhile


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one that was brought; prepared: to be stored."""

    found: FoundCandidate
    settled: Settled
    prepared: PreparedPhoto | None = None


class Filing:
    """Files what one crawl brings; only `read` is called from several threads.

    saved: photos that this attempt has put into the library. counts: candidates that it has settled.
    """

    def __init__(self, crawl: Crawl, tools: CrawlTools, places: Mapping[str, Place], spool: Spool) -> None:
        self._crawl, self._tools, self._places, self._spool = crawl, tools, places, spool
        self._known = KnownPhotos(tools.crawls)
        self._actor = actor_of(crawl)
        self._waiting: list[Decision] = []
        self._written_at = self._looked_at = monotonic()
        self.counts: Counter[CandidateState] = Counter()
        self.saved = 0

    def begin(self) -> None:
        """Read what the library holds."""
        self._known.read()

    def read(self, found: FoundCandidate, fetched: Fetched) -> Reading:
        """Look at what was fetched; bytes that the library holds are not even decoded.

        Raises:
            PhotoRefused: no photo that is taken in, or not one that was asked for.
        """
        if fetched.code:
            raise PhotoRefused(fetched.code, **dict(fetched.values))
        sha256, kind = hashlib.sha256(fetched.content).hexdigest(), kind_of(fetched.content)
        if not self._known.claim(sha256) and kind in EXTENSIONS and is_placed(sha256, kind, self._tools.library):
            return Reading(sha256)
        candidate, spec = found.candidate, self._crawl.spec
        origin = provenance_of(candidate)
        photo = prepare_photo(fetched.content, file_name(candidate), found.place_slug, origin, PhotoStatus.NEW)
        require_size(photo.record.width_px, photo.record.height_px, spec.min_size_px)
        require_reach(photo.record.position, self._places[found.place_slug], spec.reach_m)
        return Reading(sha256, replace(photo, record=replace(photo.record, position=None)))

    def take(self, brought: Brought) -> None:
        """Judge one that was brought."""
        found = brought.found
        try:
            reading = brought.reading.result()
        except PhotoRefused as reason:
            settled = Settled(found.candidate_id, CandidateState.REFUSED, "", reason.code, reason.values)
            self._waiting.append(Decision(found, settled))
            return
        self._waiting.append(self._judge(found, reading))

    def is_due(self, is_awaited: bool) -> bool:
        """Whether it is time to write; is_awaited: a source cannot go on before it knows what was kept."""
        if is_awaited or len(self._waiting) >= AT_ONCE:
            return bool(self._waiting)
        return bool(self._waiting) and monotonic() - self._written_at > SOON_S

    def write(self, belt: Belt) -> None:
        """Store what waits, and settle it.

        Raises:
            StorageUnavailable, DatabaseUnavailable, NotFound: nothing is settled; call `run_crawl` again.
        """
        if not self._waiting:
            return
        prepared = [decision.prepared for decision in self._waiting if decision.prepared]
        added = (
            keep_photos(prepared, self._tools.library, PhotoAction.IMPORTED, self._actor) if prepared else frozenset()
        )
        self.saved += len(added)
        settled = self._settle(added)
        self._tools.crawls.settle(settled)
        self._spool.drop(decision.found.key for decision in self._waiting)
        for decision, one in zip(self._waiting, settled, strict=True):
            self.counts[one.state] += 1
            belt.settled((decision.found.candidate.source, decision.found.place_slug), one.state)
        self._waiting.clear()
        self._written_at = monotonic()
        if self._written_at - self._looked_at > LOOK_AGAIN_S:
            self._known.read()
            self._looked_at = self._written_at

    def _settle(self, added: frozenset[str]) -> list[Settled]:
        """Correct what was judged by what the library says: others may have been faster, or an attempt cut off here."""
        there = [d.settled.sha256 for d in self._waiting if d.settled.sha256 and d.settled.sha256 not in added]
        mine = set(self._tools.crawls.unclaimed(self._crawl.crawl_id, self._actor, there)) if there else set()
        new, settled = set(added), []
        for decision in self._waiting:
            one = decision.settled
            if one.sha256 in new or (one.sha256 in mine and _is_same_photo(one)):
                new.discard(one.sha256)
                mine.discard(one.sha256)
                one = replace(one, state=CandidateState.KEPT)
            elif one.state is CandidateState.KEPT:
                one = self._as_known(decision.found, one.sha256).settled
            settled.append(one)
        return settled

    def _judge(self, found: FoundCandidate, reading: Reading) -> Decision:
        if reading.prepared is None or self._known.is_listed(reading.sha256):
            return replace(self._as_known(found, reading.sha256), prepared=reading.prepared)
        look = reading.prepared.record.perceptual_hash
        twin = self._known.alike_here(look, found.place_slug)
        if twin is not None:
            values = {"photo": twin[:12]}
            near = Settled(found.candidate_id, CandidateState.KNOWN, twin, "crawl.near_duplicate", values)
            return Decision(found, near)
        kept = Settled(found.candidate_id, CandidateState.KEPT, reading.sha256)
        elsewhere = self._known.alike_anywhere(look)
        if elsewhere is not None:
            values = {"photo": elsewhere[:12], "place": self._known.place_of(elsewhere) or "unsorted"}
            kept = replace(kept, reason="crawl.alike_elsewhere", values=values)
        self._known.add(reading.sha256, look, found.place_slug)
        return Decision(found, kept, reading.prepared)

    def _as_known(self, found: FoundCandidate, sha256: str) -> Decision:
        """Say that the library has the photo, and where, if that is elsewhere."""
        known = Settled(found.candidate_id, CandidateState.KNOWN, sha256)
        place_slug = self._known.place_of(sha256)
        if self._known.is_listed(sha256) and place_slug != found.place_slug:
            values = {"photo": sha256[:12], "place": place_slug or "unsorted"}
            known = replace(known, reason="crawl.known_elsewhere", values=values)
        return Decision(found, known)


def _is_same_photo(settled: Settled) -> bool:
    """Whether the photo named is the candidate's own, and not one that it resembles."""
    return settled.reason != "crawl.near_duplicate"


def actor_of(crawl: Crawl) -> str:
    """Return who is named in the history of photos that a crawl brings."""
    return f"crawl {crawl.crawl_id}"


def provenance_of(candidate: Candidate) -> Provenance:
    """Return where a photo comes from; without a page of its own, its address is all that is known.

    A source's front page is none: photos of one page are one group, which no split tears apart.
    """
    page = urlsplit(candidate.page_url)
    return Provenance(
        source=candidate.source,
        page_url=candidate.page_url if page.path.strip("/") or page.query else candidate.image_url,
        author=candidate.author,
        licence=candidate.licence,
        keep_position=True,
    )
