"""Naver's image search through its Open API, for keys of the developers' centre.

Offers: what Naver finds in blogs, news and cafés; 1,099 results a query at most. Terms: results are for display; a
photo's own licence is never stated, so such photos serve training here and are never passed on. No new keys are given
since 31 July 2026, and old ones end on 30 June 2027: `naver_hub` is what follows. Pace: a limit per second exists, its
number is not published; ten a second are known to be too many.
Source: naver/naver-openapi-guide `ko/docs/service-apis/search/image.md`.
"""

from core.crawl.keys import need_keys
from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.naver import DAILY_QUOTA, LAST_START, PAGE_SIZE, parse_search, search_params
from core.crawl.sources.reading import address
from core.network.message import Request, Response

INFO = SourceInfo(
    name="naver-api",
    title="Naver (Open API)",
    home_url="https://search.naver.com",
    terms_url="https://developers.naver.com/products/terms",
    pace_s=0.5,
    page_size=PAGE_SIZE,
    most_results=LAST_START + PAGE_SIZE - 1,
    key_settings=("naver_client_id", "naver_client_secret"),
    key_page="https://developers.naver.com/apps",
    hosts=("openapi.naver.com",),
    daily_quota=DAILY_QUOTA,
)


def build_request(query: SourceQuery) -> Request:
    """Return the request for a page of results.

    Raises:
        SourceKeyError: a key is missing. SourceFailed: there is nothing to search for.
    """
    client_id, client_secret = need_keys(INFO, query)
    return Request(
        address(query, "https://openapi.naver.com", "/v1/search/image.json"),
        params=search_params(query, INFO),
        headers={"X-Naver-Client-Id": client_id, "X-Naver-Client-Secret": client_secret},
        secret=frozenset({"X-Naver-Client-Id", "X-Naver-Client-Secret"}),
        source=INFO.name,
        explains_429=True,
    )


def parse_response(response: Response, query: SourceQuery) -> SourcePage:
    """Return the candidates of a page; see `naver.parse_search` for what it raises."""
    return parse_search(response, query, INFO)
