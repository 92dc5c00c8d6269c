"""`labels …`: the landmark parts of places, and boxes in and out."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from core.cli import compose, label_transfer
from core.cli.output import printable, write_json, write_table
from core.db.labels import LabelRepository
from core.domain.label import Label
from core.domain.place import LocalText
from core.errors import NotFound
from core.messages import translator

app = typer.Typer(help="Labels and boxes.", no_args_is_help=True)
app.command("import")(label_transfer.import_command)
app.command("export")(label_transfer.export_command)
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
Slug = Annotated[str, typer.Argument(help="A label's slug.", metavar="LABEL", show_default=False)]


@app.command("list")
def list_labels(
    place: Annotated[str | None, typer.Option(help="A place's slug.")] = None,
    retired: Annotated[bool, typer.Option("--retired", help="Retired ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the labels with their numbers, which never change."""
    labels = LabelRepository(compose.database()).list(place, include_retired=retired)
    if as_json:
        write_json([_document(label) for label in labels])
        return
    rows = [(str(one.label_id), one.place_slug, one.slug, one.name.ko, one.name.en, one.colour) for one in labels]
    write_table(("label", "place", "slug", "한국어", "English", "colour"), rows)


@app.command("add")
def add(
    place: Annotated[str, typer.Option(help="The slug of the place that it is a part of.")],
    slug: Annotated[str, typer.Option(help="Its name in files: a-z, 0-9 and hyphens.")],
    name_en: Annotated[str, typer.Option("--name-en")] = "",
    name_ko: Annotated[str, typer.Option("--name-ko")] = "",
    colour: Annotated[str, typer.Option(help="#rrggbb; else the next one that is easy to tell apart.")] = "",
    as_json: AsJson = False,
) -> None:
    """Add a landmark part to a place."""
    name = LocalText(name_ko, name_en) if name_ko or name_en else LocalText("", slug)
    _tell(LabelRepository(compose.database()).add(place, slug, name, colour), "labels.added", as_json)


@app.command("rename")
def rename(
    label: Slug,
    name_en: Annotated[str | None, typer.Option("--name-en")] = None,
    name_ko: Annotated[str | None, typer.Option("--name-ko")] = None,
    slug: Annotated[str | None, typer.Option(help="Its new name in files.")] = None,
    colour: Annotated[str | None, typer.Option(help="#rrggbb")] = None,
    as_json: AsJson = False,
) -> None:
    """Change how a label is called or coloured; its boxes and its number stay."""
    labels = LabelRepository(compose.database())
    standing = _find(label, labels)
    names = (standing.name.ko if name_ko is None else name_ko, standing.name.en if name_en is None else name_en)
    wanted = replace(
        standing, name=LocalText(*names), slug=slug or standing.slug, colour=(colour or standing.colour).lower()
    )
    _tell(labels.update(wanted), "labels.renamed", as_json)


@app.command("retire")
def retire(label: Slug, as_json: AsJson = False) -> None:
    """Offer a label no longer; its boxes stay."""
    labels = LabelRepository(compose.database())
    _tell(labels.retire(_find(label, labels).label_id), "labels.retired", as_json)


@app.command("restore")
def restore(label: Slug, as_json: AsJson = False) -> None:
    """Offer a retired label again."""
    labels = LabelRepository(compose.database())
    _tell(labels.update(replace(_find(label, labels), retired=False)), "labels.restored", as_json)


def _find(slug: str, labels: LabelRepository) -> Label:
    for label in labels.list(include_retired=True):
        if label.slug == slug:
            return label
    raise NotFound("label.slug_not_found", slug=printable(slug)[:80])


def _tell(label: Label, key: str, as_json: bool) -> None:
    if as_json:
        write_json(_document(label))
        return
    words = translator(compose.interface_language())
    name = printable(label.name.get(words.language))
    typer.echo(words(key, name=name, slug=label.slug, label_id=label.label_id))


def _document(label: Label) -> dict[str, Any]:
    return {
        "label_id": label.label_id,
        "place": label.place_slug,
        "slug": label.slug,
        "name_ko": label.name.ko,
        "name_en": label.name.en,
        "colour": label.colour,
        "position": label.position,
        "retired": label.retired,
    }
