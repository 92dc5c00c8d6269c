"""The folder of a run: written whole or not at all, opened only when every file is the one its manifest names.

`write_run` ends a training; `open_run` begins everything that uses a run, before any parser sees a model file. Files
are read through `Run.read`, which hashes the very bytes that it hands out, so nothing can be exchanged in between.
"""

import hashlib
import logging
import os
import re
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from core.errors import Conflict, ModelRefused, StorageUnavailable
from core.weights.detector_manifest import DetectorManifest
from core.weights.fusion_manifest import FusionManifest
from core.weights.manifest import MANIFEST_FILE, Manifest
from core.weights.manifest_file import AnyManifest, parse_manifest, to_json

MANIFEST_LIMIT_BYTES = 4 * 1024 * 1024  # a manifest of 1,000 places is about 100 kB
UNFINISHED_PREFIX = ".unfinished-"
UNFINISHED_AFTER_S = 3600.0  # writing takes seconds; what is older was left by a process that was killed
_RUN_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")
M = TypeVar("M", Manifest, DetectorManifest, FusionManifest)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunFolder(Generic[M]):
    """A run whose files matched its manifest when it was opened. sha256: of the manifest, which names the others."""

    folder: Path
    manifest: M
    sha256: str

    def read(self, name: str) -> bytes:
        """Read a file of the run once, and return the bytes whose hash was checked.

        Raises:
            ModelRefused: code "model.missing" when it is not there or the manifest does not name it; "model.mismatch"
                when its hash is another one.
        """
        run_id = self.manifest.run_id
        if name not in self.manifest.files:
            raise ModelRefused("model.missing", run_id=run_id, file=name)
        content = _read(self.folder / name, run_id)
        if hashlib.sha256(content).hexdigest() != self.manifest.files[name]:
            raise ModelRefused("model.mismatch", run_id=run_id, file=name)
        return content


Run = RunFolder[Manifest]
DetectorRun = RunFolder[DetectorManifest]
FusionRun = RunFolder[FusionManifest]


def open_run(weights_dir: Path, run_id: str, sha256: str | None = None) -> Run:
    """Open a classifier's run after the SHA-256 of every file was checked; no model file is parsed here.

    Args:
        weights_dir: where the folders of runs lie.
        run_id: the name of the folder.
        sha256: what the manifest itself must hash to, as a release says; None accepts the folder's own word.

    Raises:
        ModelRefused: see `RunFolder.read` and `parse_manifest`; code "model.task" for the run of another task.
    """
    return _open(weights_dir, run_id, sha256, Manifest)


def open_detector_run(weights_dir: Path, run_id: str, sha256: str | None = None) -> DetectorRun:
    """Open a detector's run as `open_run` opens a classifier's.

    Raises:
        ModelRefused: as `open_run`.
    """
    return _open(weights_dir, run_id, sha256, DetectorManifest)


def open_fusion_run(weights_dir: Path, run_id: str, sha256: str | None = None) -> FusionRun:
    """Open the run of a fusion tree as `open_run` opens a classifier's.

    Raises:
        ModelRefused: as `open_run`.
    """
    return _open(weights_dir, run_id, sha256, FusionManifest)


def open_any_run(weights_dir: Path, run_id: str) -> "Run | DetectorRun | FusionRun":
    """Open a run of whatever task it is.

    Raises:
        ModelRefused: as `open_run`.
    """
    task = task_of(weights_dir, run_id)
    if task == "detector":
        return open_detector_run(weights_dir, run_id)
    if task == "fusion":
        return open_fusion_run(weights_dir, run_id)
    return open_run(weights_dir, run_id)


def task_of(weights_dir: Path, run_id: str) -> str:
    """Return what a run is for: "classifier", "detector" or "fusion".

    Raises:
        ModelRefused: there is no such run, or its manifest cannot be read.
    """
    return _read_manifest(weights_dir, run_id)[0].task


