"""`labels import` and `labels export`: boxes in and out; both can run as jobs."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from core.cli import compose
from core.cli.job_commands import reporting
from core.cli.label_report import plan_document, result_document, say_export, say_plan, say_result
from core.cli.output import write_json
from core.cli.photo_names import ACTOR
from core.dataset.label_export import ExportOptions, export_labels
from core.dataset.label_import import import_labels
from core.dataset.label_plan import Catalogue, PhotoFate, ReadOptions, plan_labels
from core.dataset.label_reading import LabelFormat
from core.dataset.prepare import Provenance
from core.db.boxes import BoxRepository
from core.db.labels import LabelRepository
from core.db.places import UNKNOWN, PlaceRepository

Form = Annotated[LabelFormat, typer.Option("--format", help="The form of the files.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def import_command(
    source: Annotated[Path, typer.Argument(help="A folder or a zip.", metavar="DIR|ZIP", show_default=False)],
    form: Form,
    names: Annotated[
        str, typer.Option(help="Class names in the order of their numbers, by commas, where the files have none.")
    ] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Put them in the place of boxes that stand.")] = False,
    origin: Annotated[str, typer.Option("--source", help="Where photos come from; else the name of DIR or ZIP.")] = "",
    author: Annotated[str, typer.Option(help="Who took the photos.")] = "",
    licence: Annotated[str, typer.Option(help="On which terms, such as CC-BY-4.0.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do, and do nothing.")] = False,
    actor: Annotated[str, typer.Option(hidden=True)] = ACTOR,
    as_json: AsJson = False,
) -> None:
    """Bring boxes in, with photos, labels and places that are not known yet. Exit status 1 when there were none."""
    catalogue, library = _catalogue(), compose.library()
    options = ReadOptions(form, tuple(name.strip() for name in names.split(",") if name.strip()), replace)
    provenance = Provenance(origin or source.absolute().name, author=author, licence=licence)
    with (
        TemporaryDirectory(prefix=".labels-", dir=compose.settings().data_dir) as folder,
        reporting() as report,
    ):
        plan = plan_labels(source, options, catalogue, Path(folder) / "unpacked", report)
        if not as_json:
            say_plan(plan)
        result = None if dry_run else import_labels(plan, catalogue, library, provenance, report, actor)
    if as_json:
        write_json({"dry_run": dry_run, "plan": plan_document(plan), **result_document(result)})
    elif result is not None:
        say_result(result)
    if not any(photo.fate is not PhotoFate.UNLABELLED for photo in plan.photos):
        raise typer.Exit(1)


def export_command(
    target: Annotated[Path, typer.Argument(help="A new folder, or a zip.", metavar="DIR|ZIP", show_default=False)],
    form: Form,
    place: Annotated[str | None, typer.Option(help="One place's slug, or 'unknown'.")] = None,
    only_done: Annotated[bool, typer.Option("--only-done", help="Only photos that are done, or have nothing.")] = False,
    only_free: Annotated[bool, typer.Option("--only-free", help="Only photos whose licence is free.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write boxes with upright copies of their photos; photos that nobody touched stay."""
    options = ExportOptions(form, place, only_done, only_free)
    if place is not None and place != UNKNOWN:
        PlaceRepository(compose.database()).get(place)
    with reporting() as report:
        result = export_labels(options, _catalogue(), compose.library(), target, report)
    if as_json:
        write_json(asdict(result))
        return
    say_export(result, str(target), options)


def _catalogue() -> Catalogue:
    database = compose.database()
    repositories = (PlaceRepository(database), LabelRepository(database), BoxRepository(database))
    return Catalogue(*repositories, compose.library().photos)
