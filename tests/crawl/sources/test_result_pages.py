"""Result pages of Naver and Google, asked for or saved by hand, and the reader of objects in scripts."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crawl.source import SourceQuery
from core.crawl.sources import google_page, naver_page
from core.crawl.sources.javascript import read_literal
from core.crawl.sources.registry import FILE_SOURCES
from core.errors import SourceBlocked, SourceFailed, SourceLayoutError
from core.network.message import Response
from tests.support.recorded import cases, render

PHOTOS = ["http://img.test/1.jpg", "http://img.test/%EB%91%98.jpg?a=1&b=2"]


@pytest.mark.parametrize("name", ["naver-page", "google-page"])
def test_a_saved_page_gives_the_photos_of_the_page(name: str, tmp_path: Path) -> None:
    saved = tmp_path / "saved.html"
    saved.write_bytes(b"\xef\xbb\xbf" + render(name, "만장굴", 1, PHOTOS)[2])
    page = FILE_SOURCES[name](saved.read_bytes(), saved.name)
    assert [candidate.image_url for candidate in page.candidates] == PHOTOS
    assert page.next_cursor is None
    assert {candidate.width_px for candidate in page.candidates} <= {1200, 1280}


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("naver-page", b"", SourceLayoutError),
        ("google-page", b"", SourceLayoutError),
        ("naver-page", b"\xff\xd8\xff\xe0 a photo", SourceLayoutError),
        ("google-page", b"\x00\x01<?xml version='1.0'?><a>", SourceLayoutError),
        ("google-page", cases("blocked", "google-page")[0].file.read_bytes(), SourceBlocked),
        ("naver-page", cases("blocked", "naver-page")[0].file.read_bytes(), SourceBlocked),
    ],
)
def test_a_saved_file_that_is_no_such_page_is_named(name: str, content: bytes, error: type[SourceFailed]) -> None:
    with pytest.raises(error):
        FILE_SOURCES[name](content, "saved.html")


def test_the_call_around_navers_older_answer_is_taken_off_and_its_texts_are_decoded() -> None:
    body = cases("single", "naver-page")[0].file.read_bytes()
    (candidate,) = naver_page.parse_saved(body, "saved").candidates
    assert candidate.title == "성산일출봉"
    assert candidate.image_url == "http://img.test/%EA%B5%B4.jpg"
    assert candidate.page_url == "http://blog.test/1"


def test_a_title_of_a_page_is_plain_text() -> None:
    (first, _) = naver_page.parse_saved(render("naver-page", "<i>입구</i>", 1, PHOTOS)[2], "saved").candidates
    assert first.title == "만장굴 입구 00001"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("{a:1,'b':[true,!1,null,],\"c-d\":{},}", {"a": 1.0, "b": [True, False, None], "c-d": {}}),
        (r'"\uD83D\uDE00 \x41\n\'\/"', "😀 A\n'/"),
        ("`tick` rest", "tick"),
        ("{ // why\n a /* b */ : -1.5e3 , 0x1F: undefined, 7: void 0}", {"a": -1500.0, "31": None, "7.0": None}),
        ('"lone \\uD800"', "lone �"),
    ],
)
def test_objects_of_scripts_are_read(written: str, value: Any) -> None:
    assert read_literal(written) == value


@pytest.mark.parametrize(
    "written",
    ["", "{", "[1", '"open', "{a}", "{a:1 b:2}", "f()", "{a:f()}", "[" * 500, "{a:" * 500, "'a\\", "new Date"],
)
def test_what_is_no_literal_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_literal(written)


@given(st.text(max_size=200) | st.text(alphabet="{}[]:,'\"`\\ux0aF!1-.", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read_literal(text)
    except ValueError:
        return


@given(st.text(max_size=300) | st.text(alphabet='<a href="/imgres?imgurl=http:w&;%[]#>', max_size=100))
def test_any_page_is_read_or_refused(text: str) -> None:
    for source in (google_page, naver_page):
        try:
            source.parse_response(
                Response(200, "http://127.0.0.1:9/", {}, text.encode("utf-8", "replace")), SourceQuery("말")
            )
        except SourceFailed:
            continue
