"""`metrics RUN` for a detector: scores of boxes on held-out photos, and the epochs. Used by `metrics`."""

from dataclasses import asdict
from typing import Any

import typer

from core.cli.metrics_table import interval, write_epochs
from core.cli.output import write_table
from core.domain.score import Score
from core.messages.translate import Translator
from core.metrics.training_log import TrainingLog, shown_part
from core.weights.detector_manifest import DetectorManifest

SCORE_WORDS = {
    "precision": "metrics.box_precision",
    "recall": "metrics.box_recall",
    "map50": "metrics.map50",
    "map50_95": "metrics.map50_95",
    "strangers_marked": "metrics.strangers_marked",
}


def detector_document(manifest: DetectorManifest, log: TrainingLog) -> dict[str, Any]:
    """Return what is special about a detector, as plain JSON; the rest is as a classifier's."""
    snapshot_id = manifest.training.config.get("snapshot_id")
    return {
        "run_id": manifest.run_id,
        "task": manifest.task,
        "architecture": manifest.architecture,
        "created_at": manifest.created_at.isoformat(),
        "snapshot": {"snapshot_id": snapshot_id, "fingerprint": manifest.data.fingerprint} if snapshot_id else None,
        "scores": {name: asdict(score) for name, score in manifest.scores.items()},
        "decided_with": asdict(manifest.thresholds),
        "labels": [asdict(entry) for entry in manifest.labels],
        "log": {"file": log.file or None, "columns": log.columns, "dropped_lines": log.dropped_lines},
    }


def write_detector_tables(manifest: DetectorManifest, log: TrainingLog, words: Translator) -> None:
    """Write everything to stdout."""
    data, thresholds = manifest.data, manifest.thresholds
    typer.echo(
        words(
            "metrics.detector_heading",
            run_id=manifest.run_id,
            architecture=manifest.architecture,
            photos=data.photos,
            groups=data.groups,
            size=manifest.input.size_px,
            threshold=words.number(thresholds.confidence, 3),
        )
    )
    rows = [
        (words(key), box_score(manifest.scores[name], words), interval(manifest.scores[name], words))
        for name, key in ((f"held_out_{name}", key) for name, key in SCORE_WORDS.items())
        if name in manifest.scores
    ]
    if rows:
        write_table((words("metrics.score"), words("metrics.held_out"), words("metrics.interval")), rows)
    part = shown_part(log)
    if part is not None:
        write_epochs(log, part, words)
    for note in detector_notes(manifest, log, words):
        typer.echo(note)


def detector_notes(manifest: DetectorManifest, log: TrainingLog, words: Translator) -> list[str]:
    """Return what a reader has to know before quoting a number."""
    part = shown_part(log)
    said = [words("metrics.box_folds" if manifest.scores else "metrics.box_unscored")]
    if part is not None and part is not log.parts[-1]:
        said.append(words("metrics.curves_of", part=part.name))
    if not log.file:
        said.append(words("metrics.no_log"))
    elif not log.parts:
        said.append(words("metrics.no_epochs", file=log.file))
    if log.dropped_lines:
        said.append(words("metrics.dropped", file=log.file, lines=", ".join(map(str, log.dropped_lines))))
    return said


def box_score(score: Score, words: Translator) -> str:
    """Write a score with its count: photos or boxes where it is a share."""
    if score.k is None:
        return words("metrics.boxes", value=f"{score.value:.3f}", boxes=score.n)
    return words("metrics.k_of_n", k=score.k, of=score.n, share=words.percent(score.value, 1))
