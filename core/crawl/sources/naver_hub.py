"""Naver's image search through NAVER API HUB, where the Open API's searches have moved.

Offers: the same results and the same parameters as `naver_api`, 25,000 requests a day. Terms: free for now, announced
before that changes; no licence of a photo is stated. Pace: as for the Open API.
Source: api.ncloud-docs.com/docs/en/naver-api-hub-search-image.
"""

from core.crawl.keys import need_keys
from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.naver import DAILY_QUOTA, LAST_START, PAGE_SIZE, parse_search, search_params
from core.crawl.sources.reading import address
from core.network.message import Request, Response

INFO = SourceInfo(
    name="naver-hub",
    title="Naver (API HUB)",
    home_url="https://search.naver.com",
    terms_url="https://www.ncloud.com/policy/terms/svc",
    pace_s=0.5,
    page_size=PAGE_SIZE,
    most_results=LAST_START + PAGE_SIZE - 1,
    key_settings=("naver_api_hub_key_id", "naver_api_hub_key"),
    key_page="https://guide.ncloud-docs.com/docs/apihub-migration",
    hosts=("naverapihub.apigw.ntruss.com",),
    daily_quota=DAILY_QUOTA,
)


def build_request(query: SourceQuery) -> Request:
    """Return the request for a page of results.

    Raises:
        SourceKeyError: a key is missing. SourceFailed: there is nothing to search for.
    """
    key_id, key = need_keys(INFO, query)
    return Request(
        address(query, "https://naverapihub.apigw.ntruss.com", "/search/v1/image"),
        params={**search_params(query, INFO), "format": "json"},
        headers={"X-NCP-APIGW-API-KEY-ID": key_id, "X-NCP-APIGW-API-KEY": key},
        secret=frozenset({"X-NCP-APIGW-API-KEY-ID", "X-NCP-APIGW-API-KEY"}),
        source=INFO.name,
        explains_429=True,
    )


def parse_response(response: Response, query: SourceQuery) -> SourcePage:
    """Return the candidates of a page; see `naver.parse_search` for what it raises."""
    return parse_search(response, query, INFO)
