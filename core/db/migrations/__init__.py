"""Alembic's migrations; `core/db/upgrade.py` runs them. One file per step in `versions`, named `rNNNN_what.py`."""
