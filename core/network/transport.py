"""One request over the wire and its answer, capped in bytes and time; the one file that wraps `requests`.

Each exchange talks in a thread of its own, while the caller's looks whether to stop or whether time is up: a name that
does not resolve, a handshake that hangs and a byte a second all end in time. No cookies, no proxies, no retries.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import requests
from requests import exceptions as trouble
from urllib3.exceptions import HTTPError, ReadTimeoutError

from core.errors import AddressRefused, JobStopped, NetworkFailed
from core.network.addresses import Resolver, Target, resolve
from core.network.clock import LOOK_S, Stop, check_stop
from core.network.connections import Doorway, JudgingAdapter, Line
from core.network.masking import silence_addresses
from core.network.policy import FetchPolicy
from core.network.retry import BUSY, is_busy

CHUNK_BYTES = 64 * 1024
REDIRECTS = frozenset({301, 302, 303, 307, 308})

# What the libraries raise, in the order in which it is looked for; several of them are of two kinds.
OURS: tuple[tuple[tuple[type[Exception], ...], Callable[[str], NetworkFailed]], ...] = (
    ((trouble.SSLError,), lambda host: NetworkFailed("network.certificate", host=host)),
    ((trouble.ChunkedEncodingError,), lambda host: NetworkFailed("network.truncated", host=host)),
    ((trouble.ContentDecodingError,), lambda host: NetworkFailed("network.garbled", host=host)),
    ((trouble.InvalidURL,), lambda _: AddressRefused("network.address")),
    ((trouble.RequestException, HTTPError, OSError), lambda host: NetworkFailed("network.no_answer", host=host)),
    ((ValueError,), lambda _: AddressRefused("network.address")),
)


@dataclass(frozen=True, slots=True)
class Ask:
    """What goes over the wire.

    cut: a longer answer is cut at `max_bytes` instead of refused. reads_429: its body is wanted, too.
    """

    target: Target
    headers: Mapping[str, str]
    max_bytes: int
    cut: bool = False
    reads_429: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. headers: lower-case names.

    content: empty for a redirect, and for an answer that says "busy" unless that is to be read.
    body_s: seconds from the headers to the last byte.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    body_s: float = 0.0

    @property
    def location(self) -> str:
        """Where a redirect points to; "" where it is none."""
        if self.status not in REDIRECTS:
            return ""
        return self.headers.get("location", "").encode("latin-1", "replace").decode("utf-8", "replace").strip()


def full_url(url: str, params: Mapping[str, str]) -> str:
    """Return a URL with its parameters, everything quoted as it is sent.

    Raises:
        AddressRefused: it is none.
    """
    prepared = requests.PreparedRequest()
    try:
        prepared.prepare_url(url, dict(params))
    except (trouble.RequestException, ValueError):
        raise AddressRefused("network.address") from None
    return str(prepared.url)


class Transport:
    """Asks one thing at a time per call; thread-safe."""

    def __init__(self, policy: FetchPolicy, resolver: Resolver = resolve) -> None:
        silence_addresses()
        self._policy = policy
        self._verify = str(policy.ca_file) if policy.ca_file else True
        self._doorway = Doorway(policy, resolver)
        self._adapter = JudgingAdapter(self._doorway)

    def get(self, ask: Ask, stop: Stop) -> Answer:
        """Send a GET and return its answer, of any status.

        Raises:
            NetworkFailed: no answer, or one that is cut, too long, or too slow.
            AddressRefused: the address is private.
            JobStopped: `stop` said so.
        """
        check_stop(stop)
        exchange = _Exchange(ask, Line())
        threading.Thread(target=self._run, args=(exchange,), daemon=True, name="eodi-network").start()
        until = time.monotonic() + self._policy.total_s
        while not exchange.done.wait(LOOK_S):
            if stop():
                exchange.line.hang_up()
                raise JobStopped
            if time.monotonic() >= until:
                exchange.line.hang_up()
                raise NetworkFailed("network.slow", host=ask.target.host, limit=max(1, round(self._policy.total_s)))
        return exchange.result()

    def _run(self, exchange: "_Exchange") -> None:
        try:
            self._doorway.line = exchange.line
            with _translated(exchange.ask.target.host, self._policy.read_s):
                exchange.answer = self._talk(exchange.ask)
        except BaseException as error:  # noqa: BLE001  # raised again in the caller's thread
            exchange.error = error
            error.__context__ = None  # a library's, whose text holds the whole address, keys included
        finally:
            exchange.done.set()

    def _talk(self, ask: Ask) -> Answer:
        request = requests.Request("GET", ask.target.url, headers=dict(ask.headers)).prepare()
        limits = (self._policy.connect_s, self._policy.read_s)
        response = self._adapter.send(request, stream=True, timeout=limits, verify=self._verify, proxies={})
        began = time.monotonic()
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            wanted = ask.reads_429 and response.status_code == BUSY
            unread = response.status_code in REDIRECTS or (is_busy(response.status_code) and not wanted)
            content = b"" if unread else _body(response, ask)
            return Answer(response.status_code, headers, content, time.monotonic() - began)
        finally:
            response.close()


class _Exchange:
    """What the two threads of a request share."""

    def __init__(self, ask: Ask, line: Line) -> None:
        self.ask, self.line = ask, line
        self.done = threading.Event()
        self.answer: Answer | None = None
        self.error: BaseException | None = None

    def result(self) -> Answer:
        """Return the answer, or raise what was raised instead of it."""
        if self.error is not None:
            raise self.error
        assert self.answer is not None, "an exchange ends with an answer or an error"  # noqa: S101
        return self.answer


def _body(response: requests.Response, ask: Ask) -> bytes:
    """Read the body, counted after it was unpacked."""
    if not ask.cut and _stated_length(response) > ask.max_bytes:
        raise _too_large(ask)
    body = bytearray()
    for chunk in response.iter_content(CHUNK_BYTES):
        body += chunk
        if len(body) > ask.max_bytes:
            if ask.cut:
                return bytes(body[: ask.max_bytes])
            raise _too_large(ask)
    return bytes(body)


def _stated_length(response: requests.Response) -> int:
    text = response.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _too_large(ask: Ask) -> NetworkFailed:
    return NetworkFailed("network.too_large", host=ask.target.host, limit_mb=max(1, round(ask.max_bytes / 2**20)))


@contextmanager
def _translated(host: str, read_s: float) -> Iterator[None]:
    """Turn the library's errors into ours, and keep none as a cause: their texts hold addresses with their keys."""
    try:
        yield
    except (trouble.RequestException, HTTPError, OSError, ValueError) as error:
        if _is_late(error):
            raise NetworkFailed("network.slow", host=host, limit=max(1, round(read_s))) from None
        raise next(make(host) for kinds, make in OURS if isinstance(error, kinds)) from None


def _is_late(error: Exception) -> bool:
    """Whether nothing came for too long; while a body streams, requests wraps that as a lost connection."""
    return isinstance(error, trouble.Timeout) or any(isinstance(one, ReadTimeoutError) for one in error.args)
