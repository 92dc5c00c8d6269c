"""What a finished run said of another data set, kept in a file of its own beside the data.

A run's folder is hashed and never changes, so `evaluations/<run>/<snapshot>.json` under the data folder has the table,
in the very form that the run has of its own photos, and what came of it. Written by `core/identify/reevaluate`; read by
whoever compares runs. A file that belongs to another run of that name, or is broken, is passed over.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, ClassVar, Literal, TypeVar

import numpy as np
from pydantic import AwareDatetime, ConfigDict, Field, TypeAdapter

from core.dataset.whole_files import WholeFiles
from core.domain.score import Score
from core.errors import ModelRefused
from core.metrics.box_table import BoxTable, read_boxes
from core.metrics.judged_photos import JudgedPhotos, judge_photos
from core.weights.folder import DetectorRun, Run
from core.weights.manifest import STRICT, Count, RunId, Sha256
from core.weights.records import read_predictions

FOLDER = "evaluations"
APART_PART = "evaluated"  # in a table of boxes: judged by what ships, which learned from none of these photos
T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A run on a data set. run_sha256: of its manifest; fingerprint: of the snapshot.

    photos: judged, none of which it learned from. seen: left out, for it learned from them; beside: left out, for it
    learned from a photo of their group; unreadable: deleted since, or damaged.
    scores: by their names without a prefix. table: `predictions.csv` or `boxes.csv` of the judged photos.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    run_id: RunId
    run_sha256: Sha256
    snapshot_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$")]
    fingerprint: str
    created_at: AwareDatetime
    photos: Count
    seen: Count
    beside: Count
    unreadable: Count
    scores: dict[str, Score]
    table: str
    format: Literal[1] = 1


_ADAPTER = TypeAdapter(Evaluation)


def write_evaluation(data_dir: Path, evaluation: Evaluation) -> None:
    """Write an evaluation whole, in place of an earlier one of the same run and snapshot.

    Raises:
        StorageUnavailable: the disk is full or read-only.
    """
    content = _ADAPTER.dump_json(evaluation, indent=1)
    name = f"{evaluation.run_id}/{evaluation.snapshot_id}.json"
    WholeFiles(str(data_dir), FOLDER).put(name, content, replace=True)


def read_evaluations(data_dir: Path, run: Run | DetectorRun) -> tuple[Evaluation, ...]:
    """Return the evaluations of this very run, newest first."""
    paths = sorted((data_dir / FOLDER / run.manifest.run_id).glob("*.json"))
    found = [one for one in map(_read, paths) if one is not None and one.run_sha256 == run.sha256]
    return tuple(sorted(found, key=_when, reverse=True))


def evaluated_photos(run: Run, evaluations: Sequence[Evaluation]) -> tuple[JudgedPhotos, ...]:
    """Return what a classifier said, decided as in service; a table that is not about its classes is passed over."""

    def judged(evaluation: Evaluation) -> JudgedPhotos:
        table = read_predictions(evaluation.table.encode())
        return judge_photos(run.manifest, table, np.ones(len(table.sha256s), bool))

    return _readable(judged, evaluations)


def evaluated_boxes(run: DetectorRun, evaluations: Sequence[Evaluation]) -> tuple[BoxTable, ...]:
    """Return what a detector found; a table that is not about its labels is passed over."""
    labels = [entry.slug for entry in run.manifest.labels]
    return _readable(lambda evaluation: read_boxes(evaluation.table.encode(), labels), evaluations)


def _readable(read: Callable[[Evaluation], T], evaluations: Sequence[Evaluation]) -> tuple[T, ...]:
    found = []
    for evaluation in evaluations:
        try:
            found.append(read(evaluation))
        except ModelRefused as error:
            log.warning("an evaluation on %s is passed over: %s", evaluation.snapshot_id, error)
    return tuple(found)


def _when(evaluation: Evaluation) -> datetime:
    return evaluation.created_at


def _read(path: Path) -> Evaluation | None:
    try:
        found = _ADAPTER.validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        log.warning("an evaluation is passed over: %s", ModelRefused("model.table", file=path.name), exc_info=error)
        return None
    return found if (found.run_id, found.snapshot_id) == (path.parent.name, path.stem) else None
