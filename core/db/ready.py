"""The way in: a database that is open, upgraded and seeded. Called by the composition roots.

A start on a database that is ready takes two small reads; Alembic and the catalogue's files are not touched.
"""

from pathlib import Path

from sqlalchemy import func, select, text

import core.db.crawl_rows  # as the next one
import core.db.gallery  # as the next one
import core.db.requests  # as the next one
import core.db.run_notes  # noqa: F401  # its table belongs to the schema that `check` looks at
from core.db.engine import Database, open_database
from core.db.seed import seed_catalogue
from core.db.tables import Base
from core.db.upgrade import HEAD, schema_revision, upgrade
from core.errors import Conflict

__all__ = ["check", "ready_database", "schema_revision", "upgrade"]


def ready_database(url: str, catalogue_dir: Path) -> Database:
    """Open a database, upgrade its schema and seed the catalogue; safe when several processes start at once.

    catalogue_dir: holds `places.yaml` and `nearby.yaml`.

    Raises:
        InvalidInput: the URL or a file of the catalogue is not understood.
        DatabaseUnavailable: it does not answer.
        Conflict: a later version of the project wrote it.
    """
    database = open_database(url)
    try:
        upgrade(database)
        seed_catalogue(database, catalogue_dir)
    except BaseException:
        database.dispose()
        raise
    return database


def check(database: Database) -> dict[str, int]:
    """Return the number of rows of each table, after making sure that all is well.

    Raises:
        DatabaseUnavailable: it does not answer.
        Conflict: `database.outdated`, or `database.damaged` with what was found.
    """
    revision = schema_revision(database)
    if revision != HEAD:
        raise Conflict("database.outdated", revision=revision or "-", newest=HEAD)
    with database.reading() as session:
        if database.is_embedded:
            found = [str(row[0]) for row in session.execute(text("PRAGMA integrity_check(5)"))]
            orphans = session.execute(text("PRAGMA foreign_key_check")).all()
            if found != ["ok"] or orphans:
                raise Conflict("database.damaged", problem=found[0] if found != ["ok"] else str(orphans[0][0]))
        tables = Base.metadata.sorted_tables
        return {table.name: session.scalars(select(func.count()).select_from(table)).one() for table in tables}
