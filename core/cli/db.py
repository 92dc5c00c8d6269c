"""`db …`: the database itself."""

import typer

from core.cli import compose
from core.db.ready import check, schema_revision
from core.messages import translator

app = typer.Typer(help="The database.", no_args_is_help=True)


@app.command()
def upgrade() -> None:
    """Bring the database to the newest schema and seed the catalogue; repeating it changes nothing."""
    words = translator(compose.interface_language())
    typer.echo(words("db.upgraded", revision=schema_revision(compose.database()) or "-"))


@app.command("check")
def check_command() -> None:
    """Say whether the database answers and its schema is the newest."""
    check(compose.database())
    typer.echo(translator(compose.interface_language())("db.fine"))
