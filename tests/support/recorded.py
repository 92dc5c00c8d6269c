"""Answers of every source of photos as they are documented, with addresses of our own put in.

The bodies lie in `tests/crawl/recorded/<source>/`: `page` and `item` are templates, every other file is one case named
`<case>[-<variant>].<status>.<type>`. A loopback server that plays the sources calls `answer` with what it was asked;
a test of one page calls `render`. All values are invented, all field names are the sources' own.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

RECORDED = Path(__file__).parent.parent / "crawl" / "recorded"
TYPES = {"json": "application/json; charset=utf-8", "html": "text/html; charset=utf-8", "xml": "text/xml"}
Answer = tuple[int, dict[str, str], bytes]
# What each source calls the page that it is asked for, what its first is, and how much it grows from page to page.
PAGES = {
    "naver-api": ("start", 1, 100),
    "naver-hub": ("start", 1, 100),
    "google-api": ("start", 1, 10),
    "openverse": ("page", 1, 1),
    "flickr": ("page", 1, 1),
    "kakao": ("page", 1, 1),
    "kto-gallery": ("pageNo", 1, 1),
    "commons-search": ("gsroffset", 0, 50),
    "commons-category": ("gcmcontinue", 1, 1),
    "commons-near": ("iicontinue", 1, 1),
    "instagram-graph": ("after", 1, 1),
    "naver-page": ("start", 1, 50),
    "google-page": ("ijn", 0, 1),
}
# The path of each source below its `base_url`; that of Instagram is one of several.
PATHS = {
    "naver-api": "/v1/search/image.json",
    "naver-hub": "/search/v1/image",
    "google-api": "/customsearch/v1",
    "openverse": "/v1/images/",
    "flickr": "/services/rest/",
    "kakao": "/v2/search/image",
    "kto-gallery": "/B551011/PhotoGalleryService1/gallerySearchList1",
    "commons-search": "/w/api.php",
    "commons-category": "/w/api.php",
    "commons-near": "/w/api.php",
    "instagram-graph": "/v23.0/",
    "naver-page": "/search.naver",
    "google-page": "/search",
}


@dataclass(frozen=True)
class Case:
    """A recorded answer. kind: what it shows, such as "quota"."""

    source: str
    kind: str
    status: int
    file: Path

    @property
    def answer(self) -> Answer:
        """The answer as a server sends it."""
        return self.status, {"content-type": TYPES[self.file.suffix[1:]]}, self.file.read_bytes()

    def __str__(self) -> str:
        return f"{self.source}/{self.file.name}"


def cases(kind: str = "", source: str = "") -> list[Case]:
    """Return the recorded cases, of one kind or source if asked for."""
    found = []
    for file in sorted(RECORDED.glob("*/*.*.*"), key=lambda file: (file.parent.name, file.name.replace("-", "~"))):
        name, status, _ = file.name.split(".")
        found.append(Case(file.parent.name, name.split("-")[0], int(status), file))
    return [c for c in found if kind in ("", c.kind) and source in ("", c.source)]


def recorded(source: str, kind: str) -> Answer:
    """Return the first recorded case of a kind, such as ("kakao", "quota")."""
    return cases(kind, source)[0].answer


def page_of(source: str, params: Mapping[str, str]) -> int:
    """Return which page a request asks for, from 1."""
    name, first, step = PAGES[source]
    return -(-(int(params.get(name, first)) - first) // step) + 1


def answer(source: str, path: str, params: Mapping[str, str], image_urls: Sequence[str], per_page: int = 10) -> Answer:
    """Return what a source answers that knows these photos; an empty page after the last.

    path: what was asked for. params: of the request, each once. image_urls: all photos, in the order of the source.
    """
    if "ig_hashtag_search" in path:
        return 200, {"content-type": TYPES["json"]}, (RECORDED / source / "tag.json").read_bytes()
    if "recent_media" in path:
        return recorded(source, "empty")
    page, pages = page_of(source, params), -(-len(image_urls) // per_page)
    here = image_urls[(page - 1) * per_page : page * per_page]
    query = next((params[name] for name in ("q", "query", "text", "keyword", "gsrsearch") if name in params), "place")
    return render(source, query, page, here, pages) if here else recorded(source, "empty")


def render(source: str, query: str, page: int, image_urls: Sequence[str], pages: int = 3) -> Answer:
    """Return page `page` of `pages` (from 1) with these photos on it."""
    folder = RECORDED / source
    first = (page - 1) * 1000
    numbered = [(first + index, image_url) for index, image_url in enumerate(image_urls, start=1)]
    if (folder / "page.html").exists():
        return 200, {"content-type": TYPES["html"]}, _html_page(folder, query, numbered).encode()
    item = json.loads((folder / "item.json").read_text(encoding="utf-8"))
    values = {
        "$query": query,
        "$page": page,
        "$pages": pages,
        "$is_last": page == pages,
        **_paging(source, page, pages),
    }
    values["$items"] = [
        _filled(item, {"$query": query, "$image": image_url, "$number": f"{number:05}", "$count": number})
        for number, image_url in numbered
    ]
    body = _filled(json.loads((folder / "page.json").read_text(encoding="utf-8")), values)
    return 200, {"content-type": TYPES["json"]}, json.dumps(body, ensure_ascii=False).encode()


def _html_page(folder: Path, query: str, numbered: Sequence[tuple[int, str]]) -> str:
    item = (folder / "item.html").read_text(encoding="utf-8")
    items = [
        item.replace("$image_quoted", quote(image_url, safe=""))
        .replace("$image", image_url)
        .replace("$number", f"{number:05}")
        .replace("$query", query)
        for number, image_url in numbered
    ]
    separator = "," if items and items[0].startswith("{") else "\n"
    page = (folder / "page.html").read_text(encoding="utf-8").replace("$query", query)
    return page.replace("$items", separator.join(items))


def _paging(source: str, page: int, pages: int) -> dict[str, Any]:
    """Return how the source says what comes next; None for a field that the last page lacks."""
    name, first, step = PAGES[source]
    following = first + page * step
    more = page < pages
    return {
        **{f"$total_{size}": pages * size for size in (20, 80, 100, 250)},
        "$start_100": 1 + (page - 1) * 100,
        "$start_10": 1 + (page - 1) * 10,
        "$next_page": [{"count": 10, "startIndex": following}] if more else None,
        "$continue": {name: following, "continue": f"{name}||"} if more else None,
        "$paging": {"cursors": {"after": str(following)}, "next": "http://graph.test/next"} if more else None,
    }


def _filled(template: Any, values: Mapping[str, Any]) -> Any:
    """Put values into a template: a text that is a name becomes the value itself, and a field of None is left out."""
    if isinstance(template, dict):
        filled = {name: _filled(part, values) for name, part in template.items()}
        return {name: part for name, part in filled.items() if part is not None or template[name] is None}
    if isinstance(template, list):
        return [_filled(part, values) for part in template]
    if not isinstance(template, str):
        return template
    if template in values:
        return values[template]
    for name in sorted(values, key=len, reverse=True):
        template = template.replace(name, str(values[name])) if isinstance(values[name], str | int) else template
    return template
