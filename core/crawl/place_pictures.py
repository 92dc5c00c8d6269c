"""Finds a freely licensed photo that can stand for a place, with its author and licence.

Called by `places fetch-pictures`. Asked are the sources that need no key and state a licence with every photo:
Wikimedia Commons by name, then around the place, then Openverse. A photo whose title names the place comes before one
that does not; nothing is stored here.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from core.crawl.queries import suggest_queries
from core.crawl.source import SourceQuery
from core.crawl.sources import commons_near, commons_search, openverse
from core.crawl.tools import CrawlTools
from core.dataset.ingest import read_photo
from core.dataset.licences import is_free
from core.domain.crawl import Candidate
from core.domain.photo import PhotoStatus
from core.domain.place import Place
from core.errors import EodiError, NetworkFailed, NotFound, PhotoRefused, SourceFailed
from core.network.message import Request

LEAST_WIDTH_PX, LEAST_HEIGHT_PX = 960, 540  # a picture across the page on a screen of twice the density
FLATTEST, STEEPEST = 2.4, 1.2  # width to height: neither a panorama nor nearly square
REACH_M = 5000.0  # a photo whose own position is farther off shows something else
TRIES = 6  # photos that are fetched and looked at, for one place
NAMES = 2  # of the suggested queries: the names alone, in Korean and English


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """A photo that can stand for a place. content: its bytes, as they will be kept."""

    candidate: Candidate
    content: bytes
    width_px: int
    height_px: int

    @property
    def sha256(self) -> str:
        """The hash under which the library keeps it."""
        return hashlib.sha256(self.content).hexdigest()


def find_picture(place: Place, tools: CrawlTools) -> FoundPicture:
    """Return the best photo that is free, wide, large and taken near the place, fetched and decoded once.

    Raises:
        NotFound: code "place.no_picture"; there is none.
        SourceFailed, NetworkFailed: no source answers.
    """
    search = _Search(place, tools)
    for count, candidate in enumerate(search.candidates()):
        if count >= TRIES:
            break
        try:
            found = _fetched(candidate, tools)
            if not _is_ruled_out(found.sha256, place, tools):
                return found
        except (PhotoRefused, NetworkFailed):
            continue  # a dead link, or no photo: the next one
    if search.failure is not None and not search.answers:
        raise search.failure
    raise NotFound("place.no_picture", place=place.slug)


class _Search:
    """The questions about one place, asked one after another as long as no photo was good enough.

    answers: pages of results. failure: why the last question that failed had none.
    """

    def __init__(self, place: Place, tools: CrawlTools) -> None:
        self._place, self._tools = place, tools
        self._names = [_bare(name) for name in (place.name.ko, place.name.en) if _bare(name)]
        self.answers = 0
        self.failure: EodiError | None = None

    def candidates(self) -> Iterator[Candidate]:
        """Give photos that may do, each once: those whose titles name the place, then the others."""
        seen: set[str] = set()
        others: list[Candidate] = []
        for source, text in self._questions():
            fitting = [c for c in self._ask(source, text) if _may_do(c, self._place) and c.image_url not in seen]
            seen.update(candidate.image_url for candidate in fitting)
            yield from (candidate for candidate in fitting if self._is_named(candidate))
            others += (candidate for candidate in fitting if not self._is_named(candidate))
        yield from others

    def _questions(self) -> Iterator[tuple[str, str]]:
        texts = suggest_queries(self._place)[:NAMES]
        yield from ((commons_search.INFO.name, text) for text in texts)
        yield commons_near.INFO.name, self._place.slug  # answers nothing where the place has no position
        yield from ((openverse.INFO.name, text) for text in texts)

    def _ask(self, name: str, text: str) -> tuple[Candidate, ...]:
        """Return the first page of results; none where the source fails, which is remembered."""
        source = self._tools.source(name)
        query = SourceQuery(
            text,
            position=self._place.position,
            min_size_px=LEAST_HEIGHT_PX + 1,
            free_only=True,
            base_url=self._tools.base_urls.get(name, ""),
        )
        try:
            page = source.parse_response(self._tools.fetcher.send(source.build_request(query)), query)
        except (SourceFailed, NetworkFailed) as error:
            self.failure = error
            return ()
        self.answers += 1
        return page.candidates

    def _is_named(self, candidate: Candidate) -> bool:
        return any(name in _bare(candidate.title) for name in self._names)


def _may_do(candidate: Candidate, place: Place) -> bool:
    """Whether a candidate can stand for the place by what its source says of it."""
    if not candidate.author or not is_free(candidate.licence):
        return False
    if candidate.position and place.position and candidate.position.distance_m(place.position) > REACH_M:
        return False
    known = candidate.width_px is not None and candidate.height_px is not None
    return not known or _fits(candidate.width_px or 0, candidate.height_px or 0)


def _fits(width_px: int, height_px: int) -> bool:
    if width_px < LEAST_WIDTH_PX or height_px < LEAST_HEIGHT_PX:
        return False
    return STEEPEST <= width_px / height_px <= FLATTEST


def _fetched(candidate: Candidate, tools: CrawlTools) -> FoundPicture:
    """Fetch a photo and look at its real size.

    Raises:
        PhotoRefused: it is no photo, or smaller or narrower than its source says.
        NetworkFailed: it could not be fetched.
    """
    response = tools.fetcher.send(Request(candidate.image_url))
    if response.status != 200:
        raise NetworkFailed
    photo = read_photo(response.content, need_px=LEAST_HEIGHT_PX)
    if not _fits(photo.width_px, photo.height_px):
        size = {"width_px": photo.width_px, "height_px": photo.height_px}
        raise PhotoRefused("photo.too_small", **size, limit_px=LEAST_HEIGHT_PX)
    return FoundPicture(candidate, response.content, photo.width_px, photo.height_px)


def _is_ruled_out(sha256: str, place: Place, tools: CrawlTools) -> bool:
    """Whether the library has the photo and says otherwise: rejected, of another place, or on other terms."""
    known = tools.library.photos.get_many((sha256,))
    fine = (PhotoStatus.NEW, PhotoStatus.ACCEPTED)
    return any(r.status not in fine or r.place_slug != place.slug or not is_free(r.licence) for r in known)


def _bare(text: str) -> str:
    """Return a name without spaces, hyphens and case: titles write 천지연 폭포 and 천지연폭포."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())
