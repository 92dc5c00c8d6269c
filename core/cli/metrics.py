"""`metrics RUN`: what a run scored on held-out photos and, beside them, on its training photos; its epochs; its errors.

The words and tables for people are in `metrics_table`, the document of `--json` is here, another data set and another
run are in `metrics_compare`. The best epoch is the one with the highest `metrics/mAP50-95`, else the lowest `val_loss`,
else the highest `val_accuracy`.
"""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from core.cli import compose
from core.cli.metrics_compare import evaluate_on, write_comparison
from core.cli.metrics_detector import detector_document, detector_notes, write_detector_tables
from core.cli.metrics_table import interval, notes, photo_score, write_tables
from core.cli.output import write_json, write_table
from core.cli.run_files import open_known_run
from core.db.releases import ReleaseRepository
from core.messages import translator
from core.messages.translate import Translator
from core.metrics.run_report import RunReport, report_run
from core.metrics.training_log import LogPart, TrainingLog, read_run_log, shown_part
from core.weights.detector_manifest import DetectorManifest
from core.weights.folder import DetectorRun, FusionRun, Run, RunFolder
from core.weights.fusion_manifest import FusionManifest
from core.weights.manifest import Manifest
from core.weights.records import PREDICTIONS_FILE, read_predictions
from core.weights.release import current_release, open_release, shipped_release

CURRENT, SHIPPED = "current", "shipped"


def metrics(
    run: Annotated[str, typer.Argument(help="A run, 'current' (in service) or 'shipped' (came with the program).")],
    snapshot: Annotated[
        str, typer.Option(metavar="ID", help="Ask it about the photos of this data set that it never learned from.")
    ] = "",
    against: Annotated[str, typer.Option(metavar="RUN", help="Compare it with this run on the same photos.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout, with all curves.")] = False,
) -> None:
    """Show the scores of a run on held-out and training photos, its errors and its epochs."""
    found = find_run(run)
    words = translator(compose.interface_language())
    if isinstance(found.manifest, FusionManifest):
        _show_tree(found.manifest, as_json, words)
        return
    if snapshot:
        evaluate_on(found, snapshot, as_json and not against, words)
    if against:
        write_comparison(found.manifest.run_id, find_run(against).manifest.run_id, as_json, words)
    if snapshot or against:
        return
    if isinstance(found.manifest, DetectorManifest):
        _show_detector(found.manifest, read_run_log(found), as_json, words)
        return
    _show_classifier(RunFolder(found.folder, found.manifest, found.sha256), as_json, words)


def _show_classifier(found: Run, as_json: bool, words: Translator) -> None:
    report, log = read_run_report(found), read_run_log(found)
    if as_json:
        said = notes(found.manifest, report, log, words)
        write_json({**document(found.manifest, report, log), "notes": said})
        return
    write_tables(found.manifest, report, log, words)


def _show_tree(manifest: FusionManifest, as_json: bool, words: Translator) -> None:
    """Write a fusion tree's scores, which stand in its manifest under whatever names they were given."""
    if as_json:
        facts = {"run_id": manifest.run_id, "task": manifest.task, "created_at": manifest.created_at.isoformat()}
        write_json({**facts, "scores": {name: asdict(score) for name, score in manifest.scores.items()}})
        return
    rows = [(name, photo_score(score, words), interval(score, words)) for name, score in manifest.scores.items()]
    write_table((words("metrics.score"), words("metrics.held_out"), words("metrics.interval")), rows)


def _show_detector(manifest: DetectorManifest, log: TrainingLog, as_json: bool, words: Translator) -> None:
    if not as_json:
        write_detector_tables(manifest, log, words)
        return
    part = shown_part(log)
    shown = {**(_part(part) if part else _no_epoch(log)), "parts": [_part(one) for one in log.parts]}
    write_json({**detector_document(manifest, log), **shown, "notes": detector_notes(manifest, log, words)})


def find_run(name: str) -> Run | DetectorRun | FusionRun:
    """Open a run by its name, or the one in service, or the one that came with the program.

    Raises:
        NotFound: code "metrics.run_not_found"; or "model.none" when nothing is in service.
        ModelRefused: its files are not those of its manifest.
    """
    weights_dir = compose.settings().weights_dir
    if name in {CURRENT, SHIPPED}:
        shipped = name == SHIPPED
        release = (
            shipped_release(weights_dir)
            if shipped
            else current_release(ReleaseRepository(compose.database()), weights_dir)
        )
        return open_release(release, weights_dir)
    return open_known_run(name)


def read_run_report(run: Run) -> RunReport | None:
    """Report on the photos of a run; None when it has no table of predictions.

    Raises:
        ModelRefused: the table is broken, or about other classes.
    """
    if PREDICTIONS_FILE not in run.manifest.files:
        return None
    return report_run(run.manifest, read_predictions(run.read(PREDICTIONS_FILE)))


def document(manifest: Manifest, report: RunReport | None, log: TrainingLog) -> dict[str, Any]:
    """Return everything as plain JSON.

    `best`, `last` and `curves` are of the training that ships, which a log writes last; `parts` has all trainings.
    `scores` are the ones to quote; `held_out` and `train` are decided with the shipped threshold, see `run_report`.
    """
    ships = _part(log.parts[-1]) if log.parts else _no_epoch(log)
    return {
        "run_id": manifest.run_id,
        "task": manifest.task,
        "architecture": manifest.architecture,
        "created_at": manifest.created_at.isoformat(),
        "snapshot": {"snapshot_id": manifest.data.snapshot_id, "fingerprint": manifest.data.snapshot_fingerprint}
        if manifest.data.snapshot_id
        else None,
        "test_photos": manifest.data.test,
        "scores": {name: asdict(score) for name, score in manifest.scores.items()},
        **ships,
        "parts": [_part(part) for part in log.parts],
        "log": {"file": log.file or None, "columns": log.columns, "dropped_lines": log.dropped_lines},
        "decided_with": {"acceptance": report.acceptance, "threshold": report.threshold} if report else None,
        "places": [asdict(place) for place in report.places] if report else None,
        "held_out": asdict(report.held_out) if report else None,
        "train": asdict(report.train) if report else None,
    }


def _part(part: LogPart) -> dict[str, Any]:
    return {
        "part": part.name or None,
        "epochs": part.epochs,
        "best_by": asdict(part.best_by) if part.best_by else None,
        "best": part.best,
        "last": part.last,
        "curves": dict(part.curves),
    }


def _no_epoch(log: TrainingLog) -> dict[str, Any]:
    curves: dict[str, list[None]] = {column: [] for column in log.columns}
    return {"part": None, "epochs": 0, "best_by": None, "best": None, "last": None, "curves": curves}
