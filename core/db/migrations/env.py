"""Alembic's entry: runs the steps on the connection that `core/db/upgrade.py` hands over. Read by Alembic only."""

from alembic import context

from core.db.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
