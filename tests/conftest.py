"""What every test gets: no network beyond this machine, the real photos' folder, and skips that are accounted for."""

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).parent
LOOPBACK = re.compile(r"^(127\.|::1$|localhost$|0\.0\.0\.0$|::$)")
pytest_plugins = ["tests.support.mariadb"]


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Iterator[None]:
    """Let no test connect beyond this machine."""
    real_connect = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and not LOOPBACK.match(str(address[0])):
            raise OSError(f"tests stay on this machine; {address[0]} was asked for")
        real_connect(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign]
    yield
    socket.socket.connect = real_connect  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def real_photos() -> Path:
    """The folder of real photos that `EODI_TEST_PHOTOS` names."""
    folder = os.environ.get("EODI_TEST_PHOTOS", "")
    if not folder:
        pytest.skip("EODI_TEST_PHOTOS names no folder of real photos")
    return Path(folder)


@pytest.fixture(scope="session")
def soak_rounds() -> Any:
    """Return how many rounds a repeated test runs: `few` in `make test`, `many` in `make soak`."""
    return lambda few, many: many if os.environ.get("EODI_SOAK") else few


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run when a test skipped for a reason that is not listed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("EODI_STRICT_SKIPS"):
        return  # a worker, whose skips the session that started it accounts for
    lines = (TESTS / "allowed_skips.txt").read_text(encoding="utf-8").splitlines()
    allowed = [re.compile(line) for line in lines if line and not line.startswith("#")]
    reasons = {str(report.longrepr[2]) for report in reporter.stats.get("skipped", [])}
    unlisted = [reason for reason in reasons if not any(pattern.search(reason) for pattern in allowed)]
    if unlisted:
        reporter.write_line(f"skipped for reasons that allowed_skips.txt does not list: {unlisted}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
