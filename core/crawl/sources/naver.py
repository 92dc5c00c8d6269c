"""What both doors to Naver's image search have in common: parameters, paging and the answer.

`naver_api` (Open API) and `naver_hub` (API HUB) call this; only address and key headers differ. Sizes are texts, titles
hold `<b>` and entities, and there is neither a page nor an author nor a licence: all that is known is the address.
Source: naver/naver-openapi-guide `ko/docs/service-apis/search/image.md`, `ko/errorcode.md`.
"""

from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.reading import (
    Json,
    collect,
    count_of,
    from_cursor,
    objects_at,
    one_line,
    plain_text,
    read_object,
    search_text,
    side_of,
    text_of,
    web_address,
)
from core.crawl.sources.refusals import KOREA, busy, check_status, check_wall, layout, refused, spent_today, wrong_key
from core.domain.crawl import Candidate
from core.errors import SourceFailed
from core.network.message import Response

PAGE_SIZE = 100
LAST_START = 1000  # `start` goes no further, so 1,099 results at most, whatever `total` says
DAILY_QUOTA = 25_000  # of one client, shared by all its searches
LARGE_PX = 1000  # from here on only `large` is asked for
QUERY_ERRORS = frozenset({"SE01", "SE02", "SE03", "SE04", "SE06"})
# Three digits beginning with 0 are the Open API's, the others those of the gateway before API HUB.
KEY_ERRORS = frozenset({"024", "200", "210"})
QUOTA_ERRORS = frozenset({"010", "400"})
PACE_ERRORS = frozenset({"012", "410", "420"})  # too many in a second, not in a day


def search_params(query: SourceQuery, info: SourceInfo) -> dict[str, str]:
    """Return the parameters of a search."""
    return {
        "query": search_text(query, info),
        "display": str(PAGE_SIZE),
        "start": str(min(from_cursor(query, "start", 1), LAST_START)),
        "sort": "sim",
        "filter": "large" if query.min_size_px >= LARGE_PX else "all",
    }


def parse_search(response: Response, query: SourceQuery, info: SourceInfo) -> SourcePage:
    """Return the candidates of a page.

    Raises:
        SourceKeyError, SourceQuotaSpent, SourceBlocked, SourceLayoutError, SourceFailed: see `Source`.
    """
    check_wall(response, info)
    if response.status != 200:
        _raise_error(response, info)
    answer = read_object(response, info)
    if "items" not in answer and ("errorCode" in answer or "error" in answer):
        _raise_error(response, info)
    start = from_cursor(query, "start", 1)
    total = count_of(answer, "total")
    items = objects_at(answer, "items", info)

    def candidate(item: Json, index: int) -> Candidate:
        return Candidate(
            source=info.name,
            image_url=web_address(item.get("link"), response.url),
            query=one_line(query.text),
            thumb_url=web_address(item.get("thumbnail"), response.url),
            title=plain_text(text_of(item, "title")),
            width_px=side_of(item, "sizewidth"),
            height_px=side_of(item, "sizeheight"),
            rank=start - 1 + index,
        )

    if total is None:
        raise layout(info, "total")
    return SourcePage(collect(items, candidate, info, "link"), _next_cursor(start, len(items), total), total)


def _next_cursor(start: int, count: int, total: int) -> dict[str, str] | None:
    """Return where the next page starts; the last one may repeat some results to reach the end."""
    following = min(start + PAGE_SIZE, LAST_START)
    return {"start": str(following)} if count and start < following <= total else None


def _raise_error(response: Response, info: SourceInfo) -> None:
    """Raise what an answer of the Open API, or of the gateway before API HUB, says."""
    code, message = _error_of(response, info)
    if code in KEY_ERRORS:
        raise wrong_key(info)
    if code in PACE_ERRORS:
        raise busy(info, response)
    if response.status == 429 or code in QUOTA_ERRORS:
        raise spent_today(info, response, KOREA)
    if code in QUERY_ERRORS:
        raise refused(info, f"{code} {message}")
    check_status(response, info)
    raise refused(info, f"{code} {message}")


def _error_of(response: Response, info: SourceInfo) -> tuple[str, str]:
    """Return code and message of an error; empty ones where the body holds none."""
    try:
        answer = read_object(response, info)
    except SourceFailed:
        if response.status == 200:
            raise
        return "", ""
    inner = answer.get("error")
    said: Json = inner if isinstance(inner, dict) else answer
    return text_of(said, "errorCode"), text_of(said, "errorMessage") or text_of(said, "message")
