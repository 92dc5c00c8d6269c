"""A run's files in a zip, and as somebody hands them over: checked against their manifest before they may stand here.

Nothing is parsed here but the manifest; whoever brings a run in loads it once.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from pydantic_core import from_json

from core.errors import ModelRefused
from core.weights.folder import MANIFEST_LIMIT_BYTES, DetectorRun, FusionRun, Run
from core.weights.manifest import MANIFEST_FILE
from core.weights.manifest_file import AnyManifest, parse_manifest, to_json

EARLIEST = (1980, 1, 1, 0, 0, 0)  # that a zip can say


def pack_run(run: Run | DetectorRun | FusionRun, write: Callable[[str, bytes], None]) -> None:
    """Hand each file of a run to `write`, by its name, checked on the way; the manifest comes first.

    Raises:
        ModelRefused: a file is gone or another one.
    """
    write(MANIFEST_FILE, to_json(run.manifest))
    for name in run.manifest.files:
        write(name, run.read(name))


def zipped_run(run: Run | DetectorRun | FusionRun) -> bytes:
    """Return a run as the bytes of a zip that `runs import` takes; the same run gives the same bytes.

    Raises:
        ModelRefused: as `pack_run`.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        pack_run(run, lambda name, one: archive.writestr(zipfile.ZipInfo(name, EARLIEST), one))
    return content.getvalue()


def find_manifest(files: Mapping[str, Path]) -> str | None:
    """Return the name of the one manifest among files by name, None where there is none or are several."""
    found = [name for name in files if PurePosixPath(name).name == MANIFEST_FILE]
    return found[0] if len(found) == 1 else None


def read_handed_over(files: Mapping[str, Path], manifest_name: str) -> tuple[AnyManifest, dict[str, bytes]]:
    """Read a run, and return its manifest and the bytes of every file that it names.

    Raises:
        ModelRefused: code "model.missing" or "model.mismatch" for a file that is not there or another one; see
            `parse_manifest` for the manifest.
    """
    path = files[manifest_name]
    if path.stat().st_size > MANIFEST_LIMIT_BYTES:
        raise ModelRefused("model.manifest", run_id="?", file=MANIFEST_FILE, field="size")
    content = path.read_bytes()
    manifest = parse_manifest(content, _run_id(content))
    folder = manifest_name[: -len(MANIFEST_FILE)]
    return manifest, {name: _checked(files, folder, name, manifest) for name in manifest.files}


def _run_id(content: bytes) -> str:
    try:
        return str(from_json(content)["run_id"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelRefused("model.format", run_id="?", file=MANIFEST_FILE, field="run_id") from error


def _checked(files: Mapping[str, Path], folder: str, name: str, manifest: AnyManifest) -> bytes:
    path = files.get(folder + name)
    if path is None:
        raise ModelRefused("model.missing", run_id=manifest.run_id, file=name)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != manifest.files[name]:
        raise ModelRefused("model.mismatch", run_id=manifest.run_id, file=name)
    return content
