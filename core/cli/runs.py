"""`runs …`: trained models, and which of them is in service."""

from typing import Annotated

import typer

from core.classifier.predict import OnnxClassifier
from core.cli import compose
from core.cli.opinions import opinions_follow
from core.cli.output import write_json, write_table
from core.db.releases import ReleaseRepository
from core.detector.predict import OnnxDetector
from core.errors import ModelRefused
from core.messages import translator
from core.weights.folder import task_of
from core.weights.release import Release, list_runs, promote_classifier, promote_detector, roll_back

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
    if _is_detector(run_id):
        release = put_detector_in_service(run_id, note)
    else:
        release = put_in_service(run_id, note, allow_drop)
    typer.echo(translator(compose.interface_language())("runs.promoted", release=release.label))
    opinions_follow()


def put_in_service(run_id: str, note: str, allow_drop: bool) -> Release:
    """Load the run once, and only then switch the row."""
    releases, weights_dir = ReleaseRepository(compose.database()), compose.settings().weights_dir
    return promote_classifier(
        releases, weights_dir, run_id, note, prepare=lambda run: OnnxClassifier(run, threads=1), allow_drop=allow_drop
    )


def _is_detector(run_id: str) -> bool:
    """Whether a run is a detector's; one that cannot be read is left to the promotion, which says why."""
    try:
        return task_of(compose.settings().weights_dir, run_id) == "detector"
    except ModelRefused:
        return False


def put_detector_in_service(run_id: str, note: str) -> Release:
    """Load the run once, and only then switch the row; the classifier stays."""
    releases, weights_dir = ReleaseRepository(compose.database()), compose.settings().weights_dir
    return promote_detector(releases, weights_dir, run_id, note, prepare=lambda run: OnnxDetector(run, threads=1))


@app.command()
def rollback() -> None:
    """Put the release before the current one back in service."""
    releases, weights_dir = ReleaseRepository(compose.database()), compose.settings().weights_dir
    release = roll_back(
        releases,
        weights_dir,
        prepare=lambda run: OnnxClassifier(run, threads=1),
        prepare_detector=lambda run: OnnxDetector(run, threads=1),
    )
    typer.echo(translator(compose.interface_language())("runs.rolled_back", release=release.label))
    opinions_follow()
