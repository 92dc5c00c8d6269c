"""Ask a source for its next page of candidates, and remember them and where it goes on in one step."""

from core.crawl.belt import Belt
from core.crawl.source import Source, SourcePage, SourceQuery
from core.crawl.tools import CrawlTools
from core.db.crawls import CrawlQuery
from core.domain.crawl import CrawlSpec
from core.domain.place import Place
from core.errors import SourceBusy

MOST_PAGES = 100  # of one query, whatever a source says of itself
STALE_PAGES = 3  # so many pages in a row without anything new end a query: some sources turn in circles
BUSY_TRIES = 5
LONGEST_BUSY_S = 60.0


def ask_page(query: CrawlQuery, place: Place, spec: CrawlSpec, tools: CrawlTools, belt: Belt) -> int:
    """Ask for one page of a query, note what it holds, and return how many of its candidates are new.

    Raises:
        SourceFailed, NetworkFailed: nothing is noted; the same page is asked for next time.
        JobStopped: asked to stop.
        DatabaseUnavailable: the page could not be noted.
    """
    source = tools.source(query.source)
    wanted = SourceQuery(
        text=query.text,
        position=place.position,
        cursor=query.cursor,
        keys={name: tools.keys[name] for name in source.INFO.key_settings if tools.keys.get(name)},
        min_size_px=spec.min_size_px,
        free_only=spec.free_only,
        base_url=tools.base_urls.get(query.source, ""),
    )
    page = _patiently(source, wanted, tools, belt)
    is_last = query.pages + 1 >= most_pages(source)
    new = tools.crawls.add_candidates(query, page.candidates, page.next_cursor, finished=is_last)
    if not new and query.stale_pages + 1 >= STALE_PAGES:
        tools.crawls.finish_query(query)
    return new


def most_pages(source: Source) -> int:
    """Return how many pages of a query are asked for at most: what can be reached, and one more that may be short."""
    return min(MOST_PAGES, -(-source.INFO.most_results // max(1, source.INFO.page_size)) + 1)


def _patiently(source: Source, wanted: SourceQuery, tools: CrawlTools, belt: Belt) -> SourcePage:
    """Ask until the source is not busy any more, a few times."""
    for _ in range(BUSY_TRIES - 1):
        try:
            return _once(source, wanted, tools, belt)
        except SourceBusy as busy:
            belt.pause(min(float(busy.values.get("wait_s", 5)), LONGEST_BUSY_S))
    return _once(source, wanted, tools, belt)


def _once(source: Source, wanted: SourceQuery, tools: CrawlTools, belt: Belt) -> SourcePage:
    response = tools.fetcher.send(source.build_request(wanted), belt.stopping)
    return source.parse_response(response, wanted)
