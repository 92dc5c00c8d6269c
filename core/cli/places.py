"""`places …`: the catalogue."""

from typing import Annotated

import typer

from core.cli import compose
from core.cli.output import write_json, write_table
from core.db.places import PlaceRepository

app = typer.Typer(help="The catalogue of places.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `places list` a subcommand while it is the only one."""


@app.command("list")
def list_places(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the known places with their class numbers."""
    places = PlaceRepository(compose.database()).list()
    if as_json:
        write_json(
            [
                {"class_id": p.class_id, "slug": p.slug, "name_ko": p.name.ko, "name_en": p.name.en}
                for p in places
            ]
        )
        return
    write_table(
        ("class", "slug", "한국어", "English"), [(str(p.class_id), p.slug, p.name.ko, p.name.en) for p in places]
    )
