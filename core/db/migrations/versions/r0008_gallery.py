"""The gallery: an embedding of each photo for each run that made one."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    pass
