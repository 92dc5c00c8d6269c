"""The table of commands, and the one place where an error becomes a sentence and an exit code."""

import sys

import typer

from core.cli import db, identify, jobs, metrics, places, runs, train
from core.cli.compose import interface_language
from core.errors import EodiError
from core.logs import start_logging
from core.messages import describe

app = typer.Typer(
    name="eodi",
    help="Show it a photo, and it says where that was; or honestly that it does not know.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("identify")(identify.identify)
app.add_typer(places.app, name="places")
app.add_typer(train.app, name="train")
app.add_typer(runs.app, name="runs")
app.command("metrics")(metrics.metrics)
app.add_typer(jobs.app, name="jobs")
app.add_typer(db.app, name="db")


def main() -> None:
    """Run one command; an expected error is one sentence on stderr and exit status 1."""
    start_logging()
    try:
        app()
    except EodiError as error:
        typer.echo(describe(error, interface_language()), err=True)
        sys.exit(1)
