"""A door whose clock is turned by hand, and a web server on loopback that it may ask."""

import ssl
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.db.engine import open_database
from core.db.ready import upgrade
from core.db.requests import RequestLedger
from core.network.addresses import Resolver, resolve
from core.network.fetch import Fetcher
from core.network.policy import FetchPolicy
from tests.support.doors import HandClock, MakeDoor, MemoryLedger
from tests.support.loopback import Loopback, loopback, reply


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def server(clock: HandClock) -> Iterator[Loopback]:
    """Give a server whose log shows the door's time."""
    with loopback(clock=clock.monotonic) as running:
        yield running


@pytest.fixture
def memory() -> MemoryLedger:
    return MemoryLedger()


@pytest.fixture(scope="session")
def empty_ledger_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ledger") / "eodi.sqlite3"
    upgrade(open_database(f"sqlite:///{path}"))
    return path


@pytest.fixture
def kept_ledger(empty_ledger_file: Path, tmp_path: Path) -> Callable[[], RequestLedger]:
    """Give a way to open the same ledger again and again, as a process that is started anew does."""
    path = tmp_path / "eodi.sqlite3"
    path.write_bytes(empty_ledger_file.read_bytes())
    return lambda: RequestLedger(open_database(f"sqlite:///{path}"))


@pytest.fixture
def policy(server: Loopback) -> FetchPolicy:
    """Give rules without pace that let the server be asked, and nothing else on this machine."""
    return FetchPolicy("crew@example.org", "0.1.0", frozenset({server.site}), pace_s=0.0, total_s=30.0)


@pytest.fixture
def make_door(policy: FetchPolicy, memory: MemoryLedger, clock: HandClock) -> MakeDoor:
    """Give a maker of doors: what differs from the policy, or another ledger or resolver."""

    def make(ledger: object = memory, resolver: Resolver = resolve, **changes: object) -> Fetcher:
        return Fetcher(replace(policy, **changes), ledger, clock, resolver)  # type: ignore[arg-type]

    return make


@pytest.fixture
def door(make_door: MakeDoor) -> Fetcher:
    return make_door()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a certificate of mirror.example that nobody vouches for, and its key."""
    folder = tmp_path_factory.mktemp("certificate")
    cert, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=mirror.example", "-addext", "subjectAltName=DNS:mirror.example"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    command = ["openssl", "req", "-x509", *curve, *subject, "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


@pytest.fixture
def greeted() -> list[str | None]:
    """List the names that clients asked `mirror` for in their handshake."""
    return []


@pytest.fixture
def mirror(certificate: tuple[Path, Path], greeted: list[str | None]) -> Iterator[Loopback]:
    """Give a server that speaks https."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    context.sni_callback = lambda _socket, name, _context: greeted.append(name)
    with loopback(context=context) as running:
        running.answers["/"] = reply(body=b"ok")
        yield running
