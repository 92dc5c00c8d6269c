"""Naver's result page of images, asked for or saved by the curator from their own browser.

Off unless the operator switches it on, and asked only where robots.txt allows; the API (`naver_hub`) is the way that
Naver offers. The page holds a JavaScript object, not strict JSON, and has moved once in 13 months; an older address
answers JSON in a call, its texts percent-encoded. Both are read. No licence is stated. Pace: slow, as a person reads.
Source: searxng `searx/engines/naver.py`.
"""

import json
import re
from typing import Any
from urllib.parse import unquote

from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.javascript import read_literal
from core.crawl.sources.reading import (
    Json,
    address,
    collect,
    from_cursor,
    object_at,
    objects_at,
    one_line,
    plain_text,
    search_text,
    side_of,
    text_of,
    web_address,
)
from core.crawl.sources.refusals import check_status, layout, no_results_page
from core.domain.crawl import Candidate
from core.network.message import Request, Response

PAGE_SIZE = 50
LAST_PAGE = 20
MOST_BYTES = 5 * 2**20
RESULTS = re.compile(r"imageSearchTabData\s*=\s*(?=\{)")
CALL = re.compile(r"[\w.$]{0,100}\((.*)\)\s*;?", re.DOTALL)
NOTHING_FOUND = re.compile(r"검색 ?결과가 (없습니다|존재하지 않습니다)")
ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")

INFO = SourceInfo(
    name="naver-page",
    title="Naver (result page)",
    home_url="https://search.naver.com",
    terms_url="https://policy.naver.com/rules/service.html",
    pace_s=5.0,
    page_size=PAGE_SIZE,
    most_results=PAGE_SIZE * LAST_PAGE,
    opt_in=True,
)


def build_request(query: SourceQuery) -> Request:
    """Return the request for a page of results.

    Raises:
        SourceFailed: there is nothing to search for.
    """
    page = min(from_cursor(query, "page", 1), LAST_PAGE)
    params = {"where": "image", "query": search_text(query, INFO), "start": str(1 + PAGE_SIZE * (page - 1))}
    url = address(query, "https://search.naver.com", "/search.naver")
    return Request(url, params=params, source=INFO.name, max_bytes=MOST_BYTES)


def parse_response(response: Response, query: SourceQuery) -> SourcePage:
    """Return the candidates of a page.

    Raises:
        SourceBlocked, SourceBusy, SourceLayoutError, SourceFailed: see `Source`.
    """
    check_status(response, INFO)
    items = _items(response)
    page = from_cursor(query, "page", 1)

    def candidate(item: Json, index: int) -> Candidate:
        return Candidate(
            source=INFO.name,
            image_url=_link(item, "originalUrl", response),
            query=one_line(query.text),
            page_url=_link(item, "link", response),
            thumb_url=_link(item, "thumb", response),
            title=plain_text(_decoded(text_of(item, "title"))),
            width_px=side_of(item, "orgWidth"),
            height_px=side_of(item, "orgHeight"),
            rank=(page - 1) * PAGE_SIZE + index,
        )

    photos = [item for item in items if text_of(item, "type") in ("", "image")]
    found = collect(photos, candidate, INFO, "originalUrl")
    return SourcePage(found, {"page": str(page + 1)} if items and page < LAST_PAGE else None)


def parse_saved(content: bytes, name: str) -> SourcePage:
    """Return the candidates of a result page that was saved as a file.

    Raises:
        SourceBlocked: a captcha was saved. SourceLayoutError: it is no such page.
    """
    saved = parse_response(Response(200, INFO.home_url, {}, content[:MOST_BYTES]), SourceQuery(text=name))
    return SourcePage(saved.candidates, None)


def _items(response: Response) -> list[Json]:
    """Return the results of either form of the page."""
    call = CALL.fullmatch(response.text.strip())
    if call:
        answer = _object(call[1])
        if "itemCount" not in answer:
            raise layout(INFO, "itemCount")
        return objects_at(answer, "items", INFO)
    begin = RESULTS.search(response.text)
    if begin:
        return objects_at(object_at(_literal(response.text, begin.end()), "content", INFO), "items", INFO)
    if NOTHING_FOUND.search(response.text):
        return []
    raise no_results_page(response, INFO, "imageSearchTabData")


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise layout(INFO, "JSON") from None
    if not isinstance(found, dict):
        raise layout(INFO, "{}")
    return found


def _literal(text: str, start: int) -> dict[str, Any]:
    try:
        found = read_literal(text, start)
    except ValueError:
        raise layout(INFO, "imageSearchTabData") from None
    if not isinstance(found, dict):
        raise layout(INFO, "imageSearchTabData")
    return found


def _link(item: Json, name: str, response: Response) -> str:
    """Return an address; one that is percent-encoded as a whole is decoded first."""
    raw = text_of(item, name, 2000)
    return web_address(unquote(raw) if re.match(r"https?%3A", raw, re.IGNORECASE) else raw, response.url)


def _decoded(text: str) -> str:
    """Return a title as people read it; only those that are encoded wholly hold no space."""
    return unquote(text) if ENCODED.search(text) and " " not in text else text
