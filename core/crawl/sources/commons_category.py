"""Wikimedia Commons, the files of one category. No key is needed.

Offers: what people have filed under a name, such as "Seongsan Ilchulbong"; the query is that name. Terms and pace: as
for `commons_search`. A category that does not exist has no files, which is no error.
Source: commons.wikimedia.org/w/api.php?action=help&modules=query+categorymembers.
"""

from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.commons import ORIGIN, PAGE_SIZE, TERMS, ask, parse_batch
from core.crawl.sources.reading import search_text
from core.network.message import Request, Response

PREFIX = "Category:"

INFO = SourceInfo(
    name="commons-category",
    title="Wikimedia Commons: category",
    home_url=ORIGIN,
    terms_url=TERMS,
    pace_s=1.0,
    page_size=PAGE_SIZE,
    most_results=10_000,
    hosts=("commons.wikimedia.org",),
    states_licence=True,
)


def build_request(query: SourceQuery) -> Request:
    """Return the request for a batch of files.

    Raises:
        SourceFailed: no category is named.
    """
    category = PREFIX + search_text(query, INFO).removeprefix(PREFIX).strip()
    generator = {"generator": "categorymembers", "gcmtitle": category, "gcmtype": "file", "gcmlimit": str(PAGE_SIZE)}
    return ask(query, INFO, generator)


def parse_response(response: Response, query: SourceQuery) -> SourcePage:
    """Return the candidates of a batch; see `commons.parse_batch` for what it raises."""
    return parse_batch(response, query, INFO)
