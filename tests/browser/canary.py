"""A listener that must never hear anything: text from outside that makes a browser call out is found by it."""

import contextlib
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Canary:
    """port: where it listens. heard: the first line of every request."""

    port: int = 0
    heard: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def canary() -> Iterator[Canary]:
    """Listen on a free loopback port, and answer every request with nothing."""
    bird = Canary()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            bird.heard.append(self.rfile.readline().decode(errors="replace").strip())
            self.wfile.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        bird.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield bird
        server.shutdown()
