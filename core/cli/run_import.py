"""`runs import`: a training that took place elsewhere, or a run that `runs export` wrote, becomes a run here."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from core.classifier.import_log import import_log
from core.classifier.predict import OnnxClassifier
from core.cli import compose
from core.cli.job_commands import reporting
from core.cli.output import write_json
from core.cli.train import vars_of
from core.cli.train_detector import snapshot_photos
from core.dataset.label_source import SourceFiles
from core.db.labels import LabelRepository
from core.db.places import PlaceRepository
from core.db.snapshots import SnapshotRepository
from core.detector.import_run import Home, import_result
from core.detector.predict import OnnxDetector
from core.detector.result_files import LARGEST_TABLE_BYTES, LOG_FILE, Kit, list_result, read_result
from core.detector.training_set import BoxedPhoto
from core.errors import InvalidInput, NotFound
from core.fusion.tree import load_tree
from core.jobs.report import Report
from core.messages import translator
from core.messages.translate import Translator
from core.metrics.event_files import is_event_file, read_event_files
from core.metrics.keras_log import looks_like_boxes, looks_like_keras, read_keras_log
from core.metrics.training_log import read_run_log
from core.settings import make_data_dir
from core.weights.bring import find_manifest, read_handed_over
from core.weights.detector_manifest import LabelEntry
from core.weights.folder import DetectorRun, FusionRun, Run, write_run
from core.weights.fusion_manifest import FusionManifest
from core.weights.manifest import MODEL_FILE, Manifest

AnyRun = Run | DetectorRun | FusionRun
LOG_ENDINGS = (".csv", ".log", ".tsv")


def import_command(
    source: Annotated[Path, typer.Argument(help="What a training left, or an exported run.", metavar="ZIP|DIR|FILE")],
    label: Annotated[
        list[str] | None, typer.Option(metavar="NAME=SLUG", help="What a class of the weights is called here.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Bring a run in: what ultralytics, YOLOv5 or our kit left, or the log or event files of a Keras training."""
    here, words = compose.settings(), translator(compose.interface_language())
    renamed = _renamed(label or [])
    make_data_dir(here.data_dir)
    with TemporaryDirectory(prefix=".import-", dir=here.data_dir) as folder, reporting() as report:
        run = _import(source, renamed, Path(folder), report)
    said = _notes(run, words)
    if as_json:
        scores = {name: vars_of(score) for name, score in run.manifest.scores.items()}
        write_json({"run_id": run.manifest.run_id, "folder": str(run.folder), "scores": scores, "notes": said})
        return
    typer.echo(words("run_import.imported", run_id=run.manifest.run_id, folder=str(run.folder)))
    for note in said:
        typer.echo(note)


def _import(source: Path, renamed: dict[str, str], folder: Path, report: Report) -> AnyRun:
    """Import whatever this is: a single log, an exported run, or what a training left."""
    weights_dir = compose.settings().weights_dir
    if source.is_file() and source.suffix.lower() in LOG_ENDINGS:
        if source.stat().st_size > LARGEST_TABLE_BYTES:
            raise InvalidInput("run_import.file", file=source.name)
        files, keras = SourceFiles({LOG_FILE: source}), not looks_like_boxes(source.read_bytes())
        if keras:
            return _import_curves(source.read_bytes(), source.name, weights_dir)
        return _import_result(files, renamed, folder, report)
    alone = source.is_file() and is_event_file(source.name)
    files = SourceFiles({source.name: source}) if alone else list_result(source, folder / "unpacked")
    manifest = find_manifest(files.paths)
    if manifest is not None:
        return _bring(files, manifest, folder)
    log = find_keras_log(files)
    if log:
        return _import_curves(files.paths[log].read_bytes(), Path(log).name, weights_dir)
    events = find_events(files)
    if events:
        return _import_curves(read_event_files(events), Path(min(events)).name, weights_dir)
    return _import_result(files, renamed, folder, report)


