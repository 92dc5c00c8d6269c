"""Photos that a page brings in: uploads packed into one zip for the job "import", and what the job tells the page.

The page stages the zip (`core/jobs/spool`), shows what would be imported, and starts the job with it. A name in the
zip is the upload's as far as a zip may hold it; nothing is ever written under such a name.
"""

import json
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from core.dataset.import_photos import ImportResult
from core.dataset.sniff import kind_of
from core.db.columns import without_surrogates
from core.db.jobs import JobRepository
from core.domain.job import Job
from core.errors import InvalidInput, NotFound
from core.jobs.runner import Runner
from core.jobs.spool import FILES, Upload, job_folder, start_with

KIND = "import"
PACKED = "photos.zip"
RESULT = "result.json"
RESULT_OPTION = "--result"
OUTER = "photos"  # stands for a first folder that a zip may not name


def pack_uploads(uploads: Sequence[Upload], folder: Path) -> None:
    """Write uploads as one zip into `folder`; a single zip is taken as it is.

    Raises:
        InvalidInput: code "import.zip_alone"; a zip among other files.
    """
    zips = [upload for upload in uploads if kind_of(upload.content[:64]) == "ZIP"]
    if zips and len(uploads) > 1:
        raise InvalidInput("import.zip_alone", name=zips[0].name)
    target = folder / PACKED
    if zips:
        target.write_bytes(zips[0].content)
        return
    names = packed_names(upload.name for upload in uploads)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, upload in zip(names, uploads, strict=True):
            archive.writestr(name, upload.content)


def packed_names(names: Iterable[str]) -> list[str]:
    """Return names that a zip may hold, in the same order: relative, without climbing, no two alike."""
    packed: list[str] = []
    taken: set[str] = set()
    for name in names:
        fit = first = _fit(name)
        number = 1
        while fit.casefold() in taken:
            number += 1
            stem, dot, ending = first.rpartition(".")
            fit = f"{stem} ({number}).{ending}" if dot and stem else f"{first} ({number})"
        taken.add(fit.casefold())
        packed.append(fit)
    return packed


def start_import(
    staged: Path | None, arguments: Sequence[str], jobs: JobRepository, runner: Runner, jobs_dir: Path, source: str = ""
) -> Job:
    """Start the job "import": of what was staged, or of `source`, a folder or a zip on this machine.

    arguments: the options of `photos import`.

    Raises:
        StorageUnavailable: the job's folder could not be made.
        EodiError: `job.not_started`.
    """
    return start_with(staged, KIND, partial(_command_line, tuple(arguments), source), jobs, runner, jobs_dir)


def write_result(result: ImportResult, path: Path) -> None:
    """Leave what became of an import where the page finds it."""
    path.write_text(json.dumps(asdict(result)), encoding="utf-8")


def read_result(jobs_dir: Path, job_id: str) -> ImportResult:
    """Return what became of an import.

    Raises:
        NotFound: code "import.no_result"; the job left none, for it did not come to its end.
    """
    try:
        plain = json.loads((job_folder(jobs_dir, job_id) / RESULT).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError) as error:
        raise NotFound("import.no_result", job_id=job_id) from error
    for name in ("refused", "elsewhere"):
        plain[name] = tuple(tuple(entry) for entry in plain[name])
    return ImportResult(**plain)


def _command_line(arguments: tuple[str, ...], source: str, folder: Path) -> tuple[str, ...]:
    """Return the job's arguments; what stands behind "--" is never an option, whatever it is called."""
    where = source or str(folder / FILES / PACKED)
    return (*arguments, RESULT_OPTION, str(folder / RESULT), "--", where)


def _fit(name: str) -> str:
    parts = without_surrogates(name).replace("\\", "/").split("/")
    plain = ["".join(letter for letter in part if letter.isprintable()) for part in parts]
    fit = [part for part in plain if part not in {"", ".", ".."}] or [OUTER]
    if ":" in fit[0][:2]:
        fit[0] = fit[0].replace(":", "_", 1)
    return "/".join(fit)
