"""Keys stay here: out of addresses that are kept or logged, and out of what foreign libraries log."""

import logging
import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, quote, quote_plus, unquote, unquote_plus, urlencode, urlsplit, urlunsplit

from core.network.message import Request

MASK = "***"
SHORTEST_KEY = 6  # a shorter one would be found in every text, and nobody gives out such
TALKATIVE = ("urllib3.connectionpool", "urllib3.connection", "urllib3.poolmanager", "urllib3.response")
QUERY = re.compile(r"\?[^\s\"')>]*")


def secret_values(request: Request) -> frozenset[str]:
    """Return the values of a request that nobody may see."""
    values = (*((n, v) for n, v in request.params.items()), *((n, v) for n, v in request.headers.items()))
    return frozenset(value for name, value in values if name in request.secret and value)


def without_secrets(url: str, request: Request) -> str:
    """Return a URL without its secret parameters; a secret that stands elsewhere in it is masked."""
    values = secret_values(request)
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    open_pairs = [(name, value) for name, value in pairs if name not in request.secret and value not in values]
    if len(open_pairs) < len(pairs):
        url = urlunsplit(parts._replace(query=urlencode(open_pairs)))
    url = masked(url, values)
    return urlunsplit(urlsplit(url)._replace(query="", fragment="")) if holds_secret(url, values) else url


def masked(text: str, values: Iterable[str]) -> str:
    """Return a text in which each of `values` is masked, however it is written."""
    for form in _forms(values):
        text = text.replace(form, MASK)
    return text


def masked_bytes(content: bytes, values: Iterable[str]) -> bytes:
    """Mask `values` in the body of an answer: some hosts send the whole request back, in links to the next page."""
    for form in _forms(values):
        content = content.replace(form.encode(), MASK.encode())
    return content


def _forms(values: Iterable[str]) -> tuple[str, ...]:
    """Return the values as they are, as a URL writes them, and as JSON does, the longest first."""
    forms = {
        form
        for value in values
        if len(value) >= SHORTEST_KEY
        for form in (value, quote(value, safe=""), quote(value), quote_plus(value), value.replace("/", r"\/"))
    }
    return tuple(sorted(forms, key=len, reverse=True))


def holds_secret(url: str, values: Iterable[str]) -> bool:
    """Whether one of `values` stands in a URL, also in an address within its query."""
    once = unquote_plus(url)
    twice = unquote_plus(once)
    spelled = (url, once, unquote(url), twice, unquote_plus(twice))
    return any(value in text for value in values if len(value) >= SHORTEST_KEY for text in spelled)


class _QueryMask(logging.Filter):
    """Cuts the query off every address in a record of urllib3: keys travel there."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = QUERY.sub("?" + MASK, record.getMessage()), None
        record.exc_info = record.exc_text = None
        return True


def silence_addresses() -> None:
    """Keep queries out of urllib3's log at every level; repeated calls change nothing."""
    for name in TALKATIVE:
        logger = logging.getLogger(name)
        if not any(isinstance(one, _QueryMask) for one in logger.filters):
            logger.addFilter(_QueryMask())


def visible(headers: Mapping[str, str], values: Iterable[str]) -> dict[str, str]:
    """Return headers with lower-case names, and without secrets that the host sent back."""
    kept = tuple(values)
    return {name.lower(): masked(value, kept) for name, value in headers.items()}
