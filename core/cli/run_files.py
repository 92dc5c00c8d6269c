"""`runs show` and `runs export`: what a run is, and its files in one zip that `runs import` takes."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli import compose
from core.cli.output import printable, write_json, write_table
from core.dataset.label_files import ZIP, opened_target
from core.detector.box_card import MODEL_CARD_FILE
from core.errors import InvalidInput, ModelRefused, NotFound
from core.messages import translator
from core.weights.bring import pack_run
from core.weights.folder import DetectorRun, FusionRun, Run, open_any_run
from core.weights.manifest import MANIFEST_FILE
from core.weights.manifest_file import to_json


def open_known_run(run_id: str) -> Run | DetectorRun | FusionRun:
    """Open a run of any task.

    Raises:
        NotFound: code "metrics.run_not_found".
        ModelRefused: its files are not those of its manifest.
    """
    try:
        return open_any_run(compose.settings().weights_dir, run_id)
    except ModelRefused as error:
        if error.code == "model.missing" and error.values.get("file") == MANIFEST_FILE:
            raise NotFound("metrics.run_not_found", run_id=run_id) from error
        raise


def show(
    run_id: Annotated[str, typer.Argument(metavar="RUN")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Show what a run is: its model card, or with --json its manifest."""
    run = open_known_run(run_id)
    in_service = run_id in compose.runs_in_service()
    if as_json:
        document: dict[str, Any] = json.loads(to_json(run.manifest))
        write_json({**document, "folder": str(run.folder), "in_service": in_service})
        return
    if in_service:
        typer.echo(translator(compose.interface_language())("runs.in_service", run_id=run_id))
    if MODEL_CARD_FILE in run.manifest.files:
        card = run.read(MODEL_CARD_FILE).decode("utf-8", errors="replace")
        typer.echo("\n".join(printable(line) for line in card.splitlines()))
    write_table(("file", "sha256"), sorted(run.manifest.files.items()))


def export(
    run_id: Annotated[str, typer.Argument(metavar="RUN")],
    target: Annotated[Path, typer.Argument(metavar="ZIP", help="The file to write.", show_default=False)],
) -> None:
    """Write a run's files into a zip."""
    if target.suffix.lower() != ZIP:
        raise InvalidInput("kit.no_zip", target=target.name)
    run = open_known_run(run_id)
    with opened_target(target) as write:
        pack_run(run, write)
    typer.echo(translator(compose.interface_language())("runs.exported", run_id=run_id, target=str(target)))
