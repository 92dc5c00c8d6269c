"""A web server on loopback that does as it is told, also what no decent server does: drip, reset, lie about lengths.

`loopback()` starts one. Paths have answers: one, a list taken in turn (the last stays), or a function of the request.
Every request is noted with its time. An answer is a list of steps: bytes to send, seconds to wait, or `RESET`.
"""

import contextlib
import itertools
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypeAlias

RESET, CLOSE = "reset", "close"
Step: TypeAlias = bytes | float | str
Steps: TypeAlias = Sequence[Step]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived. headers: lower-case names. at: by the server's clock."""

    path: str
    headers: dict[str, str]
    at: float


Answer: TypeAlias = Steps | list[Steps] | Callable[[Seen], Steps]


@dataclass
class Loopback:
    """answers: by path, with or without its query. seen: every request. most_at_once: how many were open together."""

    host: str
    port: int
    clock: Callable[[], float]
    scheme: str = "http"
    answers: dict[str, Answer] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    most_at_once: int = 0
    open_now: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def site(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.site}"

    def paths(self) -> list[str]:
        """Return what was asked for, without robots.txt."""
        return [one.path for one in self.seen if one.path != "/robots.txt"]

    def times(self, path: str) -> list[float]:
        return [one.at for one in self.seen if one.path == path]

    def gaps(self, path: str) -> list[float]:
        times = self.times(path)
        return [later - earlier for earlier, later in itertools.pairwise(times)]

    def steps_for(self, seen: Seen) -> Steps:
        """Note a request, and return what it gets; 404 for what is not known."""
        with self.lock:
            self.seen.append(seen)
            key = seen.path if seen.path in self.answers else seen.path.partition("?")[0]
            answer = self.answers.get(key, reply(404))
            if callable(answer):
                return answer(seen)
            if answer and isinstance(answer[0], (list, tuple)):
                return answer.pop(0) if isinstance(answer, list) and len(answer) > 1 else answer[0]
            return answer  # type: ignore[return-value]  # a list of steps, not of lists


def reply(status: int = 200, body: bytes = b"", **headers: str) -> Steps:
    """Return an honest answer; `content_type="image/jpeg"` becomes a header `Content-Type`."""
    lines = {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
    return (head(status, **lines) + body,)


def head(status: int = 200, **headers: str) -> bytes:
    """Return a status line and headers."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n{lines}\r\n".encode("latin-1")


def redirect(location: str, status: int = 302) -> Steps:
    """Return a redirect; its address goes out as UTF-8, as servers send it."""
    return reply(status, Location=location.encode().decode("latin-1"))


class Handler(socketserver.StreamRequestHandler):
    """Answers on one connection until a step closes it, or the client is gone."""

    disable_nagle_algorithm = True
    server: "_Server"

    def handle(self) -> None:
        self.server.told.connections += 1
        with contextlib.suppress(OSError):
            while (seen := self.read()) is not None and self.act(self.server.told.steps_for(seen)):
                pass

    def read(self) -> Seen | None:
        line = self.rfile.readline().decode("latin-1").split()
        if len(line) < 2:
            return None
        headers: dict[str, str] = {}
        while (header := self.rfile.readline().decode("latin-1").strip()) != "":
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        return Seen(line[1], headers, self.server.told.clock())

    def act(self, steps: Steps) -> bool:
        told = self.server.told
        with told.lock:
            told.open_now += 1
            told.most_at_once = max(told.most_at_once, told.open_now)
        try:
            return all(self.step(step) for step in steps)
        finally:
            with told.lock:
                told.open_now -= 1

    def step(self, step: Step) -> bool:
        if isinstance(step, bytes):
            self.request.sendall(step)
        elif isinstance(step, float):
            return not self.server.told.is_over.wait(step)
        elif step == RESET:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return not isinstance(step, str)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    told: Loopback
    context: ssl.SSLContext | None = None

    def get_request(self) -> tuple[socket.socket, object]:
        accepted, address = super().get_request()
        return (self.context.wrap_socket(accepted, server_side=True) if self.context else accepted), address

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what many of these tests are about."""


@contextlib.contextmanager
def loopback(
    host: str = "127.0.0.1", clock: Callable[[], float] = time.monotonic, context: ssl.SSLContext | None = None
) -> Iterator[Loopback]:
    """Serve on a free port of a loopback address. context: makes it https."""
    with _Server((host, 0), Handler) as listening:
        port = listening.server_address[1]
        listening.told = server = Loopback(host, port, clock, "https" if context else "http")
        listening.context = context
        threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.is_over.set()
        listening.shutdown()
