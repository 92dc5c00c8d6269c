"""Text for elements that render Markdown, which in Streamlit is nearly all of them.

A crawled title such as `![](http://…)` in a caption would make the visitor's browser call out; `plain` makes it show
as the characters it is.
"""

import re

# Source: every ASCII punctuation character may be escaped, CommonMark 0.31, 2.4; the set measured clean in Chromium.
SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&\"'=/@^])")
# Characters that turn the reading direction of what follows, which could dress one address up as another.
DIRECTION_MARKS = re.compile("[\u202a-\u202e\u2066-\u2069]")

# Words, not marks, that are turned into something else after escaping: `:smile:`, `http://…`, `www.…`, `a@b`, `->`,
# `--`. An invisible joiner goes in between; addresses and telephone numbers that a visitor copies are left whole.
TURNED = re.compile(r"(?<=:)(?=[\w+-]+:|//)|(?<=www)(?=\.)|(?<=\w@)(?=\w)|(?<=-)(?=[->])|(?<=<)(?=-)", re.IGNORECASE)
WORD_JOINER = "\u2060"
# An address that cannot end the `<…>` of a Markdown link nor begin anything but a web page.
WEB_ADDRESS = re.compile(r"https?://[^\s<>\\\x00-\x1f]+", re.IGNORECASE)


def plain(text: str) -> str:
    """Escape `text` so that Markdown shows it literally, each line without indentation (which would make it code)."""
    literal = TURNED.sub(WORD_JOINER, DIRECTION_MARKS.sub("", text))
    return "\n".join(SPECIAL.sub(r"\\\1", line.strip()) for line in literal.splitlines())


def link(text: str, url: str) -> str:
    """Return a Markdown link to a web page, or the text alone when `url` is none (`javascript:`, `data:`, a blank)."""
    if not WEB_ADDRESS.fullmatch(url):
        return plain(text)
    return f"[{plain(text)}](<{url}>)"
