"""The table of sources: those that are asked over the network, and those that read what the curator brings.

Called by the crawl, the command line and the crawl page. A new source is a file beside this one and a line here.
"""

from collections.abc import Callable, Mapping

from core.crawl.keys import missing_keys
from core.crawl.source import Source, SourceInfo, SourcePage
from core.crawl.sources import (
    commons_category,
    commons_near,
    commons_search,
    flickr,
    google_api,
    google_page,
    instagram_graph,
    kakao,
    kto_gallery,
    naver_api,
    naver_hub,
    naver_page,
    openverse,
    url_list,
)

__all__ = ["FILE_SOURCES", "SOURCES", "available", "default_sources", "help_key", "missing_keys"]

_ASKED: tuple[Source, ...] = (
    commons_search,
    commons_near,
    commons_category,
    openverse,
    naver_hub,
    naver_api,
    google_api,
    instagram_graph,
    flickr,
    kakao,
    kto_gallery,
    naver_page,
    google_page,
)
SOURCES: Mapping[str, Source] = {source.INFO.name: source for source in _ASKED}
# What a file of the curator's holds: content and the file's name in, candidates out.
FILE_SOURCES: Mapping[str, Callable[[bytes, str], SourcePage]] = {
    naver_page.INFO.name: naver_page.parse_saved,
    google_page.INFO.name: google_page.parse_saved,
    url_list.INFO.name: url_list.parse_saved,
}
_DEFAULTS = (commons_search.INFO, commons_near.INFO, openverse.INFO)


def available(keys: Mapping[str, str], opt_in: frozenset[str] = frozenset()) -> tuple[SourceInfo, ...]:
    """Return the sources that can be asked now: no key is missing, and result pages only where switched on.

    opt_in: names of the sources that the operator switched on.
    """
    infos = (source.INFO for source in SOURCES.values())
    return tuple(i for i in infos if not missing_keys(i, keys) and (not i.opt_in or i.name in opt_in))


def default_sources() -> tuple[str, ...]:
    """Return the names of those that serve without any key, in the order in which they are asked."""
    return tuple(info.name for info in _DEFAULTS)


def help_key(name: str) -> str:
    """Return the key of the sentence that says what a source offers and on what terms."""
    return f"source.{name.replace('-', '_')}.help"
