"""`identify PHOTO…`: the answer for each photo, in order."""

from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli import compose
from core.cli.output import write_json
from core.db.places import PlaceRepository
from core.domain.answer import Identification
from core.errors import PhotoRefused
from core.identify import as_document, as_error, identify_bytes
from core.messages import describe, explain, translator


def identify(
    photos: Annotated[list[Path], typer.Argument(help="Photo files.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Say where each photo was taken; exit status 1 if any could not be read."""
    language = compose.interface_language()
    documents: list[dict[str, Any]] = []
    failed = False
    for path in photos:
        try:
            answer = _answer(path)
        except PhotoRefused as error:
            failed = True
            documents.append(as_error(str(path), error, language))
            if not as_json:
                typer.echo(f"{path}: {describe(error, language)}", err=True)
            continue
        documents.append(as_document(str(path), answer, language))
        if not as_json:
            typer.echo(f"{path}: {_line(answer)}")
    if as_json:
        write_json(documents)
    raise typer.Exit(1 if failed else 0)


def _answer(path: Path) -> Identification:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PhotoRefused("photo.unreadable", reason=error.strerror or "") from error
    return identify_bytes(content, compose.model_shelf().current(), PlaceRepository(compose.database()))


def _line(answer: Identification) -> str:
    language = compose.interface_language()
    words = translator(language)
    name = answer.place.name.get(language) if answer.place else words("answer.none")
    return f"{name} ({words.percent(answer.confidence)}). {explain(answer, language)}"