def _open(weights_dir: Path, run_id: str, sha256: str | None, kind: type[M]) -> RunFolder[M]:
    manifest, folder, own_sha256 = _read_manifest(weights_dir, run_id)
    if not isinstance(manifest, kind):
        raise ModelRefused("model.task", run_id=run_id, task=manifest.task)
    if sha256 is not None and own_sha256 != sha256:
        raise ModelRefused("model.mismatch", run_id=run_id, file=MANIFEST_FILE)
    run = RunFolder(folder, manifest, own_sha256)
    for name in manifest.files:
        run.read(name)
    return run


def list_runs(weights_dir: Path) -> tuple[AnyManifest, ...]:
    """Return the manifests of all runs, newest first; a folder that cannot be read is logged and left out."""
    manifests = []
    for path in sorted(weights_dir.glob(f"*/{MANIFEST_FILE}")):
        if path.parent.name.startswith("."):
            continue
        try:
            manifests.append(_read_manifest(weights_dir, path.parent.name)[0])
        except ModelRefused as error:
            log.warning("a run is left out of the list: %s", error)
    return tuple(sorted(manifests, key=lambda manifest: manifest.created_at, reverse=True))


def write_run(weights_dir: Path, manifest: M, contents: Mapping[str, bytes]) -> RunFolder[M]:
    """Write a run: all files under a hidden name, flushed to disk, then one rename.

    Args:
        weights_dir: made when it is not there.
        manifest: without `files`, which are filled in from `contents`.
        contents: the bytes of every file beside the manifest, by name.

    Raises:
        Conflict: code "model.exists"; a run of this name stands there already.
        ModelRefused: the manifest would not be read back.
        StorageUnavailable: code "model.unwritable"; the disk is full or read-only. Nothing is left.
    """
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    complete = replace(manifest, files=hashes)
    manifest_bytes = to_json(complete)
    target = weights_dir / manifest.run_id
    unfinished = weights_dir / f"{UNFINISHED_PREFIX}{manifest.run_id}-{os.getpid()}"
    if target.exists():
        raise Conflict("model.exists", run_id=manifest.run_id)
    try:
        weights_dir.mkdir(parents=True, exist_ok=True)
        _sweep(weights_dir)
        unfinished.mkdir()
        for name, content in {**contents, MANIFEST_FILE: manifest_bytes}.items():
            _write_through(unfinished / name, content)
        unfinished.rename(target)
        _sync_folder(weights_dir)
    except OSError as error:
        raise StorageUnavailable("model.unwritable", run_id=manifest.run_id, reason=error.strerror or "") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return RunFolder(target, complete, hashlib.sha256(manifest_bytes).hexdigest())


def _read_manifest(weights_dir: Path, run_id: str) -> tuple[AnyManifest, Path, str]:
    """Read the manifest of a run, its folder and the manifest's hash; its other files are not looked at."""
    if not _RUN_ID.fullmatch(run_id):
        raise ModelRefused("model.missing", run_id=run_id, file=MANIFEST_FILE)
    path = weights_dir / run_id / MANIFEST_FILE
    content = _read(path, run_id, MANIFEST_LIMIT_BYTES)
    return parse_manifest(content, run_id), path.parent, hashlib.sha256(content).hexdigest()


def _read(path: Path, run_id: str, limit_bytes: int | None = None) -> bytes:
    try:
        if limit_bytes is not None and path.stat().st_size > limit_bytes:
            raise ModelRefused("model.manifest", run_id=run_id, file=path.name, field="size")
        return path.read_bytes()
    except OSError as error:
        raise ModelRefused("model.missing", run_id=run_id, file=path.name) from error


def _write_through(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(weights_dir: Path) -> None:
    """Remove what killed processes left half written."""
    for leftover in weights_dir.glob(f"{UNFINISHED_PREFIX}*"):
        if time.time() - leftover.stat().st_mtime > UNFINISHED_AFTER_S:
            shutil.rmtree(leftover, ignore_errors=True)
