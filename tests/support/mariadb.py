"""A private MariaDB server that stands in for MySQL: a free loopback port, a temporary folder, gone at the end.

`mariadb_server` starts one per test session; `mysql_url` and `database_url` give each test an empty schema of its own.
"""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymysql
import pytest

START_S = 60.0  # it is up in 0.2 s on a quiet machine
MISSING = "mariadbd is not installed: NOTHING was tested on MySQL (apt-get install mariadb-server)"


@dataclass
class MariaDb:
    """One server process; `kill` and `start` may follow each other."""

    folder: Path
    port: int
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    schemas: int = 0

    def install(self) -> None:
        """Create the system tables."""
        subprocess.run(
            [
                "mariadb-install-db",
                "--no-defaults",
                f"--datadir={self.folder / 'data'}",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                f"--user={getpass.getuser()}",
            ],
            check=True,
            capture_output=True,
            env=self._environment(),
        )

    def start(self) -> None:
        """Start the server and wait until it answers."""
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    shutil.which("mariadbd") or "mariadbd",
                    "--no-defaults",
                    f"--user={getpass.getuser()}",
                    f"--datadir={self.folder / 'data'}",
                    f"--socket={self.folder / 's'}",
                    f"--pid-file={self.folder / 'pid'}",
                    "--bind-address=127.0.0.1",
                    f"--port={self.port}",
                    "--innodb-buffer-pool-size=32M",
                    "--innodb-flush-log-at-trx-commit=0",
                    "--loose-innodb-doublewrite=OFF",
                    "--loose-innodb-flush-method=nosync",
                    "--skip-log-bin",
                    "--skip-name-resolve",
                    "--character-set-server=utf8mb4",
                    *self.options,
                ],
                stdout=log,
                stderr=log,
                env=self._environment(),
            )
        self._wait()

    def _environment(self) -> dict[str, str]:
        """Give the server a folder for temporary tables: servers that begin together take each other's away."""
        return {**os.environ, "TMPDIR": str(self.folder)}

    def _wait(self) -> None:
        until = time.monotonic() + START_S
        while True:
            try:
                self._connect().close()
            except pymysql.err.OperationalError:
                if time.monotonic() > until or self.process is None or self.process.poll() is not None:
                    raise RuntimeError((self.folder / "server.log").read_text(errors="replace")[-3000:]) from None
                time.sleep(0.05)
            else:
                return

    def _connect(self) -> "pymysql.connections.Connection[pymysql.cursors.Cursor]":
        return pymysql.connect(host="127.0.0.1", port=self.port, user="root", connect_timeout=2)

    def kill(self) -> None:
        """End the server as a power cut would."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End the server in an orderly way."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def run(self, statement: str) -> None:
        """Run one statement as root."""
        with contextlib.closing(self._connect()) as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def new_schema(self) -> str:
        """Create an empty schema and return its URL."""
        self.schemas += 1
        name = f"eodi_{self.schemas}"
        self.run("CREATE DATABASE " + name)
        return f"mysql+pymysql://root@127.0.0.1:{self.port}/{name}"

    def drop(self, url: str) -> None:
        """Drop a schema made by `new_schema`."""
        self.run("DROP DATABASE IF EXISTS " + url.rsplit("/", 1)[1])


def free_port() -> int:
    """Return a loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def private_server(*options: str) -> Iterator[MariaDb]:
    """Run a server of its own in a temporary folder, whose short name suits a socket's limit of 107 bytes."""
    if shutil.which("mariadbd") is None or shutil.which("mariadb-install-db") is None:
        pytest.skip(MISSING)
    with tempfile.TemporaryDirectory(prefix="eodi-db-", ignore_cleanup_errors=True) as folder:
        server = MariaDb(Path(folder), free_port(), options)
        server.install()
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[MariaDb]:
    """Run one server for the whole session."""
    with private_server() as server:
        yield server


@pytest.fixture
def mysql_url(mariadb_server: MariaDb) -> Iterator[str]:
    """Give the URL of an empty schema, dropped at the end."""
    url = mariadb_server.new_schema()
    yield url
    mariadb_server.drop(url)


@pytest.fixture(params=["sqlite", pytest.param("mysql", marks=pytest.mark.mysql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the URL of an empty database, on SQLite and on MySQL in turn."""
    if request.param == "mysql":
        return str(request.getfixturevalue("mysql_url"))
    return f"sqlite:///{tmp_path / 'eodi.sqlite3'}"
