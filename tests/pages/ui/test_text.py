"""Text from outside shows as the characters it is."""

import re

import pytest

from core.messages import translator
from pages.ui.text import link, plain


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("![](http://x.example/a.png)", "\\!\\[\\]\\(http\\:\u2060\\/\\/x\\.example\\/a\\.png\\)"),
        ("[x](javascript:alert(1))", r"\[x\]\(javascript\:alert\(1\)\)"),
        ("<img src=x>", r"\<img src\=x\>"),
        (":red[x] :material/home:", r"\:red\[x\] \:material\/home\:"),
        (r"$\href{a}$", r"\$\\href\{a\}\$"),
        ("# not a heading", r"\# not a heading"),
        ("주상절리 2.5 km", r"주상절리 2\.5 km"),
    ],
)
def test_every_mark_of_markdown_is_escaped(text: str, escaped: str) -> None:
    assert plain(text) == escaped


@pytest.mark.parametrize(
    "text", [":smile:", "http://x.example", "www.x.example", "a@x.example", "a -> b", "<- a", "a -- b"]
)
def test_words_that_would_be_turned_into_something_else_are_kept_apart(text: str) -> None:
    escaped = plain(text)
    assert "\u2060" in escaped
    assert re.sub(r"\\(.)", r"\1", escaped.replace("\u2060", "")) == text


@pytest.mark.parametrize("text", ["064-710-7903", "만장굴길 182-1", "09:00", "7.4 km", "A: B"])
def test_what_a_visitor_copies_stays_whole(text: str) -> None:
    assert "\u2060" not in plain(text)


def test_indented_lines_do_not_become_code() -> None:
    assert plain("one\n    two\n\tthree") == "one\ntwo\nthree"


def test_marks_that_turn_the_reading_direction_are_left_out() -> None:
    assert plain("a\u202egpj.exe") == r"agpj\.exe"


def test_a_web_address_becomes_a_link_with_literal_words() -> None:
    assert link("a [b]", "https://example.org/x_(y)?z=1") == r"[a \[b\]](<https://example.org/x_(y)?z=1>)"


@pytest.mark.parametrize(
    "url",
    ["", "javascript:alert(1)", "data:text/html,x", "https://a b", "https://a>b", "https://a\nb", "//x", "ftp://x"],
)
def test_what_is_no_web_address_stays_text(url: str) -> None:
    assert link("words", url) == "words"


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "0%"),
        (0.004, "below 1%"),
        (0.006, "1%"),
        (0.62, "62%"),
        (0.994, "99%"),
        (0.997, "over 99%"),
        (1.0, "100%"),
    ],
)
def test_a_probability_claims_no_more_than_it_says(share: float, words: str) -> None:
    assert translator("en").probability(share) == words
