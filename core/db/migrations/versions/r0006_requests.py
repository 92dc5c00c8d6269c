"""How often each source was asked today, and which hosts asked for a pause."""

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    pass
