"""`snapshots …`: frozen data sets; "freeze" is a job too."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from core.cli import compose
from core.cli.job_commands import reporting
from core.cli.output import write_json, write_table
from core.dataset.snapshots import boxes_from, freeze_snapshot
from core.dataset.splits import FOLDS
from core.db.boxes import BoxRepository
from core.db.labels import LabelRepository
from core.db.snapshots import SnapshotRepository
from core.domain.library import Snapshot
from core.domain.photo import Split
from core.messages import translator

app = typer.Typer(help="Frozen data sets.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.command()
def freeze(
    note: Annotated[str, typer.Option(help="What it is for, in your own words.")] = "",
    as_json: AsJson = False,
) -> None:
    """Freeze all accepted photos; the same data give the same snapshot."""
    with reporting() as report:
        report(0, None, "snapshots.freezing")
        snapshot = freeze_library(note)
        report(snapshot.photos, snapshot.photos, "snapshots.frozen", snapshot=snapshot.snapshot_id)
    if as_json:
        write_json(_document(snapshot))
        return
    typer.echo(translator(compose.interface_language())("snapshots.frozen", snapshot=snapshot.snapshot_id))
    _say_counts(snapshot)


def freeze_library(note: str = "") -> Snapshot:
    """Freeze all accepted photos of the library with their boxes.

    Raises:
        InvalidInput, Conflict: see `freeze_snapshot`.
    """
    database, library = compose.database(), compose.library()
    boxes_of = boxes_from(BoxRepository(database), LabelRepository(database))
    return freeze_snapshot(library.photos, SnapshotRepository(database), boxes_of, note, review=library.review)


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """List the snapshots, newest first."""
    found = SnapshotRepository(compose.database()).list()
    if as_json:
        write_json([_document(snapshot) for snapshot in found])
        return
    titles = ("snapshot", "photos", "groups", "boxes", "places", "note")
    write_table(titles, [_cells(snapshot) for snapshot in found])


@app.command()
def show(
    snapshot_id: Annotated[str, typer.Argument(metavar="ID")],
    as_json: AsJson = False,
) -> None:
    """Show how many photos of each place a snapshot holds, and in which part; with --json each photo."""
    snapshots = SnapshotRepository(compose.database())
    snapshot = snapshots.get(snapshot_id)
    if as_json:
        photos = [asdict(photo) for photo in snapshots.photos(snapshot_id)]
        write_json({**_document(snapshot), "photo_list": photos})
        return
    typer.echo(f"{snapshot.snapshot_id}  {snapshot.fingerprint}")
    _say_counts(snapshot)


def _say_counts(snapshot: Snapshot) -> None:
    held = {part for counts in snapshot.counts.values() for part in counts}
    parts = [part for part in (*Split, FOLDS) if part in held]
    rows = [(slug, *(str(counts.get(part, 0)) for part in parts)) for slug, counts in snapshot.counts.items()]
    write_table(("place", *parts), rows)


def _cells(snapshot: Snapshot) -> tuple[str, ...]:
    counts = (snapshot.photos, snapshot.groups, snapshot.boxes, len(snapshot.counts))
    return (snapshot.snapshot_id, *(str(count) for count in counts), snapshot.note)


def _document(snapshot: Snapshot) -> dict[str, Any]:
    return {**asdict(snapshot), "created_at": snapshot.created_at.isoformat()}
