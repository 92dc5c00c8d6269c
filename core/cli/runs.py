"""`runs …`: trained models, and which of them is in service."""

from typing import Annotated

import typer

from core.cli import compose
from core.cli.gallery import gallery_follows
from core.cli.opinions import opinions_follow
from core.cli.output import write_json, write_table
from core.db.releases import ReleaseRepository
from core.identify.promotion import Service, promote_run, take_back
from core.messages import translator
from core.weights.release import Release, list_runs

app = typer.Typer(help="Trained models and the release in service.", no_args_is_help=True)


@app.command("list")
def list_command(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the runs, newest first, with the one in service marked."""
    here = compose.settings()
    in_service = compose.runs_in_service()  # none while what names them is broken: runs are listed all the same
    manifests = list_runs(here.weights_dir)
    rows = [
        {"run_id": m.run_id, "task": m.task, "architecture": m.architecture, "in_service": m.run_id in in_service}
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


def put_in_service(run_id: str, note: str = "", allow_drop: bool = False) -> Release:
    """Put a run of any task in service; see `promote_run`. For whoever trains with `--promote`, too."""
    return promote_run(run_id, _service(), note, allow_drop)


def _service() -> Service:
    here = compose.settings()
    return Service(ReleaseRepository(compose.database()), here.weights_dir, lambda release: _follow())


def _follow() -> None:
    opinions_follow()
    gallery_follows()


@app.command()
def rollback() -> None:
    """Put the release before the current one back in service."""
    release = take_back(_service())
    typer.echo(translator(compose.interface_language())("runs.rolled_back", release=release.label))
