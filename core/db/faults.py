"""Tell apart why an embedded database cannot be used: what passes by itself, and what somebody must put right.

Called by `engine` and `upgrade`, which catch what the driver and the file system raise.
"""

import errno
import os
import shutil
import sqlite3
from pathlib import Path

from core.errors import DatabaseUnavailable

PRIMARY_CODE = 0xFF  # SQLite's extended codes keep the primary one in their lowest byte
SERVER_DEADLOCK = 1213  # ER_LOCK_DEADLOCK of MySQL and MariaDB
LEAST_FREE_BYTES = 64 << 10
READ_ONLY_ERRORS = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class Deadlock(DatabaseUnavailable):
    """The server gave up this transaction, whole, because it and another waited for each other."""


def unavailable(reason: BaseException | None, path: Path | None) -> DatabaseUnavailable:
    """Return the error for what was raised about a database.

    reason: the driver's own error, or the file system's. path: the file of an embedded database; None for a server.
    """
    if path is not None and isinstance(reason, sqlite3.Error):
        code = getattr(reason, "sqlite_errorcode", 0)  # absent where Python's own part of the driver raised it
        if code & PRIMARY_CODE in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
            return DatabaseUnavailable("database.not_a_database", path=str(path))
        if _is_full(code, path):
            return DatabaseUnavailable("database.full", path=str(path))
        if _is_read_only(code, path):
            return DatabaseUnavailable("database.read_only", path=str(path))
    if path is not None and isinstance(reason, OSError) and reason.errno in READ_ONLY_ERRORS:
        return DatabaseUnavailable("database.read_only", path=str(path))
    if path is None and reason is not None and reason.args[:1] == (SERVER_DEADLOCK,):
        return Deadlock()
    return DatabaseUnavailable()


def _is_full(code: int, path: Path) -> bool:
    """Whether the disk is full; even to be read, a database opens a file of 32 KiB beside it, and fails otherwise."""
    if code & PRIMARY_CODE in {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}:
        try:
            return shutil.disk_usage(path.parent).free < LEAST_FREE_BYTES
        except OSError:  # it is the folder that cannot be reached
            return False
    return code & PRIMARY_CODE == sqlite3.SQLITE_FULL


def _is_read_only(code: int, path: Path) -> bool:
    """Whether file or folder may not be written; a file that was moved away while open is said to be so, and is not."""
    if code & PRIMARY_CODE == sqlite3.SQLITE_CANTOPEN:
        return any(os.access(there, os.F_OK) and not _writable(there) for there in (path.parent, path))
    return code & PRIMARY_CODE == sqlite3.SQLITE_READONLY and code != sqlite3.SQLITE_READONLY_DBMOVED


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
