"""Bring the schema to `HEAD`, one process at a time; Alembic is loaded only when there is something to do.

Called by `ready`. The lock is a file beside an embedded database, and a named lock on a server; a process that dies
lets go of either.
"""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import inspect, text

from core.db.engine import Database, open_database, translated_errors
from core.db.faults import unavailable
from core.errors import Conflict, DatabaseUnavailable

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
HEAD = "0008"  # Alembic's head, kept here so that a start need not load Alembic; a test compares the two
# An upgrade of 100,000 photos takes seconds; whoever waits longer than this is better told so.
LOCK_WAIT_S = 120
STATEMENT_LIMIT_S = 600


def schema_revision(database: Database) -> str | None:
    """Return the revision of the schema that stands; None when there is none yet.

    Raises:
        DatabaseUnavailable: it does not answer.
    """
    if database.path is not None and not _exists(database.path):
        return None
    with database.reading() as session:
        if not inspect(session.connection()).has_table("alembic_version"):
            return None
        revision: str | None = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as reason:
        raise unavailable(reason, path) from reason


def is_prepared(database: Database) -> bool:
    """Whether the schema is the newest, and an embedded file is in WAL mode."""
    if schema_revision(database) != HEAD:
        return False
    if not database.is_embedded:
        return True
    with database.reading() as session:
        return session.execute(text("PRAGMA journal_mode")).scalar() == "wal"


def upgrade(database: Database) -> None:
    """Create or upgrade the schema; does nothing when it is the newest.

    Raises:
        Conflict: `database.newer`: a later version of the project wrote it.
        DatabaseUnavailable: it does not answer, or another process has been upgrading it for too long.
    """
    if is_prepared(database):
        return
    with one_at_a_time(database) as patient:
        if patient.path is not None:
            _use_wal(patient.path)
        revision = schema_revision(patient)
        if revision != HEAD:
            _run_migrations(patient, revision)


def _run_migrations(database: Database, standing: str | None) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if standing is not None and standing not in known:
        raise Conflict("database.newer", revision=standing)
    with translated_errors(database.path), database.engine.connect().execution_options(writes=True) as connection:
        config.attributes["connection"] = connection
        with connection.begin():
            command.upgrade(config, "head")


def _use_wal(path: Path) -> None:
    """Create the file where there is none, and switch it to WAL, which the file itself remembers."""
    try:
        connection = sqlite3.connect(path, timeout=10)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()
    except sqlite3.Error as reason:
        raise unavailable(reason, path) from reason


@contextmanager
def one_at_a_time(database: Database) -> Iterator[Database]:
    """Let one process at a time prepare the database, and give it one whose statements may take long.

    Raises:
        DatabaseUnavailable: the lock was not had within `LOCK_WAIT_S`, or the folder cannot be written.
    """
    if database.path is not None:
        with _file_lock(database.path):
            yield database
        return
    url = database.engine.url.render_as_string(hide_password=False)
    patient = open_database(url, read_timeout_s=STATEMENT_LIMIT_S)
    try:
        with _server_lock(patient):
            yield patient
    finally:
        patient.dispose()


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f"{path.name}.lock"), timeout=LOCK_WAIT_S)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except (OSError, Timeout) as reason:
        raise unavailable(reason, path) from reason
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _server_lock(database: Database) -> Iterator[None]:
    """Hold a named lock of this schema on a connection of its own; MySQL allows names of 64 characters."""
    name = f"eodi-{hashlib.sha256(str(database.engine.url.database).encode()).hexdigest()[:32]}"
    with translated_errors(None), database.engine.connect() as connection:
        given = connection.execute(text("SELECT GET_LOCK(:name, :wait_s)"), {"name": name, "wait_s": LOCK_WAIT_S})
        if given.scalar() != 1:
            raise DatabaseUnavailable
        try:
            yield
        finally:
            connection.execute(text("SELECT RELEASE_LOCK(:name)"), {"name": name})
