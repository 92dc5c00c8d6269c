"""Wikimedia Commons, searched by words. No key is needed.

Offers: author, licence and often a position with each photo, all of them free to use. Terms: credit the author under
the licence; say who asks, which the User-Agent does. Pace: one request at a time, later when told so (`maxlag`).
Source: commons.wikimedia.org/w/api.php?action=help&modules=query+search.
"""

from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.commons import ORIGIN, PAGE_SIZE, TERMS, ask, parse_batch
from core.crawl.sources.reading import search_text
from core.network.message import Request, Response

INFO = SourceInfo(
    name="commons-search",
    title="Wikimedia Commons",
    home_url=ORIGIN,
    terms_url=TERMS,
    pace_s=1.0,
    page_size=PAGE_SIZE,
    most_results=10_000,  # `gsroffset` ends there; Source: CirrusSearch
    hosts=("commons.wikimedia.org",),
    states_licence=True,
)


def build_request(query: SourceQuery) -> Request:
    """Return the request for a batch of results.

    Raises:
        SourceFailed: there is nothing to search for.
    """
    words = f"filetype:bitmap {search_text(query, INFO)}"
    generator = {"generator": "search", "gsrsearch": words, "gsrnamespace": "6", "gsrlimit": str(PAGE_SIZE)}
    return ask(query, INFO, generator)


def parse_response(response: Response, query: SourceQuery) -> SourcePage:
    """Return the candidates of a batch; see `commons.parse_batch` for what it raises."""
    return parse_batch(response, query, INFO)
