"""`photos accept|reject|move|undo`: the decisions of the review page, from a terminal."""

from typing import Annotated

import typer

from core.cli import compose
from core.cli.gallery import gallery_follows
from core.cli.output import write_json
from core.cli.photo_names import ACTOR, find_photos
from core.domain.library import Change, RejectReason
from core.messages import translator

UNSORTED = "unsorted"
Names = Annotated[list[str], typer.Argument(metavar="SHA…", help="Hashes, or at least 6 first digits of each.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


def accept(photos: Names, as_json: AsJson = False) -> None:
    """Accept photos: they count as data from now on."""
    library = compose.library()
    _say(library.review.accept(_hashes(photos), ACTOR), as_json)


def reject(
    photos: Names,
    reason: Annotated[RejectReason, typer.Option(help="Why.", show_default=False)],
    note: Annotated[str, typer.Option(help="In your own words.")] = "",
    as_json: AsJson = False,
) -> None:
    """Reject photos with a reason; they stay in the library and count as no data."""
    _say(compose.library().review.reject(_hashes(photos), reason, note, ACTOR), as_json)


def move(
    photos: Names,
    to: Annotated[str, typer.Option(help="A place's slug, 'unknown' for no known place, or 'unsorted'.")],
    as_json: AsJson = False,
) -> None:
    """File photos under another place."""
    _say(compose.library().review.move(_hashes(photos), None if to == UNSORTED else to, ACTOR), as_json)


def undo(
    batch: Annotated[str, typer.Argument(help="What the decision said that takes it back.")],
    as_json: AsJson = False,
) -> None:
    """Take a decision back, unless one of its photos was changed since."""
    _say(compose.library().review.undo(batch, ACTOR), as_json)


def _hashes(names: list[str]) -> list[str]:
    return [record.sha256 for record in find_photos(names, compose.library().photos)]


def _say(change: Change, as_json: bool) -> None:
    if change.changed:
        gallery_follows()
    if as_json:
        write_json({"changed": change.changed, "batch_id": change.batch_id})
        return
    words = translator(compose.interface_language())
    typer.echo(words("photos.changed", count=change.changed))
    if change.batch_id:
        typer.echo(words("photos.undo_by", batch=change.batch_id), err=True)
