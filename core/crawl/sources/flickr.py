"""Flickr, through its API.

Offers: author, licence, date and often a position with each photo; 4,000 results a query, then it repeats itself.
Terms: keys are for non-commercial use unless Flickr approves another; each photo must link to its page, and its author
and licence are shown. Pace: 3,600 requests an hour and key. An error comes with 200 and `stat: fail`.
Source: flickr.com/services/api/flickr.photos.search, flickr.photos.licenses.getInfo.
"""

import re

from core.crawl.keys import need_keys
from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.reading import (
    Json,
    address,
    count_of,
    from_cursor,
    moment_of,
    number_of,
    object_at,
    objects_at,
    one_line,
    plain_text,
    position_of,
    present,
    read_object,
    search_text,
    side_of,
    text_of,
    web_address,
)
from core.crawl.sources.refusals import busy, check_status, layout, refused, wrong_key
from core.domain.crawl import Candidate
from core.network.message import Request, Response

PAGE_SIZE = 250
MOST_RESULTS = 4000
SIZES = ("url_l", "url_c", "url_o")  # 1,024 and 800 px on the longer side, then what the author uploaded
CREATIVE_COMMONS = "https://creativecommons.org/"
# Source: flickr.photos.licenses.getInfo. Newer numbers are stated as such, and so are not taken for free.
LICENCES = {
    "0": ("All Rights Reserved", ""),
    "1": ("CC BY-NC-SA 2.0", f"{CREATIVE_COMMONS}licenses/by-nc-sa/2.0/"),
    "2": ("CC BY-NC 2.0", f"{CREATIVE_COMMONS}licenses/by-nc/2.0/"),
    "3": ("CC BY-NC-ND 2.0", f"{CREATIVE_COMMONS}licenses/by-nc-nd/2.0/"),
    "4": ("CC BY 2.0", f"{CREATIVE_COMMONS}licenses/by/2.0/"),
    "5": ("CC BY-SA 2.0", f"{CREATIVE_COMMONS}licenses/by-sa/2.0/"),
    "6": ("CC BY-ND 2.0", f"{CREATIVE_COMMONS}licenses/by-nd/2.0/"),
    "7": ("No known copyright restrictions", "https://www.flickr.com/commons/usage/"),
    "8": ("United States Government Work", "https://www.usa.gov/government-copyright"),
    "9": ("CC0 1.0", f"{CREATIVE_COMMONS}publicdomain/zero/1.0/"),
    "10": ("Public Domain Mark 1.0", f"{CREATIVE_COMMONS}publicdomain/mark/1.0/"),
}
FREE = "4,5,7,9,10"
OWNER = re.compile(r"[\w@.-]+")
KEY_ERRORS = frozenset({"100", "99", "98"})
BUSY_ERRORS = frozenset({"10", "105", "106"})

INFO = SourceInfo(
    name="flickr",
    title="Flickr",
    home_url="https://www.flickr.com",
    terms_url="https://www.flickr.com/help/terms/api",
    pace_s=1.0,
    page_size=PAGE_SIZE,
    most_results=MOST_RESULTS,
    key_settings=("flickr_key",),
    key_page="https://www.flickr.com/services/apps/create/",
    hosts=("api.flickr.com",),
    states_licence=True,
)


def build_request(query: SourceQuery) -> Request:
    """Return the request for a page of results.

    Raises:
        SourceKeyError: the key is missing. SourceFailed: there is nothing to search for.
    """
    (key,) = need_keys(INFO, query)
    params = {
        "method": "flickr.photos.search",
        "api_key": key,
        "format": "json",
        "nojsoncallback": "1",
        "text": search_text(query, INFO),
        "media": "photos",
        "content_type": "1",
        "safe_search": "1",
        "sort": "relevance",
        "extras": "license,owner_name,geo,date_taken,url_l,url_c,url_o,o_dims",
        "per_page": str(PAGE_SIZE),
        "page": str(from_cursor(query, "page", 1)),
    }
    if query.free_only:
        params["license"] = FREE
    url = address(query, "https://api.flickr.com", "/services/rest/")
    return Request(url, params=params, secret=frozenset({"api_key"}), source=INFO.name)


def parse_response(response: Response, query: SourceQuery) -> SourcePage:
    """Return the candidates of a page.

    Raises:
        SourceKeyError, SourceBusy, SourceBlocked, SourceLayoutError, SourceFailed: see `Source`.
    """
    check_status(response, INFO)
    answer = read_object(response, INFO)
    if answer.get("stat") == "fail":
        _raise_failure(answer, response)
    photos = object_at(answer, "photos", INFO)
    items = objects_at(photos, "photo", INFO)
    pages = count_of(photos, "pages")
    if pages is None:
        raise layout(INFO, "pages")
    if items and not any(text_of(item, "id") and "license" in item for item in items):
        raise layout(INFO, "photo[].license")
    page = from_cursor(query, "page", 1)
    first = (page - 1) * PAGE_SIZE
    found = present(_candidate(item, first + index, response, query) for index, item in enumerate(items))
    more = items and page < pages and page * PAGE_SIZE < MOST_RESULTS
    return SourcePage(found, {"page": str(page + 1)} if more else None, count_of(photos, "total"))


def _candidate(item: Json, rank: int, response: Response, query: SourceQuery) -> Candidate | None:
    """Return the photo in a size of about 1,000 pixels; None where its owner lets nobody fetch any."""
    size = next((name for name in SIZES if web_address(item.get(name), response.url)), None)
    if size is None:
        return None
    number, owner = text_of(item, "id"), text_of(item, "owner")
    licence, licence_url = LICENCES.get(text_of(item, "license"), (f"Flickr licence {text_of(item, 'license')}", ""))
    is_page_known = OWNER.fullmatch(owner) and number.isdigit()
    return Candidate(
        source=INFO.name,
        image_url=web_address(item.get(size), response.url),
        query=one_line(query.text),
        source_id=number,
        page_url=f"{INFO.home_url}/photos/{owner}/{number}/" if is_page_known else "",
        title=plain_text(text_of(item, "title")),
        author=plain_text(text_of(item, "ownername")),
        licence=licence,
        licence_url=licence_url,
        width_px=side_of(item, size.replace("url", "width")),
        height_px=side_of(item, size.replace("url", "height")),
        position=position_of(number_of(item, "latitude"), number_of(item, "longitude")),
        taken_at=moment_of(text_of(item, "datetaken")),
        rank=rank,
    )


def _raise_failure(answer: Json, response: Response) -> None:
    code = text_of(answer, "code")
    if code in KEY_ERRORS:
        raise wrong_key(INFO)
    if code in BUSY_ERRORS:
        raise busy(INFO, response)
    raise refused(INFO, f"{code} {text_of(answer, 'message')}")
