"""Lists of addresses: what is taken, and bad lines by their number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crawl.sources.url_list import MOST_LINES, parse_saved, read_list
from core.errors import InvalidInput

LIST = """\ufeffurl,page_url,author,licence
http://img.test/1.jpg

# a remark
https://img.test/2.jpg, http://blog.test/2, "Kim, Minji", CC BY 4.0
http://img.test/1.jpg,http://blog.test/again
"""


def test_addresses_pages_authors_and_licences_are_read_each_address_once() -> None:
    first, second = parse_saved(LIST.encode(), "mine.csv").candidates
    assert (first.image_url, first.page_url, first.author, first.licence) == ("http://img.test/1.jpg", "", "", "")
    assert (second.page_url, second.author, second.licence) == ("http://blog.test/2", "Kim, Minji", "CC BY 4.0")
    assert (first.source, second.rank) == ("url-list", 1)


def test_bad_lines_are_named_by_file_and_line_and_the_others_are_read() -> None:
    lines = [
        "http://img.test/1.jpg",
        "file:///etc/passwd",
        ",http://blog.test",
        "http://img.test/2.jpg,not a page",
        "a,b,c,d,e",
    ]
    found = read_list("\r\n".join(lines).encode(), "mine.txt")
    assert [c.image_url for c in found.candidates] == ["http://img.test/1.jpg"]
    assert [(bad.number, bad.error.code) for bad in found.bad_lines] == [
        (2, "url_list.address"), (3, "url_list.address"), (4, "url_list.address"), (5, "url_list.columns"),
    ]  # fmt: skip
    assert all(
        bad.error.values["file"] == "mine.txt" and bad.error.values["line"] == bad.number for bad in found.bad_lines
    )
    with pytest.raises(InvalidInput, match="address"):
        parse_saved("\r\n".join(lines).encode(), "mine.txt")


def test_a_file_that_is_no_list_is_refused_as_a_whole() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_list(b"\xff\xd8\xff\xe0", "photo.jpg")
    assert caught.value.code == "url_list.not_text"
    with pytest.raises(InvalidInput) as caught:
        read_list(b"http://img.test/1.jpg\n" * (MOST_LINES + 1), "long.txt")
    assert (caught.value.code, caught.value.values["limit"]) == ("url_list.too_long", MOST_LINES)


@given(st.text(max_size=300) | st.text(alphabet='http://a.b,"\n\r#\x00', max_size=100))
def test_any_text_is_read_or_its_lines_are_named(text: str) -> None:
    found = read_list(text.encode("utf-8", "replace"), "any")
    assert all(c.image_url.startswith(("http://", "https://")) for c in found.candidates)
    assert all(1 <= bad.number <= len(text) + 1 for bad in found.bad_lines)
