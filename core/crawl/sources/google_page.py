"""Google's result page of images, asked for or saved by the curator from their own browser.

Off unless the operator switches it on; Google's robots.txt forbids it, so asking it ends there, and what is left is the
saved page. It changes several times a year: a page without results that does not say so is an error, not "none found".
No licence is stated. Pace: slow, as a person reads.
Source: searxng `searx/engines/google.py` (`/imgres` links, `detect_google_sorry`), bijij/ViewImage #279 (`udm=2`).
"""

import re
from urllib.parse import parse_qs, urlsplit

from bs4 import BeautifulSoup

from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.reading import (
    Json,
    address,
    collect,
    from_cursor,
    one_line,
    search_text,
    side_of,
    text_of,
    web_address,
)
from core.crawl.sources.refusals import check_status, no_results_page
from core.domain.crawl import Candidate
from core.network.message import Request, Response

PAGE_SIZE = 100
LAST_PAGE = 4
MOST_BYTES = 5 * 2**20
NOTHING_FOUND = re.compile(r"did not match any|일치하는 (이미지 ?)?검색결과가 없습니다")
FIELDS = ("imgurl", "imgrefurl", "w", "h", "tbnid")

INFO = SourceInfo(
    name="google-page",
    title="Google (result page)",
    home_url="https://www.google.com",
    terms_url="https://policies.google.com/terms",
    pace_s=10.0,
    page_size=PAGE_SIZE,
    most_results=PAGE_SIZE * LAST_PAGE,
    opt_in=True,
)


def build_request(query: SourceQuery) -> Request:
    """Return the request for a page of results.

    Raises:
        SourceFailed: there is nothing to search for.
    """
    page = min(from_cursor(query, "page", 0), LAST_PAGE - 1)
    params = {"q": search_text(query, INFO), "udm": "2", "ijn": str(page), "start": str(page * PAGE_SIZE)}
    url = address(query, INFO.home_url, "/search")
    return Request(url, params=params, source=INFO.name, max_bytes=MOST_BYTES)


def parse_response(response: Response, query: SourceQuery) -> SourcePage:
    """Return the candidates of a page.

    Raises:
        SourceBlocked, SourceBusy, SourceLayoutError, SourceFailed: see `Source`.
    """
    check_status(response, INFO)
    items = _items(response)
    if not items and not NOTHING_FOUND.search(response.text):
        raise no_results_page(response, INFO, "a[href*=/imgres]")
    page = from_cursor(query, "page", 0)

    def candidate(item: Json, index: int) -> Candidate:
        return Candidate(
            source=INFO.name,
            image_url=web_address(item.get("imgurl"), response.url),
            query=one_line(query.text),
            page_url=web_address(item.get("imgrefurl"), response.url),
            source_id=text_of(item, "tbnid"),
            width_px=side_of(item, "w"),
            height_px=side_of(item, "h"),
            rank=page * PAGE_SIZE + index,
        )

    found = collect(items, candidate, INFO, "imgurl")
    return SourcePage(found, {"page": str(page + 1)} if items and page + 1 < LAST_PAGE else None)


def parse_saved(content: bytes, name: str) -> SourcePage:
    """Return the candidates of a result page that was saved as a file.

    Raises:
        SourceBlocked: a captcha was saved. SourceLayoutError: it is no such page.
    """
    saved = parse_response(Response(200, INFO.home_url, {}, content[:MOST_BYTES]), SourceQuery(text=name))
    return SourcePage(saved.candidates, None)


def _items(response: Response) -> list[Json]:
    """Return what the links of the results say about their photos."""
    # With a tag of ours before it, the body is a document, whatever it is: no guess, and no warning, of the parser.
    document = BeautifulSoup(f"<html>{response.text}", "lxml")
    links = (str(link.get("href") or "") for link in document.find_all("a"))
    return [item for item in map(_facts_of, links) if item]


def _facts_of(link: str) -> Json:
    """Return the values in the address of a result; {} for another link."""
    try:
        parts = urlsplit(link)
        values = parse_qs(parts.query, max_num_fields=50, errors="replace")
    except ValueError:
        return {}
    if not parts.path.endswith("/imgres"):
        return {}
    return {name: values[name][0] for name in FIELDS if name in values}
