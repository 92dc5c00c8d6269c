"""Sentences in Korean and English, from gettext catalogues that lie beside this file.

`catalogues/ko.po` and `catalogues/en.po` hold every key; `translator("ko")` returns the function that looks one up,
`describe(error, "ko")` words an error. Used by the pages and the command line; the layers below raise codes only.
"""

from core.messages.answers import explain
from core.messages.translate import Translator, describe, pick_language, translator

__all__ = ["Translator", "describe", "explain", "pick_language", "translator"]
