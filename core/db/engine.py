"""Open a database, hand out sessions, and put every driver's "it does not answer" in one error.

SQLite: WAL, durable commits, foreign keys; a writing session takes the write lock when it begins, so two writers wait
for each other instead of failing half-way. MySQL: PyMySQL, checked before each use, with time limits. A session is
for one thread and one operation; nothing here is kept by a caller but the `Database`.
"""

import logging
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection, CursorResult, Engine, Result, create_engine, event, exc, make_url
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from core.db.faults import Deadlock, unavailable
from core.errors import DatabaseUnavailable, EodiError, InvalidInput

SQLITE_SCHEME = "sqlite:///"
MYSQL_SCHEMES = frozenset({"mysql", "mysql+pymysql", "mariadb", "mariadb+pymysql"})
# The driver's errors that are about this statement; all others are about the database.
STATEMENT_ERRORS = (exc.IntegrityError, exc.ProgrammingError, exc.DataError, exc.NotSupportedError)

ATTEMPTS = 6
LONGEST_WAIT_S = 0.05  # before the second attempt; twice as long before each further one

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """A database and its pool of connections; shared by all threads of a process."""

    def __init__(self, engine: Engine, path: Path | None) -> None:
        """path: the file of an embedded database; None for a server."""
        self.engine, self.path = engine, path
        self._reading = sessionmaker(engine, expire_on_commit=False)
        self._writing = sessionmaker(engine.execution_options(writes=True), expire_on_commit=False)

    @property
    def is_embedded(self) -> bool:
        """Whether it is a file of this machine."""
        return self.path is not None

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Give a session that may write: commits on success, rolls back on any error.

        Raises:
            DatabaseUnavailable: it is away, locked, full, read-only or damaged; the next call tries afresh.
        """
        with translated_errors(self.path), self._writing.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that only reads, and so waits for no writer.

        Raises:
            DatabaseUnavailable: it does not answer; the next call tries afresh.
        """
        with translated_errors(self.path), self._reading.begin() as session:
            yield session

    def dispose(self) -> None:
        """Close the connections; a later session opens new ones."""
        self.engine.dispose()


def open_database(url: str, *, wait_s: float = 10.0, read_timeout_s: int = 10) -> Database:
    """Open `sqlite:///PATH` or `mysql+pymysql://…`; connects at the first session.

    wait_s: how long a write waits for another process's. read_timeout_s: how long one statement may take on a server.

    Raises:
        InvalidInput: any other URL.
    """
    if url.startswith(SQLITE_SCHEME):
        path = _sqlite_path(url)
        return Database(_sqlite_engine(path, wait_s), path)
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError) as reason:
        raise InvalidInput("database.url") from reason
    if parsed.drivername not in MYSQL_SCHEMES or not parsed.database:
        raise InvalidInput("database.url")
    engine = create_engine(
        parsed.set(drivername="mysql+pymysql").update_query_dict({"charset": "utf8mb4"}),
        connect_args={
            "connect_timeout": 5,
            "read_timeout": read_timeout_s,
            "write_timeout": read_timeout_s,
            "init_command": "SET time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
        },
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        pool_recycle=1800,
        pool_size=5,
        max_overflow=15,
        pool_timeout=10,
        hide_parameters=True,
    )
    return Database(engine, None)


def _sqlite_path(url: str) -> Path:
    """Return the file as it stands in the URL: a folder may hold "%", "?" or "#", which a URL parser would eat."""
    name = url.removeprefix(SQLITE_SCHEME)
    if name.strip() in {"", ":memory:"}:  # each session would see an empty database of its own
        raise InvalidInput("database.url")
    return Path(name).absolute()


def _sqlite_engine(path: Path, wait_s: float) -> Engine:
    """Make the engine of a file that exists; a file that vanished is an error, never a new empty database.

    Each session opens the file and closes it (1 ms to read, 6-12 ms to write, against 0.3 and 1.4 with a pool). The
    last to close folds the log into the file: at rest the database is one file, to be copied or replaced while the app
    runs, where a log left beside a replaced file would be played into it.
    """
    engine = create_engine("sqlite://", creator=_sqlite_opener(path, wait_s), poolclass=NullPool, hide_parameters=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _sqlite_opener(path: Path, wait_s: float) -> Callable[[], sqlite3.Connection]:
    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{path.as_uri()}?mode=rw", uri=True, timeout=wait_s, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    return connect


@contextmanager
def translated_errors(path: Path | None) -> Iterator[None]:
    """Turn the driver's errors about the database into `DatabaseUnavailable`; pass on those about a statement.

    path: the file of an embedded database, for the sentence; None for a server.
    """
    try:
        yield
    except exc.StatementError as reason:
        if isinstance(reason.orig, EodiError):
            raise reason.orig from None
        if not isinstance(reason, exc.DBAPIError) or isinstance(reason, STATEMENT_ERRORS):
            raise
        raise unavailable(reason.orig, path) from reason
    except (exc.TimeoutError, exc.DisconnectionError, exc.InvalidatePoolError) as reason:
        raise DatabaseUnavailable from reason


def restarted(transaction: Callable[P, T]) -> Callable[P, T]:
    """Do a transaction anew when the server gave it up to free another; two that wait for each other are no fault.

    transaction: a function that writes in one session and may be called again with the same arguments.

    Raises:
        DatabaseUnavailable: given up `ATTEMPTS` times in a row.
    """

    @wraps(transaction)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(ATTEMPTS - 1):
            try:
                return transaction(*args, **kwargs)
            except Deadlock:
                logger.info("%s: given up by the server in attempt %d", transaction.__qualname__, attempt + 1)
                time.sleep(random.uniform(0, LONGEST_WAIT_S * 2**attempt))  # noqa: S311
        return transaction(*args, **kwargs)

    return run


def rows_changed(result: Result[Any]) -> int:
    """Return how many rows an UPDATE or DELETE met, changed or not."""
    return result.rowcount if isinstance(result, CursorResult) else 0
