"""The table of commands, and the one place where an error becomes a sentence and an exit code."""

import sys

import typer

from core.cli import (
    crawl,
    db,
    evaluate,
    identify,
    jobs,
    labels,
    metrics,
    photos,
    places,
    run_files,
    run_import,
    run_kit,
    runs,
    snapshots,
    train,
    train_detector,
    train_fusion,
)
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
app.add_typer(photos.app, name="photos")
app.add_typer(snapshots.app, name="snapshots")
app.add_typer(labels.app, name="labels")
app.command("crawl")(crawl.crawl)
train.app.command("detector")(train_detector.detector)
train.app.command("fusion")(train_fusion.fusion)
app.add_typer(train.app, name="train")
runs.app.command("show")(run_files.show)
runs.app.command("export")(run_files.export)
runs.app.command("export-kit")(run_kit.export_kit_command)
runs.app.command("import")(run_import.import_command)
app.add_typer(runs.app, name="runs")
app.command("evaluate")(evaluate.evaluate)
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
