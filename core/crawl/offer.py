"""A crawl of what a file of the curator's holds: a list of addresses, or a result page saved from a browser.

No source is asked: the file's candidates are noted at once, and the crawl only fetches them.
"""

from collections.abc import Callable
from dataclasses import replace

from core.crawl.source import SourcePage
from core.db.crawls import CrawlRepository
from core.domain.crawl import Crawl, CrawlSpec
from core.errors import InvalidInput

ReadFile = Callable[[bytes, str], SourcePage]


def offer_file(spec: CrawlSpec, read: ReadFile, content: bytes, name: str, crawls: CrawlRepository) -> Crawl:
    """Note a crawl of a file's candidates. spec: of one place and one source, which reads such files with `read`.

    Raises:
        InvalidInput: "crawl.file_place", or a line of the file that is none.
        SourceBlocked, SourceLayoutError: the file is no page that the source is known to send.
    """
    if len(spec.place_slugs) != 1:
        raise InvalidInput("crawl.file_place")
    page = read(content, name)
    place_slug, source = spec.place_slugs[0], spec.sources[0]
    crawl = crawls.create(replace(spec, queries={place_slug: (name,)}))
    crawls.open_queries(crawl.crawl_id, [(place_slug, source, name)])
    query = crawls.next_query(crawl.crawl_id, source, place_slug)
    if query is not None:
        crawls.add_candidates(query, page.candidates, None)
    return crawl
