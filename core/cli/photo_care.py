"""`photos delete|export|verify`: out of the library, and whether rows and files tell the same."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from core.cli import compose
from core.cli.job_commands import reporting
from core.cli.output import printable, write_json
from core.cli.photo_names import find_photos
from core.dataset.export import ExportResult, export_photos
from core.dataset.removal import delete_by_source, delete_photos
from core.dataset.verify import VerifyReport, verify_library
from core.domain.library import PhotoFilter
from core.domain.photo import PhotoStatus
from core.errors import InvalidInput
from core.messages import translator

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
SHOWN = 20  # names of one kind of fault


def delete(
    photos: Annotated[list[str] | None, typer.Argument(metavar="SHA…", help="Hashes, or 6 first digits.")] = None,
    source: Annotated[str, typer.Option(help="Everything that came from there.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Really.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete photos for good: file, thumbnail, row, history, opinions and boxes."""
    library = compose.library()
    if bool(photos) == bool(source):
        raise InvalidInput("photo.delete_what")
    named = [record.sha256 for record in find_photos(photos or [], library.photos)]
    count = len(named) if named else library.photos.count_matching(PhotoFilter(source=source))
    if not yes:
        raise InvalidInput("photo.delete_unsure", count=count)
    deleted = delete_photos(named, library) if named else delete_by_source(source, library)
    if as_json:
        write_json({"deleted": deleted})
    else:
        typer.echo(translator(compose.interface_language())("photos.deleted", count=deleted))


def export(
    target: Annotated[Path, typer.Argument(metavar="ZIP", help="The file to write.", show_default=False)],
    place: Annotated[str | None, typer.Option(help="Of this place only; 'unknown' for photos of none.")] = None,
    status: Annotated[PhotoStatus, typer.Option(help="Where they stand in review.")] = PhotoStatus.ACCEPTED,
    all_licences: Annotated[bool, typer.Option("--all-licences", help="Also those that may not be passed on.")] = False,
    originals: Annotated[bool, typer.Option("--originals", help="The files as they came, metadata and all.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write photos into a zip with a folder per place, and a table that says where each is from."""
    wanted = PhotoFilter(place_slug=place, status=status)
    with reporting() as report:
        result = export_photos(wanted, compose.library(), target, not all_licences, report, originals)
        report(result.exported, result.exported, "export.done", **asdict(result))
    _say_export(result, as_json)


def _say_export(result: ExportResult, as_json: bool) -> None:
    if as_json:
        write_json(asdict(result))
        return
    words = translator(compose.interface_language())
    typer.echo(words("export.done", **asdict(result)))


def verify(
    repair: Annotated[bool, typer.Option("--repair", help="Remove what killed writers left; no photo.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare rows and files; exit status 1 when they do not tell the same."""
    with reporting() as report:
        found = verify_library(compose.library(), repair, report)
    if as_json:
        write_json({**asdict(found), "is_clean": found.is_clean})
    else:
        _say_faults(found)
    raise typer.Exit(0 if found.is_clean else 1)


def _say_faults(found: VerifyReport) -> None:
    words = translator(compose.interface_language())
    faults = {
        "verify.files_without_rows": found.files_without_rows,
        "verify.rows_without_files": found.rows_without_files,
        "verify.broken_files": found.broken_files,
        "verify.missing_thumbnails": found.missing_thumbnails,
        "verify.leftovers": found.leftovers,
        "verify.removed": found.removed,
    }
    for key, names in faults.items():
        if names:
            typer.echo(words(key, count=len(names)))
            for name in names[:SHOWN]:
                typer.echo(f"  {printable(name)}")
    typer.echo(words("verify.clean" if found.is_clean else "verify.unclean", checked=found.checked))
