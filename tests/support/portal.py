"""One loopback server that plays every source of photos, the hosts of the photos, and their worst manners.

Each source lives below a path of its own name, which is what its stand-in's base URL names; photos lie at
`/photo/N.jpg`. What a source or an address answers instead can be scripted. Every request is noted with its moment.
"""

import gzip
import io
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import numpy as np
from PIL import Image

from tests.support import recorded

SIZE = (480, 360)


@cache
def photo_bytes(number: int, size: tuple[int, int] = SIZE, texture: float = 0.0, quality: int = 85) -> bytes:
    """Draw a photo that looks like no other number's: a coarse pattern, of which the perceptual hash is made.

    texture: the strength of fine noise, which makes a file as large as a camera's.
    """
    random = np.random.default_rng([417, number])
    coarse = Image.fromarray(random.integers(0, 256, (9, 12, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    if texture:
        noise = random.normal(0, texture, (size[1], size[0], 1))
        coarse = Image.fromarray((np.asarray(coarse) + noise).clip(0, 255).astype(np.uint8))
    target = io.BytesIO()
    coarse.save(target, "JPEG", quality=quality)
    return target.getvalue()


@dataclass(frozen=True)
class Asked:
    """A request that came in."""

    at: float
    path: str
    params: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def photo(self) -> int | None:
        """The number of the photo that was asked for."""
        name = self.path.rsplit("/", 1)[-1].removesuffix(".jpg")
        return int(name) if self.path.startswith("/photo/") and name.isdecimal() else None


@dataclass(frozen=True)
class Answer:
    """What is sent. stated_length: of the body, where it is to be a lie. byte_s: seconds between two bytes."""

    status: int = 200
    body: bytes = b""
    media_type: str = "image/jpeg"
    headers: Mapping[str, str] = field(default_factory=dict)
    stated_length: int | None = None
    byte_s: float = 0.0

    def pieces(self) -> Iterator[bytes]:
        """Yield what is sent at once."""
        step = 1 if self.byte_s else max(1, len(self.body))
        yield from (self.body[start : start + step] for start in range(0, len(self.body), step))


def page_answer(body: str, status: int = 200, media_type: str = "application/json", **headers: str) -> Answer:
    return Answer(status, body.encode(), media_type, {name.replace("_", "-"): text for name, text in headers.items()})


def answer_of(said: recorded.Answer) -> Answer:
    """Make an answer of a recorded one."""
    status, headers, body = said
    return Answer(status, body, headers["content-type"])


def bomb() -> Answer:
    """60 MB of zeros in 300 KB."""
    return Answer(body=gzip.compress(bytes(60 * 2**20), 1), headers={"Content-Encoding": "gzip"})


class Portal:
    """The server. offers: by source, the addresses of its photos; per_page: so many on a page of results.

    delay_s: how long each answer takes. most_in_flight: how many requests were under way at once.
    """

    def __init__(self, port: int = 0) -> None:
        self.offers: dict[str, Sequence[str]] = {}
        self.per_page = 100
        self.robots = Answer(404)
        self.delay_s = 0.0
        self.photo_size, self.texture = SIZE, 0.0
        self.asked: list[Asked] = []
        self.in_flight = self.most_in_flight = 0
        self._scripts: dict[str, deque[Answer]] = {}
        self._places: dict[str, Answer] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", port), type("Handler", (_Handler,), {"portal": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_urls(self) -> dict[str, str]:
        return {source: f"{self.url}/{source}" for source in recorded.PATHS}

    def offer(self, source: str, numbers: Iterable[int]) -> None:
        """Let a source have these photos."""
        self.offers[source] = [self.photo_url(number) for number in numbers]

    def photo_url(self, number: int) -> str:
        return f"{self.url}/photo/{number}.jpg"

    def script(self, beginning: str, *answers: Answer) -> None:
        """Answer requests whose path begins like this with these, one after another, before it is as usual again."""
        self._scripts.setdefault(beginning, deque()).extend(answers)

    def put(self, path: str, answer: Answer) -> str:
        """Answer this path with this from now on, and return its address."""
        self._places[path] = answer
        return self.url + path

    def photos_asked(self) -> list[int]:
        """Return the numbers of the photos that were asked for, in order."""
        return [asked.photo for asked in list(self.asked) if asked.photo is not None]

    def searches(self, source: str) -> list[Asked]:
        """Return the requests for result pages of a source."""
        return [asked for asked in list(self.asked) if asked.path.startswith(f"/{source}/")]

    def start(self) -> "Portal":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Note how many requests are under way."""
        with self._lock:
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            yield
        finally:
            with self._lock:
                self.in_flight -= 1

    def answer(self, asked: Asked) -> Answer:
        """Return what a request gets."""
        with self._lock:
            self.asked.append(asked)
            for beginning, answers in self._scripts.items():
                if asked.path.startswith(beginning) and answers:
                    return answers.popleft()
        if asked.path in self._places:
            return self._places[asked.path]
        if asked.path == "/robots.txt":
            return self.robots
        if asked.photo is not None:
            return Answer(body=photo_bytes(asked.photo, self.photo_size, self.texture))
        source = asked.path.split("/")[1]
        if source in recorded.PATHS:
            urls = self.offers.get(source, ())
            return answer_of(recorded.answer(source, asked.path, asked.params, urls, self.per_page))
        return Answer(404, b"nothing here", "text/plain")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of those who hang up: some are killed."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, asks the portal, writes what it says."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    portal: Portal

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            with self.portal.counting():
                answer = self.portal.answer(Asked(time.time(), parts.path, dict(parse_qsl(parts.query)), headers))
                if self.portal.delay_s:
                    time.sleep(self.portal.delay_s)
                self._send(answer)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(answer.stated_length or len(answer.body)))
        self.end_headers()
        for piece in answer.pieces():
            self.wfile.write(piece)
            self.wfile.flush()
            time.sleep(answer.byte_s)
        self.close_connection = self.close_connection or answer.stated_length is not None

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing; the portal notes what matters."""


@contextmanager
def running_portal() -> Iterator[Portal]:
    """Run a portal for as long as the block takes."""
    portal = Portal().start()
    try:
        yield portal
    finally:
        portal.stop()


def wait_for(is_so: Callable[[], bool], for_s: float = 60.0) -> None:
    """Wait until something is so.

    Raises:
        AssertionError: it was not within `for_s`.
    """
    until = time.monotonic() + for_s
    while not is_so():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.01)
