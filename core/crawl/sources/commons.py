"""What the three ways into Wikimedia Commons have in common: parameters of a photo, continuation and the answer.

`commons_search`, `commons_category` and `commons_near` call this; only the generator differs. The API says in its own
continuation what to ask next. A page may come without its `imageinfo` first and with it in a later batch: it is passed
over until then, and its number makes both one. Fetched is a thumbnail of a standard width, at the address that the API
gives: other widths are refused, and original files are not for programs.
Source: commons.wikimedia.org/w/api.php, mediawiki.org/wiki/Common_thumbnail_sizes, wikitech Manual:Maxlag.
"""

import re
from collections.abc import Mapping

from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.reading import (
    Json,
    address,
    from_cursor,
    moment_of,
    number_of,
    one_line,
    plain_text,
    position_of,
    present,
    read_object,
    side_of,
    text_of,
    web_address,
)
from core.crawl.sources.refusals import busy, check_status, layout, refused
from core.domain.crawl import Candidate
from core.domain.place import Position
from core.network.message import Request, Response

ORIGIN = "https://commons.wikimedia.org"
TERMS = "https://foundation.wikimedia.org/wiki/Policy:Terms_of_Use"
PAGE_SIZE = 50  # what one request may ask of pages' files without a bot's right
SMALL_WIDTH, LARGE_WIDTH = 960, 1280
LARGE_FROM_PX = 540  # of the shorter side: what a width of 960 gives of a photo of 16:9
PHOTOS = frozenset({"image/jpeg", "image/png", "image/webp", "image/tiff"})
SEEN = "seen"  # in the cursor, beside what the API wants to hear again: photos of the batches before
CONTINUES = re.compile(r"continue|[a-z]+(continue|offset|start)")
FACTS = "Artist|LicenseShortName|LicenseUrl|License|UsageTerms|Credit|GPSLatitude|GPSLongitude|DateTimeOriginal"
LEAST_WAIT_S = 5.0  # Source: Manual:Maxlag, "wait at least 5 seconds"
OVERLOADED = frozenset({"maxlag", "ratelimited", "readonly"})


def ask(query: SourceQuery, info: SourceInfo, generator: Mapping[str, str], prop: str = "imageinfo") -> Request:
    """Return the request for a batch of photos that a generator finds."""
    known = {
        "action": "query",
        "format": "json",
        "formatversion": "2",
        "maxlag": "5",
        "prop": prop,
        "iiprop": "url|size|mime|extmetadata|user",
        "iiurlwidth": str(LARGE_WIDTH if query.min_size_px > LARGE_FROM_PX else SMALL_WIDTH),
        "iiextmetadatafilter": FACTS,
        **generator,
    }
    further = {name: value for name, value in query.cursor.items() if CONTINUES.fullmatch(name)}
    return Request(address(query, ORIGIN, "/w/api.php"), params={**known, **further}, source=info.name)


def parse_batch(response: Response, query: SourceQuery, info: SourceInfo) -> SourcePage:
    """Return the candidates of a batch.

    Raises:
        SourceBusy, SourceBlocked, SourceLayoutError, SourceFailed: see `Source`.
    """
    check_status(response, info)
    answer = read_object(response, info)
    if isinstance(answer.get("error"), dict):
        _raise_error(answer["error"], response, info)
    cursor = _next_cursor(answer, query, info)
    pages = _pages(answer, info)
    shown = [page for page in pages if _image_of(page)]
    if not shown and not cursor and not query.cursor and any(_should_have_image(page) for page in pages):
        raise layout(info, "imageinfo")
    first = from_cursor(query, SEEN, 0)
    candidates = present(_candidate(page, first + index, response, query, info) for index, page in enumerate(shown))
    return SourcePage(candidates, {**cursor, SEEN: str(first + len(shown))} if cursor else None)


def _pages(answer: Json, info: SourceInfo) -> list[Json]:
    """Return the pages in the order of the search; none where the API says that it has none."""
    found = answer.get("query")
    if found is None and ("batchcomplete" in answer or "continue" in answer):
        return []
    pages = found.get("pages") if isinstance(found, dict) else None
    if not isinstance(pages, list) or not all(isinstance(page, dict) and "pageid" in page for page in pages):
        raise layout(info, "query.pages")
    return sorted(pages, key=lambda page: number_of(page, "index") or 0)


def _next_cursor(answer: Json, query: SourceQuery, info: SourceInfo) -> dict[str, str] | None:
    """Return what the API wants to be asked next; None where it has said all, or would repeat itself."""
    stated = answer.get("continue")
    if stated is None:
        return None
    if not isinstance(stated, dict):
        raise layout(info, "continue")
    cursor = {name: text_of(stated, name) for name in stated if CONTINUES.fullmatch(name)}
    asked = {name: value for name, value in query.cursor.items() if name != SEEN}
    return cursor if cursor and cursor != asked else None


def _image_of(page: Json) -> Json | None:
    images = page.get("imageinfo")
    return images[0] if isinstance(images, list) and images and isinstance(images[0], dict) else None


def _should_have_image(page: Json) -> bool:
    """Whether a page is a file that Commons has; one that was deleted stays in the index for a while."""
    return not page.get("missing") and page.get("imagerepository", "local") != ""


def _candidate(page: Json, rank: int, response: Response, query: SourceQuery, info: SourceInfo) -> Candidate | None:
    """Return the photo as a thumbnail; None for drawings and films, and where only the original could be fetched."""
    image = _image_of(page) or {}
    thumb = web_address(image.get("thumburl"), response.url)
    original = web_address(image.get("url"), response.url)
    if not thumb or thumb == original or text_of(image, "mime") not in PHOTOS:
        return None
    facts = image.get("extmetadata")
    said: Json = facts if isinstance(facts, dict) else {}
    return Candidate(
        source=info.name,
        image_url=thumb,
        query=one_line(query.text),
        source_id=text_of(page, "pageid"),
        page_url=web_address(image.get("descriptionurl"), response.url),
        thumb_url=thumb,
        title=text_of(page, "title").removeprefix("File:"),
        author=_fact(said, "Artist") or text_of(image, "user") or _fact(said, "Credit"),
        licence=_fact(said, "LicenseShortName") or _fact(said, "License") or _fact(said, "UsageTerms"),
        licence_url=web_address(_fact(said, "LicenseUrl"), response.url),
        width_px=side_of(image, "thumbwidth"),
        height_px=side_of(image, "thumbheight"),
        position=_position(page, said),
        taken_at=moment_of(_fact(said, "DateTimeOriginal")),
        rank=rank,
    )


def _fact(said: Json, name: str) -> str:
    """Return what the description page says of something, which is HTML, as plain text."""
    fact = said.get(name)
    value = fact.get("value") if isinstance(fact, dict) else None
    return plain_text(str(value)) if isinstance(value, str | int | float) else ""


def _position(page: Json, said: Json) -> Position | None:
    """Return where the photo was taken: of the page, else of the camera."""
    points = page.get("coordinates")
    point = points[0] if isinstance(points, list) and points and isinstance(points[0], dict) else {}
    camera = {name: _fact(said, name) for name in ("GPSLatitude", "GPSLongitude")}
    return position_of(number_of(point, "lat"), number_of(point, "lon")) or position_of(
        number_of(camera, "GPSLatitude"), number_of(camera, "GPSLongitude")
    )


def _raise_error(error: Json, response: Response, info: SourceInfo) -> None:
    code = text_of(error, "code")
    if code in OVERLOADED or code.startswith("internal_api_error"):
        raise busy(info, response, LEAST_WAIT_S)
    raise refused(info, f"{code} {text_of(error, 'info')}")
