"""Openverse: openly licensed photos of many collections, most of them from Flickr. No key is needed.

Offers: author, licence and page with each photo; 20 pages of 20 without a key. Terms: one machine, no copying of the
catalogue; whether a licence is right is to be checked at the photo's own page. Pace: 20 requests a minute, 200 a day.
Wikimedia's photos are left out: `commons_search` has them, with the sizes that Wikimedia wants to be fetched.
Source: api.openverse.org/v1, openverse `media_serializers.py`, `throttle.py`.
"""

from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.reading import (
    Json,
    address,
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
from core.crawl.sources.refusals import check_status, layout, refused
from core.domain.crawl import Candidate
from core.errors import SourceFailed
from core.network.message import Request, Response

PAGE_SIZE = 20  # more without a key is answered by 401
LAST_PAGE = 20
FREE = "by,by-sa,cc0,pdm"
MARKS = {"cc0": "CC0", "pdm": "Public Domain Mark"}  # not licences, so not "CC CC0"

INFO = SourceInfo(
    name="openverse",
    title="Openverse",
    home_url="https://openverse.org",
    terms_url="https://docs.openverse.org/terms_of_service.html",
    pace_s=3.0,
    page_size=PAGE_SIZE,
    most_results=PAGE_SIZE * LAST_PAGE,
    hosts=("api.openverse.org",),
    daily_quota=200,
    states_licence=True,
)


def build_request(query: SourceQuery) -> Request:
    """Return the request for a page of results.

    Raises:
        SourceFailed: there is nothing to search for.
    """
    params = {
        "q": search_text(query, INFO),
        "excluded_source": "wikimedia",
        "mature": "false",
        "page": str(min(from_cursor(query, "page", 1), LAST_PAGE)),
        "page_size": str(PAGE_SIZE),
    }
    if query.free_only:
        params["license"] = FREE
    return Request(address(query, "https://api.openverse.org", "/v1/images/"), params=params, source=INFO.name)


def parse_response(response: Response, query: SourceQuery) -> SourcePage:
    """Return the candidates of a page.

    Raises:
        SourceBusy, SourceBlocked, SourceLayoutError, SourceFailed: see `Source`.
    """
    if response.status in (400, 401):
        raise refused(INFO, _detail(response) or f"HTTP {response.status}")
    check_status(response, INFO)
    answer = read_object(response, INFO)
    results = objects_at(answer, "results", INFO)
    pages = count_of(answer, "page_count")
    if pages is None:
        raise layout(INFO, "page_count")
    page = from_cursor(query, "page", 1)

    def candidate(item: Json, index: int) -> Candidate:
        return Candidate(
            source=INFO.name,
            image_url=web_address(item.get("url"), response.url),
            query=one_line(query.text),
            source_id=text_of(item, "id"),
            page_url=web_address(item.get("foreign_landing_url"), response.url),
            thumb_url=web_address(item.get("thumbnail"), response.url),
            title=plain_text(text_of(item, "title")),
            author=plain_text(text_of(item, "creator")),
            licence=licence_name(text_of(item, "license"), text_of(item, "license_version")),
            licence_url=web_address(item.get("license_url"), response.url),
            width_px=side_of(item, "width"),
            height_px=side_of(item, "height"),
            rank=(page - 1) * PAGE_SIZE + index,
        )

    more = results and page < min(pages, LAST_PAGE)
    found = collect(results, candidate, INFO, "url")
    return SourcePage(found, {"page": str(page + 1)} if more else None, count_of(answer, "result_count"))


def licence_name(code: str, version: str) -> str:
    """Return the licence under its usual name, as Openverse's own attributions give it: "CC BY 2.0"; "" for none."""
    name = MARKS.get(code.lower()) or (f"CC {code.upper()}" if code else "")
    return f"{name} {version}".strip()


def _detail(response: Response) -> str:
    try:
        return text_of(read_object(response, INFO), "detail")
    except SourceFailed:
        return ""
