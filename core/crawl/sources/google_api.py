"""Google's Custom Search JSON API, for those who still have a key.

Offers: 100 results a query, 10 a page, with page and size of each photo. Terms, in Google's words: "closed to new
customers"; "Existing Custom Search JSON API customers have until January 1, 2027". No licence of a photo is stated.
Pace: 100 free requests a day.
Source: developers.google.com/custom-search/v1/reference/rest/v1/cse/list.
"""

from core.crawl.keys import need_keys
from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.reading import (
    Json,
    address,
    collect,
    count_of,
    from_cursor,
    number_of,
    objects_at,
    one_line,
    plain_text,
    read_object,
    search_text,
    side_of,
    text_of,
    web_address,
)
from core.crawl.sources.refusals import PACIFIC, check_status, check_wall, layout, refused, spent_today, wrong_key
from core.domain.crawl import Candidate
from core.errors import SourceFailed
from core.network.message import Request, Response

PAGE_SIZE = 10
LAST_START = 91  # start + num may not go beyond 100, so the last page asks for nine
QUOTA_REASONS = frozenset({"rateLimitExceeded", "dailyLimitExceeded", "quotaExceeded", "userRateLimitExceeded"})
KEY_REASONS = frozenset({"keyInvalid", "keyExpired", "accessNotConfigured", "forbidden", "ipRefererBlocked"})
LARGE_PX = 600

INFO = SourceInfo(
    name="google-api",
    title="Google (Custom Search)",
    home_url="https://www.google.com/imghp",
    terms_url="https://developers.google.com/custom-search/terms",
    pace_s=1.0,
    page_size=PAGE_SIZE,
    most_results=99,
    key_settings=("google_key", "google_cx"),
    key_page="https://developers.google.com/custom-search/v1/overview",
    hosts=("www.googleapis.com", "customsearch.googleapis.com"),
    daily_quota=100,
)


def build_request(query: SourceQuery) -> Request:
    """Return the request for a page of results.

    Raises:
        SourceKeyError: a key is missing. SourceFailed: there is nothing to search for.
    """
    key, engine = need_keys(INFO, query)
    start = min(from_cursor(query, "start", 1), LAST_START)
    params = {
        "key": key,
        "cx": engine,
        "q": search_text(query, INFO),
        "searchType": "image",
        "imgType": "photo",
        "safe": "active",
        "start": str(start),
        "num": str(PAGE_SIZE if start < LAST_START else PAGE_SIZE - 1),
    }
    if query.min_size_px >= LARGE_PX:
        params["imgSize"] = "xlarge"
    url = address(query, "https://www.googleapis.com", "/customsearch/v1")
    return Request(url, params=params, secret=frozenset({"key", "cx"}), source=INFO.name, explains_429=True)


def parse_response(response: Response, query: SourceQuery) -> SourcePage:
    """Return the candidates of a page.

    Raises:
        SourceKeyError, SourceQuotaSpent, SourceBlocked, SourceLayoutError, SourceFailed: see `Source`.
    """
    check_wall(response, INFO)
    start = from_cursor(query, "start", 1)
    if response.status == 400 and start >= LAST_START and not _is_about_the_key(response):
        return SourcePage((), None)
    if response.status != 200:
        _raise_error(response)
    answer = read_object(response, INFO)
    if "error" in answer:
        _raise_error(response)
    if answer.get("kind") != "customsearch#search":
        raise layout(INFO, "kind")
    # The field is absent, not empty, where there are no more results.
    items = objects_at(answer, "items", INFO) if "items" in answer else []

    def candidate(item: Json, index: int) -> Candidate:
        image = item.get("image")
        facts: Json = image if isinstance(image, dict) else {}
        return Candidate(
            source=INFO.name,
            image_url=web_address(item.get("link"), response.url),
            query=one_line(query.text),
            page_url=web_address(facts.get("contextLink"), response.url),
            thumb_url=web_address(facts.get("thumbnailLink"), response.url),
            title=plain_text(text_of(item, "title")),
            width_px=side_of(facts, "width"),
            height_px=side_of(facts, "height"),
            rank=start - 1 + index,
        )

    found = collect(items, candidate, INFO, "link")
    following = _next_start(answer)
    more = items and following is not None and start < following <= LAST_START
    return SourcePage(found, {"start": str(following)} if more else None, _total(answer))


def _next_start(answer: Json) -> int | None:
    """Return where the next page starts, as the answer says it."""
    queries = answer.get("queries")
    following = queries.get("nextPage") if isinstance(queries, dict) else None
    first = following[0] if isinstance(following, list) and following else None
    return count_of(first, "startIndex") if isinstance(first, dict) else None


def _total(answer: Json) -> int | None:
    said = answer.get("searchInformation")
    return count_of(said, "totalResults") if isinstance(said, dict) else None


def _raise_error(response: Response) -> None:
    error = _error_of(response)
    reason, message = _reason_of(error), text_of(error, "message")
    if response.status == 429 or reason in QUOTA_REASONS or number_of(error, "code") == 429:
        raise spent_today(INFO, response, PACIFIC)
    if _is_about_the_key(response):
        raise wrong_key(INFO)
    if message and response.status not in (401, 403) and response.status < 500:
        raise refused(INFO, message)
    check_status(response, INFO)
    raise layout(INFO, "error")


def _is_about_the_key(response: Response) -> bool:
    error = _error_of(response)
    return _reason_of(error) in KEY_REASONS or "api key" in text_of(error, "message").lower()


def _error_of(response: Response) -> Json:
    try:
        error = read_object(response, INFO).get("error")
    except SourceFailed:
        return {}
    return error if isinstance(error, dict) else {}


def _reason_of(error: Json) -> str:
    """Return the reason of the first of the errors."""
    errors = error.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return text_of(first, "reason") if isinstance(first, dict) else ""
