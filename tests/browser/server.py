"""The app as a child process on a free loopback port, with a home of its own."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.pages.home import ROOT

START_S = 60.0


@dataclass(frozen=True)
class RunningApp:
    """A server that answers. log: what it wrote so far."""

    port: int
    home: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        return (self.home / "server.log").read_text(errors="replace")


@contextlib.contextmanager
def running_app(
    home: Path, environment: dict[str, str], launcher: tuple[str, ...] = ("-m", "streamlit")
) -> Iterator[RunningApp]:
    """Start `streamlit run app.py`, wait until it answers, and end it."""
    port = free_port()
    command = [sys.executable, *launcher, "run", "app.py", "--server.port", str(port)]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("EODI_", "STREAMLIT_"))}
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env={**own, **environment}, stdout=log, stderr=log)
    app = RunningApp(port, home, process)
    try:
        wait_until_healthy(app)
        yield app
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_healthy(app: RunningApp) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            urllib.request.urlopen(f"{app.url}/_stcore/health", timeout=2).close()
        except OSError:
            if time.monotonic() > until or app.process.poll() is not None:
                raise RuntimeError(app.log) from None
            time.sleep(0.1)
        else:
            return
