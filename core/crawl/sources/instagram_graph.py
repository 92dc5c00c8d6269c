"""Instagram's Graph API: public photos under a hashtag.

Offers: the top photos of a tag, then those of the last 24 hours; no author can be asked for. Terms: a Facebook app with
the feature "Instagram Public Content Access" and a token of its user; 30 different tags in seven days. No licence is
stated.
Steps: the tag's number, its top media, its recent media; the cursor says which is next. Its `after` may stay the same
from page to page and advance all the same, so pages are counted, and the crawl drops what comes twice.
Source: developers.facebook.com/docs/instagram-platform/instagram-api-with-facebook-login/hashtag-search.
"""

import re
from datetime import timedelta

from core.crawl.keys import need_keys
from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.reading import (
    Json,
    address,
    from_cursor,
    object_at,
    objects_at,
    one_line,
    present,
    read_object,
    search_text,
    text_of,
    web_address,
)
from core.crawl.sources.refusals import busy, check_status, check_wall, layout, refused, spent_for, wrong_key
from core.domain.crawl import Candidate
from core.errors import SourceFailed
from core.network.message import Request, Response

VERSION = "v23.0"
PAGE_SIZE = 50
PAGES = 10  # of each step: there is no other end where a cursor never runs out
STEPS = ("top_media", "recent_media")
FIELDS = "id,caption,media_type,media_url,permalink,children{id,media_type,media_url}"
NOT_IN_TAGS = re.compile(r"[^\w]+")
NUMBER = re.compile(r"\d{1,40}")
LIMIT_CODES = frozenset({"4", "17", "32", "613"})  # of the app, the user, the page, the call
TAG_LIMIT_CODE = "18"  # 30 tags in seven days
KEY_CODES = frozenset({"10", "102", "190", "200", "803"})
BUSY_CODES = frozenset({"1", "2"})
NO_SUCH_TAG = frozenset({"2207024"})

INFO = SourceInfo(
    name="instagram-graph",
    title="Instagram (Graph API)",
    home_url="https://www.instagram.com",
    terms_url="https://developers.facebook.com/terms",
    pace_s=2.0,
    page_size=PAGE_SIZE,
    most_results=PAGE_SIZE * PAGES * len(STEPS),
    key_settings=("instagram_token", "instagram_user"),
    key_page="https://developers.facebook.com/apps",
    hosts=("graph.facebook.com",),
)


def build_request(query: SourceQuery) -> Request:
    """Return the request for the tag's number, or for a page of its media.

    Raises:
        SourceKeyError: a key is missing. SourceFailed: no tag can be made of the query.
    """
    token, user = need_keys(INFO, query)
    params = {"user_id": user, "access_token": token}
    tag = query.cursor.get("tag", "")
    if NUMBER.fullmatch(tag):
        path = f"/{VERSION}/{tag}/{STEPS[_step(query)]}"
        params |= {"fields": FIELDS, "limit": str(PAGE_SIZE)}
        params |= {"after": query.cursor["after"]} if query.cursor.get("after") else {}
    else:
        path = f"/{VERSION}/ig_hashtag_search"
        params["q"] = _hashtag(query)
    return Request(
        address(query, "https://graph.facebook.com", path),
        params=params,
        secret=frozenset({"access_token", "user_id"}),
        source=INFO.name,
    )


def parse_response(response: Response, query: SourceQuery) -> SourcePage:
    """Return the candidates of a page; those of the tag's number are none.

    Raises:
        SourceKeyError, SourceQuotaSpent, SourceBlocked, SourceLayoutError, SourceFailed: see `Source`.
    """
    check_wall(response, INFO)
    if response.status != 200 and not _holds_error(response):
        check_status(response, INFO)
    answer = read_object(response, INFO)
    if "error" in answer:
        error = object_at(answer, "error", INFO)
        if text_of(error, "error_subcode") in NO_SUCH_TAG:
            return SourcePage((), None)
        _raise_error(error, response)
    data = objects_at(answer, "data", INFO)
    if not NUMBER.fullmatch(query.cursor.get("tag", "")):
        return SourcePage((), _first_of_tag(data))
    if data and not any(text_of(item, "media_type") for item in data):
        raise layout(INFO, "data[].media_type")
    first = (_step(query) * PAGES + from_cursor(query, "page", 0)) * PAGE_SIZE
    found = [_candidates(item, first + index, response, query) for index, item in enumerate(data)]
    return SourcePage(tuple(c for photos in found for c in photos), _next_cursor(answer, data, query))


def _hashtag(query: SourceQuery) -> str:
    """Return the query as one tag: letters and digits only.

    Raises:
        SourceFailed: code "source.no_query"; nothing is left.
    """
    tag = NOT_IN_TAGS.sub("", search_text(query, INFO))
    if not tag:
        raise SourceFailed("source.no_query", source=INFO.name)
    return tag


def _step(query: SourceQuery) -> int:
    return min(from_cursor(query, "step", 0), len(STEPS) - 1)


def _first_of_tag(data: list[Json]) -> dict[str, str] | None:
    """Return the cursor of the tag's first page; None where nobody uses the tag."""
    if not data:
        return None
    number = text_of(data[0], "id")
    if not NUMBER.fullmatch(number):
        raise layout(INFO, "data[].id")
    return {"tag": number, "step": "0", "page": "0"}


def _next_cursor(answer: Json, data: list[Json], query: SourceQuery) -> dict[str, str] | None:
    """Return the next page of the step, else the first of the next step, else None."""
    step, page = _step(query), from_cursor(query, "page", 0) + 1
    paging = answer.get("paging")
    cursors = paging.get("cursors") if isinstance(paging, dict) else None
    after = text_of(cursors, "after") if isinstance(cursors, dict) else ""
    here = {"tag": query.cursor["tag"], "step": str(step), "page": str(page)}
    if data and after and page < PAGES:
        return {**here, "after": after}
    return {**here, "step": str(step + 1), "page": "0"} if step + 1 < len(STEPS) else None


def _candidates(item: Json, rank: int, response: Response, query: SourceQuery) -> tuple[Candidate, ...]:
    """Return the photos of a post: one, those of an album, or none of a film."""
    children = item.get("children")
    inside = children.get("data") if isinstance(children, dict) else None
    media = [one for one in inside if isinstance(one, dict)] if isinstance(inside, list) else [item]
    return present(_candidate(one, item, rank, response, query) for one in media)


def _candidate(one: Json, post: Json, rank: int, response: Response, query: SourceQuery) -> Candidate | None:
    image_url = web_address(one.get("media_url"), response.url)
    if text_of(one, "media_type") != "IMAGE" or not image_url:
        return None
    return Candidate(
        source=INFO.name,
        image_url=image_url,
        query=one_line(query.text),
        source_id=text_of(one, "id"),
        page_url=web_address(post.get("permalink"), response.url),
        title=text_of(post, "caption", 200),
        rank=rank,
    )


def _holds_error(response: Response) -> bool:
    """Whether an answer says in its body what is wrong, as those with 400 to 500 do here."""
    try:
        return "error" in read_object(response, INFO)
    except SourceFailed:
        return False


def _raise_error(error: Json, response: Response) -> None:
    code = text_of(error, "code")
    if code in KEY_CODES:
        raise wrong_key(INFO)
    if code == TAG_LIMIT_CODE:
        raise spent_for(INFO, response, timedelta(days=1))
    if code in LIMIT_CODES:
        raise spent_for(INFO, response, timedelta(hours=1))
    if code in BUSY_CODES:
        raise busy(INFO, response)
    raise refused(INFO, text_of(error, "message") or code)