def find_keras_log(files: SourceFiles) -> str | None:
    """Return the name of a classifier's log among files; None where there is none.

    Raises:
        InvalidInput: code "run_import.several", there are logs of several trainings.
    """
    named = [name for name, path in files.named(LOG_ENDINGS) if path.stat().st_size <= LARGEST_TABLE_BYTES]
    found = [name for name in named if looks_like_keras(files.paths[name].read_bytes())]
    if len(found) > 1:
        raise InvalidInput("run_import.several", file=Path(found[0]).name, count=len(found))
    return found[0] if found else None


def find_events(files: SourceFiles) -> dict[str, Path]:
    """Return TensorBoard's event files by name; none where YOLO's own table stands beside them."""
    if any(Path(name).name == LOG_FILE for name in files.paths):
        return {}
    return {name: path for name, path in files.paths.items() if is_event_file(name)}


def _import_curves(content: bytes, file: str, weights_dir: Path) -> Run:
    table, _ = read_keras_log(content, file)
    return import_log(table, weights_dir)


def _renamed(options: Sequence[str]) -> dict[str, str]:
    pairs = [option.rpartition("=") for option in options]
    wrong = next((option for option, pair in zip(options, pairs, strict=True) if not (pair[0] and pair[2])), None)
    if wrong is not None:
        raise InvalidInput("run_import.option", option=wrong[:80])
    return {name: slug for name, _, slug in pairs}


def _import_result(files: SourceFiles, renamed: dict[str, str], folder: Path, report: Report) -> DetectorRun:
    typer.echo(translator(compose.interface_language())("run_import.warning"), err=True)
    result = read_result(files)
    work_dir = folder / "work"
    work_dir.mkdir()
    photos = photos_of(result.kit, folder) if result.kit else ()
    return import_result(result, Home(_labels(), photos, renamed, compose.settings().weights_dir, work_dir), report)


def photos_of(kit: Kit, folder: Path) -> Sequence[BoxedPhoto]:
    """Return the photos of a kit's data set; none when that data set is not known here, or is another one."""
    try:
        snapshot = SnapshotRepository(compose.database()).get(kit.snapshot_id)
    except NotFound:
        return ()
    return snapshot_photos(snapshot.snapshot_id, folder) if snapshot.fingerprint == kit.fingerprint else ()


def _labels() -> dict[str, LabelEntry]:
    """Return the labels of the catalogue as a manifest names them, by slug."""
    places = {place.slug: place for place in PlaceRepository(compose.database()).list(include_retired=True)}
    labels = LabelRepository(compose.database()).list(include_retired=True)
    return {
        label.slug: LabelEntry(label.label_id, label.slug, places[label.place_slug].class_id, label.place_slug)
        for label in labels
    }


def _bring(files: SourceFiles, manifest_name: str, folder: Path) -> AnyRun:
    """Bring in a run that was exported: checked, loaded once, and only then written."""
    manifest, contents = read_handed_over(files.paths, manifest_name)
    weights_dir = compose.settings().weights_dir
    if isinstance(manifest, FusionManifest):
        load_tree(write_run(folder / "tried", manifest, contents))
        return write_run(weights_dir, manifest, contents)
    if isinstance(manifest, Manifest):
        if MODEL_FILE in contents:
            OnnxClassifier(write_run(folder / "tried", manifest, contents), threads=1)
        return write_run(weights_dir, manifest, contents)
    if MODEL_FILE in contents:
        OnnxDetector(write_run(folder / "tried", manifest, contents), threads=1)
    return write_run(weights_dir, manifest, contents)


def _notes(run: AnyRun, words: Translator) -> list[str]:
    """Return what a reader has to know of it."""
    said: list[str] = []
    if isinstance(run.manifest, FusionManifest):
        return said
    log = read_run_log(run)
    if MODEL_FILE not in run.manifest.files:
        key = "run_import.curves_only" if isinstance(run.manifest, Manifest) else "run_import.no_model"
        said.append(words(key))
    elif not run.manifest.scores:
        said.append(words("run_import.unscored"))
    if log.dropped_lines:
        said.append(words("metrics.dropped", file=log.file, lines=", ".join(map(str, log.dropped_lines))))
    return said
