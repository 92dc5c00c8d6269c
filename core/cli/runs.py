"""`runs …`: trained models, and which of them is in service."""

from typing import Annotated

import typer

from core.cli import compose
from core.cli.output import write_json, write_table
from core.db.releases import ReleaseRepository
from core.messages import translator
from core.weights.release import current_release, list_runs, promote_classifier, roll_back

app = typer.Typer(help="Trained models and the release in service.", no_args_is_help=True)


@app.command("list")
def list_command(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the runs, newest first, with the one in service marked."""
    here = compose.settings()
    in_service = current_release(ReleaseRepository(compose.database()), here.weights_dir).classifier_run_id
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
def promote(run_id: str, note: Annotated[str, typer.Option(help="Why.")] = "") -> None:
    """Put a run in service; running apps switch within a second or two."""
    release = promote_classifier(ReleaseRepository(compose.database()), compose.settings().weights_dir, run_id, note)
    typer.echo(translator(compose.interface_language())("runs.promoted", release=release.label))


@app.command()
def rollback() -> None:
    """Put the release before the current one back in service."""
    release = roll_back(ReleaseRepository(compose.database()), compose.settings().weights_dir)
    typer.echo(translator(compose.interface_language())("runs.rolled_back", release=release.label))
