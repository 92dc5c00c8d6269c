"""`places retire|restore|remove|import|export`: places in and out of the catalogue."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli import compose
from core.cli.output import printable, write_json
from core.dataset.place_files import PlacePlan, apply_places, plan_places, write_places
from core.db.places import PlaceRepository
from core.errors import InvalidInput, StorageUnavailable
from core.messages import describe, translator
from core.weights.release import list_runs

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def retire(slug: str) -> None:
    """Take a place out of the answers; its photos and its number stay."""
    _say("places.retired", PlaceRepository(compose.database()).retire(slug).slug)


def restore(slug: str) -> None:
    """Put a retired place back."""
    _say("places.restored", PlaceRepository(compose.database()).restore(slug).slug)


def remove(slug: str) -> None:
    """Delete a place that has no photos and is in no model; its number is never given to another."""
    places = PlaceRepository(compose.database())
    class_id = places.get(slug).class_id
    manifests = list_runs(compose.settings().weights_dir)
    in_models = any(class_id in manifest.class_ids for manifest in manifests)
    places.remove(slug, in_models=in_models)
    _say("places.removed", slug)


def import_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV or YAML.", show_default=False)],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do, and do nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add and change places as a file says: all of it, or with one bad line nothing."""
    places = PlaceRepository(compose.database())
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InvalidInput("place_file.missing", file=str(file)) from error
    plan = plan_places(file.name, content, places)
    _say_plan(plan, as_json)
    if not dry_run or plan.faults:
        apply_places(plan, places)


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Ends in .csv, .yaml or .yml.", show_default=False)],
) -> None:
    """Write all places, retired ones too, into a file that `places import` takes."""
    found = PlaceRepository(compose.database()).list(include_retired=True)
    content = write_places(file.name, found)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise StorageUnavailable("storage.unavailable", folder=str(file.absolute().parent)) from error
    typer.echo(translator(compose.interface_language())("places.exported", count=len(found), file=str(file)))


def _say(key: str, slug: str) -> None:
    typer.echo(translator(compose.interface_language())(key, slug=slug))


def _say_plan(plan: PlacePlan, as_json: bool) -> None:
    """Name each bad line on stderr as `file:line reason`, then the counts."""
    language = compose.interface_language()
    faults = [f"{plan.file}:{fault.line} {describe(fault.error, language)}" for fault in plan.faults]
    for fault in faults:
        typer.echo(printable(fault), err=True)
    counts = {"added": len(plan.added), "changed": len(plan.changed), "same": len(plan.unchanged)}
    if as_json:
        slugs = {"added": [place.slug for place in plan.added], "changed": [place.slug for place in plan.changed]}
        write_json({**slugs, "unchanged": len(plan.unchanged), "faults": faults})
    else:
        typer.echo(translator(language)("places.plan", **counts))
