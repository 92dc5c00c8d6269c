"""Reads what sources answer into values: JSON, plain text, numbers, addresses, positions, moments.

Everything read is untrusted: a value of the wrong kind counts as not there, and an answer of an unknown shape is an
error, never "no results". Called by the files of this folder.
"""

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from core.crawl.source import SourceInfo, SourceQuery
from core.crawl.sources.refusals import is_markup, layout, no_results_page
from core.domain.crawl import Candidate
from core.domain.place import Position
from core.errors import SourceFailed
from core.network.message import Response

Json = Mapping[str, Any]
TEXT_LENGTH = 500
LONGEST_HTML = 5000  # characters of a title or credit that are looked at
LONGEST_ADDRESS = 2000  # what browsers and servers take without question
LARGEST_SIDE_PX = 100_000
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]+")
HIDDEN = re.compile(r"<(style|script)\b[^>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)
PLAIN_ADDRESS = re.compile(r"[^\s\\<>\"\x00-\x20\x7f]+")


def read_object(response: Response, info: SourceInfo) -> Json:
    """Return the body as a JSON object.

    Raises:
        SourceBlocked: a captcha or a login wall. SourceLayoutError: anything else.
    """
    if is_markup(response):
        raise no_results_page(response, info, "JSON")
    try:
        found = json.loads(response.text)
    except (ValueError, RecursionError):
        raise layout(info, "JSON") from None
    if not isinstance(found, dict):
        raise layout(info, "{}")
    return found


def object_at(parent: Json, name: str, info: SourceInfo) -> Json:
    """Return an object of an object.

    Raises:
        SourceLayoutError: it is not there, or something else.
    """
    found = parent.get(name)
    if not isinstance(found, dict):
        raise layout(info, name)
    return found


def objects_at(parent: Json, name: str, info: SourceInfo) -> list[Json]:
    """Return a list of objects; what is none is left out, unless nothing is left.

    Raises:
        SourceLayoutError: there is no such list, or it holds other things.
    """
    found = parent.get(name)
    if not isinstance(found, list):
        raise layout(info, name)
    objects: list[Json] = [item for item in found if isinstance(item, dict)]
    if found and not objects:
        raise layout(info, f"{name}[]")
    return objects


def collect(
    items: Sequence[Json], make: Callable[[Json, int], Candidate], info: SourceInfo, needed: str
) -> tuple[Candidate, ...]:
    """Make candidates of items, leaving out those without a usable address.

    make: gets an item and its index. needed: the field that holds what is fetched.

    Raises:
        SourceLayoutError: there are items, and none of them has the field.
    """
    if items and not any(text_of(item, needed) for item in items):
        raise layout(info, needed)
    made = [make(item, index) for index, item in enumerate(items)]
    return tuple(candidate for candidate in made if candidate.image_url)


def present(candidates: Iterable[Candidate | None]) -> tuple[Candidate, ...]:
    """Leave out what could not be made."""
    return tuple(candidate for candidate in candidates if candidate is not None)


def text_of(item: Json, name: str, length: int = TEXT_LENGTH) -> str:
    """Return a text or number as text that can be stored anywhere: in one line, without controls; "" for neither."""
    value = item.get(name)
    return one_line(str(value), length) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def one_line(text: str, length: int = TEXT_LENGTH) -> str:
    """Return a text in one line, without control characters and halves of characters, cut to a length."""
    whole = text[:LONGEST_HTML].encode("utf-8", errors="replace").decode("utf-8")
    return " ".join(CONTROL.sub(" ", whole).split())[:length]


def plain_text(markup: str, length: int = TEXT_LENGTH) -> str:
    """Return what a piece of HTML says: no tags, entities resolved, one line. It stays untrusted."""
    shown = TAG.sub("", HIDDEN.sub(" ", markup[:LONGEST_HTML]))
    return one_line(html.unescape(shown), length)


def side_of(item: Json, name: str) -> int | None:
    """Return a width or height in pixels, whether it is written as a number or as text; None where it is neither."""
    number = number_of(item, name)
    return int(number) if number is not None and 1 <= number <= LARGEST_SIDE_PX else None


def count_of(item: Json, name: str) -> int | None:
    """Return how many there are of something; None where no whole number of at least 0 is stated."""
    number = number_of(item, name)
    return int(number) if number is not None and 0 <= number <= 10**12 else None


def number_of(item: Json, name: str) -> float | None:
    """Return a number, whether it is written as a number or as text; it may be infinite or none (NaN)."""
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def position_of(latitude: float | None, longitude: float | None) -> Position | None:
    """Return a position; None out of range, and at 0, 0, which sources write for "not known"."""
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    return Position(latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def moment_of(text: str) -> datetime | None:
    """Return a camera's local time, written "2021-05-01 10:00:00" or as in EXIF; None for what is no such."""
    try:
        moment = datetime.strptime(text[:10].replace(":", "-") + text[10:19], "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None
    return moment if moment.year >= 1990 else None  # no digital camera is older


def web_address(raw: object, base: str) -> str:
    """Return an absolute http(s) address in ASCII, without a fragment; "" for anything else (data:, blob:, nonsense).

    base: the address of the answer, whose scheme `//host/x` takes over. Percent signs stay as they are.
    """
    text = raw.strip() if isinstance(raw, str) else ""
    if not 0 < len(text) <= LONGEST_ADDRESS or PLAIN_ADDRESS.fullmatch(text) is None:
        return ""
    try:
        parts = urlsplit(urljoin(base, text) if text.startswith(("//", "/")) else text)
        port = f":{parts.port}" if parts.port else ""
        host = (parts.hostname or "").encode("ascii" if ":" in (parts.hostname or "") else "idna").decode()
    except (ValueError, UnicodeError):
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host or "@" in parts.netloc:
        return ""
    host = f"[{host}]" if ":" in host else host
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._", errors="replace")
    search = quote(parts.query, safe="/%:@!$&'()*+,;=~-._?", errors="replace")
    return urlunsplit((parts.scheme.lower(), host + port, path, search, ""))


def search_text(query: SourceQuery, info: SourceInfo, length: int = 200) -> str:
    """Return what to search for, in one line.

    Raises:
        SourceFailed: code "source.no_query"; it is empty.
    """
    text = one_line(query.text, length)
    if not text:
        raise SourceFailed("source.no_query", source=info.name)
    return text


def from_cursor(query: SourceQuery, name: str, first: int) -> int:
    """Return a number of the cursor, or that of the first page."""
    stated = count_of(query.cursor, name)
    return first if stated is None else max(first, stated)


def address(query: SourceQuery, origin: str, path: str) -> str:
    """Return where a request goes: the source's own origin, or that of a stand-in."""
    return (query.base_url.rstrip("/") or origin) + path
