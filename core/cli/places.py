"""`places …`: the catalogue."""

from typing import Annotated, Any

import typer

from core.cli import compose
from core.cli.output import write_json, write_table
from core.db.places import PlaceRepository
from core.domain.place import LocalText, Place, PlaceState, PlaceStatus, Position
from core.errors import InvalidInput
from core.messages import translator

app = typer.Typer(help="The catalogue of places.", no_args_is_help=True)


@app.command("list")
def list_places(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the known places with their class numbers."""
    places = PlaceRepository(compose.database()).list()
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
    places = PlaceRepository(compose.database())
    nothing = LocalText("", "")
    added = places.add(
        Place(
            class_id=places.next_class_id(),
            slug=slug,
            name=LocalText(name_ko, name_en),
            summary=nothing,
            description=nothing,
            address=nothing,
            position=position,
            status=PlaceStatus(PlaceState.CHECK, nothing, None, ""),
            picture=None,
        )
    )
    if as_json:
        write_json(_document(added))
        return
    words = translator(compose.interface_language())
    typer.echo(words("places.added", place=added.name.get(words.language), class_id=added.class_id))


def _document(place: Place) -> dict[str, Any]:
    return {"class_id": place.class_id, "slug": place.slug, "name_ko": place.name.ko, "name_en": place.name.en}
