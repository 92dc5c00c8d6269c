"""`places …`: the catalogue. What a place says is edited field by field, under the names that files of places have."""

from typing import Annotated, Any

import typer

from core.cli import compose, place_care, place_pictures
from core.cli.output import write_json, write_table
from core.dataset.new_places import new_place
from core.dataset.place_fields import fields_of, place_from_fields
from core.db.places import PlaceRepository
from core.domain.place import LocalText, Place, PlaceState, Position
from core.errors import InvalidInput
from core.messages import translator

app = typer.Typer(help="The catalogue of places.", no_args_is_help=True)
app.command("retire")(place_care.retire)
app.command("restore")(place_care.restore)
app.command("remove")(place_care.remove)
app.command("import")(place_care.import_command)
app.command("export")(place_care.export)
app.command("fetch-pictures")(place_pictures.fetch_pictures)
Text = Annotated[str | None, typer.Option(show_default=False)]


@app.command("list")
def list_places(
    retired: Annotated[bool, typer.Option("--retired", help="Also those that are retired.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """List the known places with their class numbers."""
    places = PlaceRepository(compose.database()).list(include_retired=retired)
    if as_json:
        write_json([_document(place) for place in places])
        return
    write_table(
        ("class", "slug", "한국어", "English"), [(str(p.class_id), p.slug, p.name.ko, p.name.en) for p in places]
    )


@app.command("add")
def add_place(
    slug: Annotated[str, typer.Option(help="Its name in addresses and folders: a-z, 0-9 and hyphens.")],
    name_en: Annotated[str, typer.Option("--name-en")],
    name_ko: Annotated[str, typer.Option("--name-ko")],
    latitude: Annotated[float | None, typer.Option(help="Degrees north.")] = None,
    longitude: Annotated[float | None, typer.Option(help="Degrees east.")] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Add a place; its class number is given once and never to another."""
    if (latitude is None) != (longitude is None):
        raise InvalidInput("place.half_position")
    position = Position(latitude, longitude) if latitude is not None and longitude is not None else None
    added = new_place(PlaceRepository(compose.database()), slug, LocalText(name_ko, name_en), position)
    if as_json:
        write_json(_document(added))
        return
    words = translator(compose.interface_language())
    typer.echo(words("places.added", place=added.name.get(words.language), class_id=added.class_id))


@app.command("edit")
def edit_place(
    slug: str,
    name_ko: Text = None,
    name_en: Text = None,
    summary_ko: Text = None,
    summary_en: Text = None,
    description_ko: Text = None,
    description_en: Text = None,
    address_ko: Text = None,
    address_en: Text = None,
    phone: Text = None,
    latitude: Annotated[str | None, typer.Option(help="Degrees north; '' for none.", show_default=False)] = None,
    longitude: Annotated[str | None, typer.Option(help="Degrees east; '' for none.", show_default=False)] = None,
    status_state: Annotated[PlaceState | None, typer.Option(help="Can one go there?", show_default=False)] = None,
    status_note_ko: Text = None,
    status_note_en: Text = None,
    status_as_of: Annotated[str | None, typer.Option(help="A date such as 2026-11-23.", show_default=False)] = None,
    status_source: Text = None,
    picture_file: Annotated[str | None, typer.Option(help="In the catalogue's pictures.", show_default=False)] = None,
    picture_author: Text = None,
    picture_licence: Text = None,
    picture_source_url: Text = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Change what is said about a place; what is not named stays, and an empty text empties. The number stays."""
    given = {name: value for name, value in locals().items() if name not in {"slug", "as_json"} and value is not None}
    places = PlaceRepository(compose.database())
    edited = places.update(place_from_fields({**fields_of(places.get(slug)), **given}))
    if as_json:
        write_json(fields_of(edited))
        return
    words = translator(compose.interface_language())
    typer.echo(words("places.edited", place=edited.name.get(words.language), count=len(given)))


def _document(place: Place) -> dict[str, Any]:
    return {"class_id": place.class_id, "slug": place.slug, "name_ko": place.name.ko, "name_en": place.name.en}
