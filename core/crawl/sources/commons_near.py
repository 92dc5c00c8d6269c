"""Wikimedia Commons, the photos taken around a position. No key is needed.

Offers: photos within a kilometre of the place, nearest first, whatever they show; the words of the query do not count.
Terms and pace: as for `commons_search`.
Source: mediawiki-extensions-GeoData `QueryGeoSearch.php`: radius 10 to 10,000 m, files are in namespace 6.
"""

from core.crawl.source import SourceInfo, SourcePage, SourceQuery
from core.crawl.sources.commons import ORIGIN, PAGE_SIZE, TERMS, ask, parse_batch
from core.errors import SourceFailed
from core.network.message import Request, Response

RADIUS_M = 1000  # the cliffs, falls and caves of the catalogue are within this of their point
MOST = 200  # the generator does not continue: this is all that is ever answered

INFO = SourceInfo(
    name="commons-near",
    title="Wikimedia Commons: nearby",
    home_url=ORIGIN,
    terms_url=TERMS,
    pace_s=1.0,
    page_size=PAGE_SIZE,
    most_results=MOST,
    hosts=("commons.wikimedia.org",),
    states_licence=True,
    needs_position=True,
)


def build_request(query: SourceQuery) -> Request:
    """Return the request for a batch of photos.

    Raises:
        SourceFailed: code "source.no_position"; the place has none.
    """
    if query.position is None:
        raise SourceFailed("source.no_position", source=INFO.name)
    generator = {
        "generator": "geosearch",
        "ggscoord": f"{query.position.latitude:.6f}|{query.position.longitude:.6f}",
        "ggsradius": str(RADIUS_M),
        "ggsnamespace": "6",
        "ggslimit": str(MOST),
        "colimit": str(MOST),
    }
    return ask(query, INFO, generator, prop="imageinfo|coordinates")


def parse_response(response: Response, query: SourceQuery) -> SourcePage:
    """Return the candidates of a batch; see `commons.parse_batch` for what it raises."""
    return parse_batch(response, query, INFO)
