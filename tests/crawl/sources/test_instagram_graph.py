"""Instagram's steps and cursors: the tag's number, its top media, its recent media."""

import json
from typing import Any

import pytest

from core.crawl.source import SourcePage, SourceQuery
from core.crawl.sources import instagram_graph
from core.errors import SourceLayoutError
from core.network.message import Response
from tests.support.recorded import RECORDED


def parse(body: Any, cursor: dict[str, str] | None = None) -> SourcePage:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = Response(200, "http://127.0.0.1:9/answer", {}, content)
    return instagram_graph.parse_response(answer, SourceQuery("말", cursor=cursor or {}))


GRAPH_KEYS = {"instagram_token": "t", "instagram_user": "u"}


def test_instagram_asks_for_the_tag_then_its_top_then_its_recent_media() -> None:
    def path(cursor: dict[str, str]) -> str:
        return instagram_graph.build_request(SourceQuery("성산 일출봉!", cursor=cursor, keys=GRAPH_KEYS)).url.split(
            ".com"
        )[1]

    assert path({}) == "/v23.0/ig_hashtag_search"
    assert instagram_graph.build_request(SourceQuery("#성산 일출봉!", keys=GRAPH_KEYS)).params["q"] == "성산일출봉"
    tag = parse({"data": [{"id": "17"}]}).next_cursor
    assert tag is not None and path(dict(tag)) == "/v23.0/17/top_media"
    media = {"data": [{"id": "1", "media_type": "IMAGE", "media_url": "http://img.test/1.jpg"}]}
    recent = parse(media, dict(tag)).next_cursor
    assert recent is not None and path(dict(recent)) == "/v23.0/17/recent_media"
    assert parse(media, dict(recent)).next_cursor is None


@pytest.mark.parametrize("data", [True, False])
def test_instagrams_cursor_that_never_changes_ends_after_some_pages(data: bool) -> None:
    pages, cursor = 0, {"tag": "17", "step": "0", "page": "0"}
    while cursor is not None:
        items = [{"id": str(pages), "media_type": "IMAGE", "media_url": "http://img.test/1.jpg"}] if data else []
        body = {"data": items, "paging": {"cursors": {"after": "SAME"}}}
        cursor, pages = parse(body, cursor).next_cursor, pages + 1
        assert pages <= 20
    assert pages == (20 if data else 2)


def test_instagrams_albums_give_their_photos_and_no_films() -> None:
    album = (RECORDED / "instagram-graph" / "album.json").read_bytes()
    page = parse(album, {"tag": "17", "step": "0", "page": "0"})
    assert [c.image_url for c in page.candidates] == ["http://img.test/a1.jpg", "http://img.test/a2.jpg"]
    assert {c.page_url for c in page.candidates} == {"http://ig.test/p/B/"}
    assert page.next_cursor == {"tag": "17", "step": "0", "page": "1", "after": "SAMECURSOR"}


def test_a_tag_that_is_no_number_is_not_asked_for() -> None:
    with pytest.raises(SourceLayoutError):
        parse({"data": [{"id": "../me"}]})
