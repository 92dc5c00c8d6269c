"""Daum's image search through Kakao's API.

Offers: blogs, cafés and news of Daum and others, with the page of each photo; 50 pages of 80 at most. Terms: results
are for display; no licence of a photo is stated. Pace: none published; 30,000 requests a day for images.
Source: developers.kakao.com, "Daum Search: image", "Quota", "Error codes".
"""

from core.crawl.keys import need_keys
from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.reading import (
    Json,
    address,
    collect,
    count_of,
    from_cursor,
    object_at,
    objects_at,
    one_line,
    plain_text,
    read_object,
    search_text,
    side_of,
    text_of,
    web_address,
)
from core.crawl.sources.refusals import KOREA, check_status, check_wall, layout, refused, spent_today, wrong_key
from core.domain.crawl import Candidate
from core.errors import SourceFailed
from core.network.message import Request, Response

PAGE_SIZE = 80
LAST_PAGE = 50
QUOTA_CODE = "-10"  # comes with 400, not with 429
KEY_CODES = frozenset({"-401", "-3", "-5"})  # not accepted; the search is not switched on; not permitted

INFO = SourceInfo(
    name="kakao",
    title="Kakao (Daum)",
    home_url="https://search.daum.net",
    terms_url="https://developers.kakao.com/terms/latest/ko/site-terms",
    pace_s=0.5,
    page_size=PAGE_SIZE,
    most_results=PAGE_SIZE * LAST_PAGE,
    key_settings=("kakao_key",),
    key_page="https://developers.kakao.com/console/app",
    hosts=("dapi.kakao.com",),
    daily_quota=30_000,
)


def build_request(query: SourceQuery) -> Request:
    """Return the request for a page of results.

    Raises:
        SourceKeyError: the key is missing. SourceFailed: there is nothing to search for.
    """
    (key,) = need_keys(INFO, query)
    return Request(
        address(query, "https://dapi.kakao.com", "/v2/search/image"),
        params={
            "query": search_text(query, INFO),
            "sort": "accuracy",
            "page": str(min(from_cursor(query, "page", 1), LAST_PAGE)),
            "size": str(PAGE_SIZE),
        },
        headers={"Authorization": f"KakaoAK {key}"},
        secret=frozenset({"Authorization"}),
        source=INFO.name,
        explains_429=True,
    )


def parse_response(response: Response, query: SourceQuery) -> SourcePage:
    """Return the candidates of a page.

    Raises:
        SourceKeyError, SourceQuotaSpent, SourceBlocked, SourceLayoutError, SourceFailed: see `Source`.
    """
    check_wall(response, INFO)
    if response.status != 200:
        _raise_error(response)
    answer = read_object(response, INFO)
    meta = object_at(answer, "meta", INFO)
    documents = objects_at(answer, "documents", INFO)
    is_end = meta.get("is_end")
    if not isinstance(is_end, bool):
        raise layout(INFO, "meta.is_end")
    page = from_cursor(query, "page", 1)

    def candidate(item: Json, index: int) -> Candidate:
        return Candidate(
            source=INFO.name,
            image_url=web_address(item.get("image_url"), response.url),
            query=one_line(query.text),
            page_url=web_address(item.get("doc_url"), response.url),
            thumb_url=web_address(item.get("thumbnail_url"), response.url),
            title=plain_text(text_of(item, "display_sitename")),
            width_px=side_of(item, "width"),
            height_px=side_of(item, "height"),
            rank=(page - 1) * PAGE_SIZE + index,
        )

    # Past what can be paged, `documents` may be empty while `is_end` is still false.
    more = not is_end and documents and page < LAST_PAGE
    found = collect(documents, candidate, INFO, "image_url")
    return SourcePage(found, {"page": str(page + 1)} if more else None, count_of(meta, "pageable_count"))


def _raise_error(response: Response) -> None:
    try:
        answer = read_object(response, INFO)
    except SourceFailed:
        answer = {}
    code, said = text_of(answer, "code"), text_of(answer, "msg") or text_of(answer, "message")
    if code == QUOTA_CODE or response.status == 429:
        raise spent_today(INFO, response, KOREA)
    if code in KEY_CODES or text_of(answer, "errorType") == "AccessDeniedError":
        raise wrong_key(INFO)
    if said and response.status == 400:
        raise refused(INFO, f"{code} {said}")
    check_status(response, INFO)
    raise refused(INFO, f"HTTP {response.status}")
