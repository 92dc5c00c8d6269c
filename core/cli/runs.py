"""`runs …`: trained models, and which of them is in service."""

from typing import Annotated

import typer

from core.classifier.predict import OnnxClassifier
from core.cli import compose
from core.cli.output import write_json, write_table
from core.db.releases import ReleaseRepository
from core.errors import ModelRefused, NotFound
from core.messages import translator
from core.weights.release import Release, current_release, list_runs, promote_classifier, roll_back

app = typer.Typer(help="Trained models and the release in service.", no_args_is_help=True)


@app.command("list")
def list_command(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the runs, newest first, with the one in service marked."""
    here = compose.settings()
    in_service = _in_service()
    manifests = list_runs(here.weights_dir)
    rows = [
        {"run_id": m.run_id, "task": m.task, "architecture": m.architecture, "in_service": m.run_id == in_service}
        for m in manifests
    ]
    if as_json:
        write_json(rows)
        return
    write_table(tuple(rows[0]) if rows else ("run_id",), [tuple(str(v) for v in row.values()) for row in rows])


@app.command()
def promote(
    run_id: str,
    note: Annotated[str, typer.Option(help="Why.")] = "",
    allow_drop: Annotated[bool, typer.Option(help="Even when places now in service are lost.")] = False,
) -> None:
    """Put a run in service; running apps switch within a second or two."""
    release = put_in_service(run_id, note, allow_drop)
    typer.echo(translator(compose.interface_language())("runs.promoted", release=release.label))


def _in_service() -> str | None:
    try:
        return current_release(ReleaseRepository(compose.database()), compose.settings().weights_dir).classifier_run_id
    except (NotFound, ModelRefused):
        return None  # nothing is in service, or what names it is broken; the runs are listed all the same


def put_in_service(run_id: str, note: str, allow_drop: bool) -> Release:
    """Load the run once, and only then switch the row."""
    releases, weights_dir = ReleaseRepository(compose.database()), compose.settings().weights_dir
    return promote_classifier(
        releases, weights_dir, run_id, note, prepare=lambda run: OnnxClassifier(run, threads=1), allow_drop=allow_drop
    )


@app.command()
def rollback() -> None:
    """Put the release before the current one back in service."""
    releases, weights_dir = ReleaseRepository(compose.database()), compose.settings().weights_dir
    release = roll_back(releases, weights_dir, prepare=lambda run: OnnxClassifier(run, threads=1))
    typer.echo(translator(compose.interface_language())("runs.rolled_back", release=release.label))
