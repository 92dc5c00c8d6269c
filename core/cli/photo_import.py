"""`photos import …`: a folder, a photo or a zip into the library; the job "import" is the same command."""

from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli import compose
from core.cli.gallery import gallery_follows
from core.cli.import_plan import Wishes, parse_matches, plan_document, say_plan, settle_places
from core.cli.import_run import result_document, run_import, say_result
from core.cli.opinions import form_opinions, opinions_follow
from core.cli.output import write_json
from core.cli.photo_names import ACTOR
from core.dataset.import_photos import Provenance
from core.dataset.import_plan import plan_import
from core.dataset.import_spool import write_result
from core.db.places import PlaceRepository
from core.domain.photo import PhotoStatus


def import_command(
    source: Annotated[Path, typer.Argument(help="A folder, a photo or a zip.", metavar="DIR|ZIP", show_default=False)],
    place: Annotated[
        str | None, typer.Option(help="A slug, 'unknown' or 'unsorted'; without it the folders inside say the place.")
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="They need no review.")] = False,
    origin: Annotated[str, typer.Option("--source", help="Where they come from; else the name of DIR or ZIP.")] = "",
    author: Annotated[str, typer.Option(help="Who took them.")] = "",
    licence: Annotated[str, typer.Option(help="On which terms, such as CC-BY-4.0.")] = "",
    page_url: Annotated[str, typer.Option(help="The one page that all of them are from.")] = "",
    match: Annotated[list[str] | None, typer.Option(help="FOLDER=SLUG: file a folder under this place.")] = None,
    create_places: Annotated[bool, typer.Option("--create-places", help="Add places for folders of no place.")] = False,
    keep_position: Annotated[
        bool, typer.Option("--keep-position", help="Keep where the photos say they were.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it would do, and do nothing.")] = False,
    opinions: Annotated[bool, typer.Option("--opinions", help="Let the model look at them right away.")] = False,
    actor: Annotated[str, typer.Option(hidden=True)] = ACTOR,
    result_file: Annotated[Path | None, typer.Option("--result", hidden=True)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Bring photos in; those that are known already are counted. Exit status 1 when none came in and none was known."""
    places = PlaceRepository(compose.database())
    wishes = Wishes(source, place, parse_matches(match or []))
    plan = wishes.settle(plan_import(source, wishes.one_place, places.list(include_retired=True)), places)
    document: dict[str, Any] = {"dry_run": dry_run, **plan_document(plan)}
    if not as_json:
        say_plan(plan)
    if not dry_run:
        provenance = Provenance(origin or source.absolute().name, page_url, author, licence, keep_position)
        status = PhotoStatus.ACCEPTED if accept else PhotoStatus.NEW
        settle_places(plan, places, create_places)
        result = run_import(plan, provenance, status, actor)
        document |= result_document(result)
        if result_file is not None:
            write_result(result, result_file)
        if not as_json:
            say_result(result)
        form_opinions() if opinions else opinions_follow()
        if accept:
            gallery_follows()
    if as_json:
        write_json(document)
    if not dry_run and not (result.stored or result.known):
        raise typer.Exit(1)
