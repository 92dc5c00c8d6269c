"""Crawls: what was asked for, where each source stands, and every photo that was found."""

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    pass
