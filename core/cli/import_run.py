"""Do what an import's plan says, and tell what came of it."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import typer

from core.cli import compose
from core.cli.import_plan import SettledPlan
from core.cli.job_commands import reporting
from core.cli.output import printable
from core.dataset.groups import regroup
from core.dataset.import_photos import ImportResult, Provenance, import_photos
from core.dataset.import_plan import items_of, plan_import
from core.db.places import PlaceRepository
from core.domain.photo import PhotoStatus
from core.errors import PhotoRefused
from core.messages import describe, translator

UNPACKED = ".import-"
ABANDONED_AFTER_S = 24 * 3600  # no import takes a day


def run_import(plan: SettledPlan, provenance: Provenance, status: PhotoStatus, actor: str) -> ImportResult:
    """Import, and bring looks and groups up to date; a zip is unpacked for as long as that takes.

    Raises:
        InvalidInput: an archive that is refused; nothing was stored.
        StorageUnavailable, DatabaseUnavailable, JobStopped: see `import_photos`; the same command goes on.
    """
    library = compose.library()
    places = PlaceRepository(compose.database()).list(include_retired=True)
    with _unpacking(compose.settings().data_dir) as folder, reporting() as report:
        items = items_of(plan_import(plan.source, plan.place_slug, places, folder), plan.slugs)
        result = import_photos(items, library, provenance, status, report, actor)
        regroup(library.photos, library.review)
        counts = {"stored": result.stored, "known": result.known, "refused": len(result.refused)}
        report(len(items), len(items), "import.done", **counts)
    return result


@contextmanager
def _unpacking(data_dir: Path) -> Iterator[Path]:
    """Give a folder that is not there yet, and remove it afterwards; also those that killed imports left."""
    for path in data_dir.glob(f"{UNPACKED}*"):
        with suppress(FileNotFoundError):  # another import was faster
            if time.time() - path.stat().st_mtime > ABANDONED_AFTER_S:
                shutil.rmtree(path, ignore_errors=True)
    folder = data_dir / f"{UNPACKED}{uuid4().hex}"
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def result_document(result: ImportResult) -> dict[str, Any]:
    """Return what came of it as JSON holds it."""
    language = compose.interface_language()
    refused = [
        {"name": name, "code": code, "message": describe(PhotoRefused(code, **values), language)}
        for name, code, values in result.refused
    ]
    elsewhere = [{"name": name, "place": wanted, "is_under": there} for name, wanted, there in result.elsewhere]
    counts = {"stored": result.stored, "known": result.known, "alike": result.alike}
    return {**counts, "refused": refused, "elsewhere": elsewhere}


def say_result(result: ImportResult) -> None:
    """Say the counts, and on stderr each file that was refused and each photo that is filed elsewhere."""
    language = compose.interface_language()
    words = translator(language)
    for name, code, values in result.refused:
        typer.echo(f"{printable(name)}: {describe(PhotoRefused(code, **values), language)}", err=True)
    for name, _, there in result.elsewhere:
        typer.echo(words("import.elsewhere", photo=printable(name), place=there or "unsorted"), err=True)
    counts = {"stored": result.stored, "known": result.known, "refused": len(result.refused)}
    typer.echo(words("import.done", **counts))
    if result.alike:
        typer.echo(words("import.alike", count=result.alike))
