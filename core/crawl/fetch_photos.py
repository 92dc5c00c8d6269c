"""One candidate to its bytes: what can be refused unseen is, what was fetched before is not fetched again."""

from urllib.parse import unquote, urlsplit

from core.crawl.belt import Belt
from core.crawl.spool import Fetched, Spool
from core.crawl.tools import Sender
from core.dataset.licences import is_free
from core.domain.crawl import Candidate, CrawlSpec
from core.domain.place import Place, Position
from core.errors import MustWait, NetworkFailed, PhotoRefused
from core.network.message import Request

PHOTO_BYTES = 20 * 2**20  # as `core/dataset/ingest` takes in
LONGEST_NAME = 200
SILENCE = frozenset(
    {"network.no_answer", "network.name", "network.robots_unread"}
)  # the host's fault, or our own connection's


def fetch_photo(candidate: Candidate, key: str, fetcher: Sender, spool: Spool, belt: Belt) -> Fetched:
    """Return a photo's bytes or why there are none, and note it in the spool.

    Raises:
        MustWait: the host asked for a pause; nothing is noted.
        NetworkFailed: one of `SILENCE`: nobody answered; nothing is noted.
        JobStopped: asked to stop; nothing is noted.
        StorageUnavailable: it could not be noted.
    """
    fetched = _fetch(candidate, fetcher, belt)
    spool.put(key, fetched)
    return fetched


def _fetch(candidate: Candidate, fetcher: Sender, belt: Belt) -> Fetched:
    try:
        response = fetcher.send(Request(candidate.image_url, max_bytes=PHOTO_BYTES), belt.stopping)
    except MustWait:
        raise
    except NetworkFailed as error:
        if error.code in SILENCE:
            raise
        return Fetched.refused(error)
    if response.status != 200:
        return Fetched.refused(PhotoRefused("crawl.status", status=response.status))
    if not response.content:
        return Fetched.refused(PhotoRefused("photo.empty"))
    return Fetched(response.content)


def refuse_unseen(candidate: Candidate, place: Place, spec: CrawlSpec) -> None:
    """Refuse by what the source says of a photo, which costs no request.

    Raises:
        PhotoRefused: too small, too far, or not under a free licence where that is asked for.
    """
    if spec.free_only and not is_free(candidate.licence):
        raise PhotoRefused("crawl.licence", licence=candidate.licence[:80] or "-")
    if candidate.width_px and candidate.height_px:
        require_size(candidate.width_px, candidate.height_px, spec.min_size_px)
    require_reach(candidate.position, place, spec.reach_m)


def require_size(width_px: int, height_px: int, limit_px: int) -> None:
    """Refuse a photo whose shorter side is below the limit.

    Raises:
        PhotoRefused: code "photo.too_small".
    """
    if min(width_px, height_px) < limit_px:
        raise PhotoRefused("photo.too_small", width_px=width_px, height_px=height_px, limit_px=limit_px)


def require_reach(position: Position | None, place: Place, reach_m: float) -> None:
    """Refuse a photo that says that it was taken elsewhere; one that says nothing passes.

    Raises:
        PhotoRefused: code "crawl.far".
    """
    if position is None or place.position is None:
        return
    distance_m = position.distance_m(place.position)
    if distance_m > reach_m:
        raise PhotoRefused("crawl.far", distance_km=round(distance_m / 1000, 1), limit_km=round(reach_m / 1000, 1))


def file_name(candidate: Candidate) -> str:
    """Return what the photo's file is called at its address."""
    return unquote(urlsplit(candidate.image_url).path, errors="replace").rstrip("/").rsplit("/", 1)[-1][-LONGEST_NAME:]
