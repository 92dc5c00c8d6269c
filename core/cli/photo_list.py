"""`photos list|show|duplicates`: what is in the library."""

from collections import defaultdict
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from core.cli import compose
from core.cli.output import write_json, write_table
from core.cli.photo_names import SHORT, find_photo
from core.dataset.groups import read_records
from core.db.opinions import OpinionRepository
from core.db.photos import PhotoRepository
from core.domain.library import Concern, PhotoFilter, PhotoOrder
from core.domain.photo import PhotoRecord, PhotoStatus, Split, as_plain
from core.messages import translator

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Looks = dict[str, list[PhotoRecord]]


def list_command(
    place: Annotated[str | None, typer.Option(help="A place's slug, 'unknown' or 'unsorted'.")] = None,
    status: Annotated[PhotoStatus | None, typer.Option(help="Where it stands in review.")] = None,
    source: Annotated[str | None, typer.Option(help="Where it came from.")] = None,
    licence: Annotated[str | None, typer.Option(help="On which terms.")] = None,
    split: Annotated[Split | None, typer.Option(help="The part of the data it belongs to.")] = None,
    concern: Annotated[Concern | None, typer.Option(help="What may be wrong with it.")] = None,
    order: Annotated[PhotoOrder, typer.Option(help="Which come first.")] = PhotoOrder.NEWEST,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1)] = 48,
    offset: Annotated[int, typer.Option(help="Leave out so many first.", min=0)] = 0,
    as_json: AsJson = False,
) -> None:
    """List photos; `--order doubtful` begins with those that the model in service is least sure of."""
    wanted = PhotoFilter(place, status, source, licence, split, concern, compose.run_in_service())
    photos = compose.library().photos
    found = photos.find(wanted, order, limit, offset)
    if as_json:
        write_json([plain_record(record) for record in found])
        return
    titles = ("photo", "place", "status", "px", "split", "source", "licence", "name")
    write_table(titles, [_cells(record) for record in found])
    words = translator(compose.interface_language())
    typer.echo(words("photos.listed", shown=len(found), count=photos.count_matching(wanted)), err=True)


def show(photo: Annotated[str, typer.Argument(metavar="SHA")]) -> None:
    """Show all that is known about one photo as JSON: its row, its history, the model's opinion, its look-alikes."""
    library, run_id = compose.library(), compose.run_in_service()
    record = find_photo(photo, library.photos)
    opinion = OpinionRepository(compose.database()).get(record.sha256, run_id) if run_id else None
    write_json(
        {
            **plain_record(record),
            "history": [_plain(asdict(event)) for event in library.review.history(record.sha256)],
            "opinion": _plain(asdict(opinion)) if opinion else None,
            "look_alikes": [alike.sha256 for alike in library.photos.look_alikes(record.sha256)],
        }
    )


def duplicates(as_json: AsJson = False) -> None:
    """List near-duplicates look by look, first those that are filed under more than one place."""
    looks = sorted(_looks(compose.library().photos).items(), key=lambda look: (len(_places(look[1])) == 1, look[0]))
    if as_json:
        write_json(
            [
                {"look_id": look_id, "places": _places(found), "photos": [plain_record(record) for record in found]}
                for look_id, found in looks
            ]
        )
        return
    rows = [(look_id[:SHORT], *_cells(record)) for look_id, found in looks for record in found]
    write_table(("look", "photo", "place", "status", "px", "split", "source", "licence", "name"), rows)
    words, across = translator(compose.interface_language()), sum(len(_places(found)) > 1 for _, found in looks)
    typer.echo(words("photos.duplicates", looks=len(looks), across=across), err=True)


def plain_record(record: PhotoRecord) -> dict[str, Any]:
    """Return a record as JSON holds it."""
    return _plain(as_plain(record))


def _looks(photos: PhotoRepository) -> Looks:
    looks: Looks = defaultdict(list)
    for record in read_records(photos):
        if record.look_id:
            looks[record.look_id].append(record)
    return {look_id: found for look_id, found in looks.items() if len(found) > 1}


def _places(found: list[PhotoRecord]) -> list[str]:
    return sorted({record.place_slug or "unsorted" for record in found})


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _cells(record: PhotoRecord) -> tuple[str, ...]:
    size = f"{record.width_px}x{record.height_px}"
    place, split = record.place_slug or "unsorted", record.split.value if record.split else ""
    status = record.status.value
    return (
        record.sha256[:SHORT],
        place,
        status,
        size,
        split,
        record.source,
        record.licence,
        record.original_name,
    )
