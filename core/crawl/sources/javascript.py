"""Reads a JavaScript object as pages hold it: `{link:"…",n:1,}`, with names that JSON would not take.

Called by `naver_page`. Only literals are read, nothing is run; anything else ends with ValueError.
"""

import re
from typing import Any

DEEPEST = 40
SPACE = re.compile(r"(\s|//[^\n]*\n|/\*.*?\*/)*", re.DOTALL)
NAME = re.compile(r"[A-Za-z_$][\w$]*")
NUMBER = re.compile(r"[+-]?(0[xX][0-9a-fA-F]{1,15}|(\d{1,30}\.?\d{0,30}|\.\d{1,30})([eE][+-]?\d{1,3})?)")
ESCAPE = re.compile(r"\\(u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|\r\n|[\s\S])")
STRING = {quote: re.compile(rf"{quote}((?:[^{quote}\\]|\\[\s\S])*+){quote}") for quote in "\"'`"}
LETTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r": "", "\r\n": ""}
WORDS = {"true": True, "false": False, "null": None, "undefined": None, "NaN": None, "!0": True, "!1": False}
WORD = re.compile(r"!0|!1|void 0|(true|false|null|undefined|NaN)\b")


def read_literal(text: str, start: int = 0) -> Any:
    """Return the object, list, text or number that begins at `start`; what follows it does not matter.

    Raises:
        ValueError: something else begins there, or ends too early.
    """
    return _Reader(text, start).value(DEEPEST)


class _Reader:
    """A place in a text that moves on as values are read."""

    def __init__(self, text: str, start: int) -> None:
        self._text, self._at = text, start

    def value(self, deepest: int) -> Any:
        """Read one value and the space before it."""
        if deepest < 0:
            raise ValueError("too deep")
        sign = self._next()
        if sign == "{":
            return self._object(deepest - 1)
        if sign == "[":
            return self._list(deepest - 1)
        if sign in STRING:
            return self._string()
        word = WORD.match(self._text, self._at)
        if word:
            self._at = word.end()
            return WORDS.get(word[0])
        return self._number()

    def _object(self, deepest: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._at += 1
        while self._next() != "}":
            name = self._name()
            self._take(":")
            found[name] = self.value(deepest)
            self._comma_or("}")
        self._at += 1
        return found

    def _list(self, deepest: int) -> list[Any]:
        found: list[Any] = []
        self._at += 1
        while self._next() != "]":
            found.append(self.value(deepest))
            self._comma_or("]")
        self._at += 1
        return found

    def _name(self) -> str:
        if self._text[self._at] in STRING:
            return self._string()
        return self._matched(NAME) if NAME.match(self._text, self._at) else str(self._number())

    def _string(self) -> str:
        quoted = self._matched(STRING[self._text[self._at]])
        # Halves of a pair, written one by one, are joined.
        text = ESCAPE.sub(_unescaped, quoted[1:-1])
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _number(self) -> float:
        written = self._matched(NUMBER)
        return int(written, 16) if "x" in written.lower() else float(written)

    def _matched(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"no value at {self._at}")
        self._at = match.end()
        return match[0]

    def _comma_or(self, closing: str) -> None:
        if self._next() == ",":
            self._at += 1
        elif self._next() != closing:
            raise ValueError(f"no comma at {self._at}")

    def _take(self, sign: str) -> None:
        if self._next() != sign:
            raise ValueError(f"no {sign} at {self._at}")
        self._at += 1

    def _next(self) -> str:
        """Pass over space and comments, and return the sign there."""
        space = SPACE.match(self._text, self._at)
        self._at = space.end() if space else self._at
        if self._at >= len(self._text):
            raise ValueError("ends too early")
        return self._text[self._at]


def _unescaped(escape: re.Match[str]) -> str:
    digits = escape[2] or escape[3] or escape[4]
    if digits:
        return chr(min(int(digits, 16), 0x10FFFF))
    return LETTERS.get(escape[1], escape[1])
