"""`places fetch-pictures`: a freely licensed photo for each place that has no picture.

The photo is kept in the library with its author and licence, and waits for review like any other: visitors see it once
it is accepted, there or here with --accept. A picture that stands is replaced only by a photo that visitors may see.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer

from core.cli import compose
from core.cli.crawl_tools import crawl_tools
from core.cli.gallery import gallery_follows
from core.cli.output import printable, write_json
from core.cli.photo_names import ACTOR
from core.crawl.filing import provenance_of
from core.crawl.place_pictures import FoundPicture, find_picture
from core.crawl.tools import CrawlTools
from core.dataset.import_photos import keep_original
from core.dataset.place_picture import LIBRARY, may_be_shown
from core.domain.photo import PhotoRecord
from core.domain.place import Place, PlacePicture
from core.errors import EodiError, NotFound
from core.messages import Translator, describe, translator

Option = typer.Option


@dataclass(frozen=True, slots=True)
class Options:
    """How far the command goes. accept: the photos are accepted, as in review. dry_run: nothing is stored."""

    accept: bool
    dry_run: bool


def fetch_pictures(
    place: Annotated[list[str] | None, Option(help="Slug; again for more.", show_default=False)] = None,
    replace_pictures: Annotated[bool, Option("--replace", help="Also for places that have a picture.")] = False,
    accept: Annotated[bool, Option("--accept", help="Accept the photos, so that visitors see them at once.")] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Say what would be chosen, and store nothing.")] = False,
    as_json: Annotated[bool, Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Find a freely licensed photo for each place without a picture, from Wikimedia Commons and Openverse."""
    words = translator(compose.interface_language())
    tools = crawl_tools()
    found = [tools.places.get(slug) for slug in place] if place else list(tools.places.list())
    wanted = [one for one in found if replace_pictures or one.picture is None]
    if not wanted and not as_json:
        typer.echo(words("places.pictures_complete"))
    outcomes = []
    for one in wanted:
        outcomes.append(_fetch_one(one, tools, Options(accept, dry_run), words))
        if not as_json:
            _say(outcomes[-1], one, words)
    if as_json:
        write_json(outcomes)
    if any(outcome["outcome"] == "failed" for outcome in outcomes):
        raise typer.Exit(1)


def _fetch_one(place: Place, tools: CrawlTools, options: Options, words: Translator) -> dict[str, Any]:
    """Find, keep and set one place's picture; return what became of it."""
    try:
        picture = find_picture(place, tools)
    except NotFound:
        return {"place": place.slug, "outcome": "none"}
    except EodiError as error:
        return {"place": place.slug, "outcome": "failed", "reason": describe(error, words.language)}
    chosen = _document(place, picture)
    if options.dry_run:
        return {**chosen, "outcome": "found"}
    record = _keep(place, picture, tools)
    if options.accept and not may_be_shown(record):
        tools.library.review.accept([record.sha256], ACTOR)
        gallery_follows()
        record = tools.library.photos.get(record.sha256)
    is_seen = may_be_shown(record)
    if is_seen or place.picture is None:
        tools.places.update(replace(place, picture=_picture_of(record)))
    outcome = "set" if is_seen else "waits" if place.picture is None else "kept"
    return {**chosen, "outcome": outcome, "sha256": record.sha256}


def _keep(place: Place, picture: FoundPicture, tools: CrawlTools) -> PhotoRecord:
    """Keep the photo in the library and return its row, which may have been there before."""
    candidate = picture.candidate
    name = candidate.title or place.slug
    keep_original(picture.content, name, place.slug, provenance_of(candidate), tools.library, ACTOR)
    return tools.library.photos.get(picture.sha256)


def _picture_of(record: PhotoRecord) -> PlacePicture:
    """Name the photo as a picture, accepted or not: visitors see it only once it is."""
    return PlacePicture(f"{LIBRARY}{record.sha256}", record.author, record.licence, record.page_url)


def _document(place: Place, picture: FoundPicture) -> dict[str, Any]:
    candidate = picture.candidate
    facts = ("source", "title", "author", "licence", "licence_url", "page_url")
    size = {"width_px": picture.width_px, "height_px": picture.height_px}
    return {"place": place.slug, **{name: getattr(candidate, name) for name in facts}, **size}


def _say(outcome: dict[str, Any], place: Place, words: Translator) -> None:
    """Say what was chosen and what is to be done."""
    name = place.name.get(words.language)
    kind = outcome["outcome"]
    if kind == "none":
        typer.echo(words("places.picture_none", place=name))
        return
    if kind == "failed":
        typer.echo(printable(f"{name}: {outcome['reason']}"), err=True)
        return
    chosen = words(
        "places.picture_chosen",
        place=name,
        title=outcome["title"],
        author=outcome["author"],
        licence=outcome["licence"],
        page=outcome["page_url"],
    )
    photo = outcome.get("sha256", "")[:12]
    follows = {
        "found": words("places.picture_found"),
        "set": words("places.picture_set"),
        "waits": words("places.picture_waits", photo=photo),
        "kept": words("places.picture_kept", photo=photo, slug=place.slug),
    }[kind]
    typer.echo(printable(f"{chosen} {follows}"))
