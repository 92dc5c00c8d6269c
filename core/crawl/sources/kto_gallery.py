"""The photo gallery of the Korea Tourism Organization, through data.go.kr.

Offers: photos of sights all over Korea with their photographer. Terms: Korea Open Government Licence, whose type is
taken only from the answer (`cpyrhtDivCd`); show the photographer. Type 3 forbids changes, so it is not free. Pace: 1000
requests a day with a key for development.
Traps: no results are `""` instead of a list, one result is no list, a wrong key is XML with 200, and the key must be
given decoded, as it is encoded on its way.
Source: data.go.kr, "한국관광공사_관광사진 정보", PhotoGalleryService1.
"""

import re

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
    text_of,
    web_address,
)
from core.crawl.sources.refusals import KOREA, busy, check_status, is_markup, layout, refused, spent_today, wrong_key
from core.domain.crawl import Candidate
from core.network.message import Request, Response

PAGE_SIZE = 100
FINE = frozenset({"0000", "00"})
SPENT = frozenset({"22"})
NOT_ALLOWED = frozenset({"20", "30", "31", "32", "33"})
OVERLOADED = frozenset({"04", "05", "21", "23"})
NO_DATA = frozenset({"03"})
REASON = re.compile(r"<returnReasonCode>\s*(\d+)\s*</returnReasonCode>")
MESSAGE = re.compile(r"<returnAuthMsg>([^<]{1,100})</returnAuthMsg>")
LICENCES = {f"type{number}": f"KOGL Type {number}" for number in range(1, 5)}
LICENCE_PAGE = "https://www.kogl.or.kr/info/license.do"

INFO = SourceInfo(
    name="kto-gallery",
    title="KTO photo gallery",
    home_url="https://phoko.visitkorea.or.kr",
    terms_url="https://www.data.go.kr/data/15101914/openapi.do",
    pace_s=1.0,
    page_size=PAGE_SIZE,
    most_results=10_000,
    key_settings=("data_go_kr_key",),
    key_page="https://www.data.go.kr/data/15101914/openapi.do",
    hosts=("apis.data.go.kr",),
    daily_quota=1000,
    states_licence=True,
)


def build_request(query: SourceQuery) -> Request:
    """Return the request for a page of results.

    Raises:
        SourceKeyError: the key is missing. SourceFailed: there is nothing to search for.
    """
    (key,) = need_keys(INFO, query)
    params = {
        "serviceKey": key,
        "MobileOS": "ETC",
        "MobileApp": "Eodi",
        "_type": "json",
        "arrange": "A",
        "numOfRows": str(PAGE_SIZE),
        "pageNo": str(from_cursor(query, "page", 1)),
        "keyword": search_text(query, INFO),
    }
    url = address(query, "https://apis.data.go.kr", "/B551011/PhotoGalleryService1/gallerySearchList1")
    return Request(url, params=params, secret=frozenset({"serviceKey"}), source=INFO.name)


def parse_response(response: Response, query: SourceQuery) -> SourcePage:
    """Return the candidates of a page.

    Raises:
        SourceKeyError, SourceQuotaSpent, SourceBusy, SourceBlocked, SourceLayoutError, SourceFailed: see `Source`.
    """
    if is_markup(response):
        _raise_gateway_error(response)
    check_status(response, INFO)
    answer = read_object(response, INFO)
    inner = answer.get("response")
    header = object_at(inner, "header", INFO) if isinstance(inner, dict) else answer
    code = text_of(header, "resultCode")
    if code[-2:] in NO_DATA:
        return SourcePage((), None, 0)
    if code not in FINE:
        _raise_code(code, text_of(header, "resultMsg"), response)
    body = object_at(object_at(answer, "response", INFO), "body", INFO)
    items = _items(body)
    total = count_of(body, "totalCount")
    if total is None:
        raise layout(INFO, "totalCount")
    page = from_cursor(query, "page", 1)

    first = (page - 1) * PAGE_SIZE

    def candidate(item: Json, index: int) -> Candidate:
        return _candidate(item, first + index, response, query)

    found = collect(items, candidate, INFO, "galWebImageUrl")
    more = items and page * PAGE_SIZE < min(total, INFO.most_results)
    return SourcePage(found, {"page": str(page + 1)} if more else None, total)


def _candidate(item: Json, rank: int, response: Response, query: SourceQuery) -> Candidate:
    licence = LICENCES.get(text_of(item, "cpyrhtDivCd").lower(), "")
    return Candidate(
        source=INFO.name,
        image_url=web_address(item.get("galWebImageUrl"), response.url),
        query=one_line(query.text),
        source_id=text_of(item, "galContentId"),
        page_url=INFO.home_url,
        title=plain_text(text_of(item, "galTitle")),
        author=plain_text(text_of(item, "galPhotographer")),
        licence=licence,
        licence_url=LICENCE_PAGE if licence else "",
        rank=rank,
    )


def _items(body: Json) -> list[Json]:
    """Return the items: `""` is none, an object is one."""
    items = body.get("items")
    if items == "":
        return []
    held = object_at(body, "items", INFO)
    one = held.get("item")
    return [one] if isinstance(one, dict) else objects_at(held, "item", INFO)


def _raise_gateway_error(response: Response) -> None:
    """Raise what the gateway before the service says in XML, whatever was asked for and with 200."""
    code, message = REASON.search(response.text[:5000]), MESSAGE.search(response.text[:5000])
    if code:
        _raise_code(code[1], message[1] if message else "", response)
    check_status(response, INFO)
    read_object(response, INFO)  # raises: a wall, or a page that is unknown


def _raise_code(code: str, message: str, response: Response) -> None:
    number = code[-2:]  # the service writes four digits, the gateway two
    if number in NOT_ALLOWED:
        raise wrong_key(INFO)
    if number in SPENT:
        raise spent_today(INFO, response, KOREA)
    if number in OVERLOADED:
        raise busy(INFO, response)
    if not code:
        raise layout(INFO, "resultCode")
    raise refused(INFO, f"{code} {message}")
