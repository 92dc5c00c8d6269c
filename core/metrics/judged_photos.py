"""Photo by photo what a classifier's run said, with the one threshold that ships; the arrays behind every figure.

`judged_parts` reads the tables of a run: photos that were held out, test photos that were kept apart for good, and
photos it learned from. `figures` and `compare` count them. Called by the page of metrics.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from core.metrics.probabilities import Floats, acceptance
from core.metrics.run_report import check_table
from core.metrics.scores import Ints
from core.weights.folder import Run
from core.weights.manifest import Manifest
from core.weights.records import (
    PREDICTIONS_FILE,
    TEST_PREDICTIONS_FILE,
    UNKNOWN,
    PredictionTable,
    read_predictions,
)

Bools = npt.NDArray[np.bool_]


class Part(StrEnum):
    """Which photos: kept apart for good, held out in turn, or learned from; in the order of what they are worth."""

    TEST = "test"
    HELD_OUT = "held_out"
    TRAIN = "train"


@dataclass(frozen=True, slots=True, eq=False)
class JudgedPhotos:
    """N photos and what was said of them.

    slugs: the C places in the order of the outputs. sha256s, groups: N texts.
    truth, best, decided: (N,) columns, -1 for no known place and for no answer; best is the most probable place.
    probabilities: (N, C), or (N, C+1) where the last is none of these. acceptance: (N,), compared with `threshold`.
    folds: (N,) the fold in which a photo was held out; -1 for one that no model of the run learned from.
    """

    slugs: tuple[str, ...]
    sha256s: tuple[str, ...]
    groups: tuple[str, ...]
    truth: Ints
    best: Ints
    decided: Ints
    probabilities: Floats
    acceptance: Floats
    threshold: float
    folds: Ints

    def take(self, rows: Sequence[int]) -> "JudgedPhotos":
        """Return these photos alone, in this order."""
        at = np.asarray(rows, np.int64)
        return replace(
            self,
            sha256s=tuple(self.sha256s[row] for row in rows),
            groups=tuple(self.groups[row] for row in rows),
            truth=self.truth[at],
            best=self.best[at],
            decided=self.decided[at],
            probabilities=self.probabilities[at],
            acceptance=self.acceptance[at],
            folds=self.folds[at],
        )

    @property
    def known(self) -> Bools:
        """(N,) whether the photo shows a place that the network knows."""
        return np.not_equal(self.truth, UNKNOWN)

    @property
    def right(self) -> Bools:
        """(N,) whether the decision is right: the place named, or no answer where it is none of these."""
        return np.equal(self.truth, self.decided)

    @property
    def has_none(self) -> bool:
        """Whether the network has an output for none of these."""
        return bool(self.probabilities.shape[1] > len(self.slugs))

    @property
    def certainty(self) -> Floats:
        """(N,) how sure it was of what it decided: the acceptance of a place named, what is left to 1 of no answer."""
        return np.where(self.decided == UNKNOWN, 1 - self.acceptance, self.acceptance)


def judged_parts(run: Run) -> Mapping[Part, JudgedPhotos]:
    """Return the parts that a run has photos of, in the order of `Part`.

    Raises:
        ModelRefused: a table is broken, or about other classes.
    """
    found: dict[Part, JudgedPhotos] = {}
    if TEST_PREDICTIONS_FILE in run.manifest.files:
        table = read_predictions(run.read(TEST_PREDICTIONS_FILE))
        found[Part.TEST] = judge_photos(run.manifest, table, np.ones(len(table.sha256s), bool))
    if PREDICTIONS_FILE in run.manifest.files:
        table = read_predictions(run.read(PREDICTIONS_FILE))
        found[Part.HELD_OUT] = judge_photos(run.manifest, table, table.held_out)
        found[Part.TRAIN] = judge_photos(run.manifest, table, ~table.held_out)
    return {part: photos for part, photos in found.items() if photos.sha256s}


def judge_photos(manifest: Manifest, table: PredictionTable, rows: Bools) -> JudgedPhotos:
    """Decide on some photos of a table. rows: (N,) which.

    Raises:
        ModelRefused: code "model.table"; the table is not about the classes of the manifest.
    """
    check_table(manifest, table)
    probabilities = table.probabilities[rows]
    accepted = acceptance(probabilities, manifest.calibration.acceptance, manifest.has_none_output)
    best: Ints = probabilities[:, : len(manifest.classes)].argmax(axis=1)
    columns = {class_id: column for column, class_id in enumerate(manifest.class_ids)}
    at = np.flatnonzero(rows).tolist()
    return JudgedPhotos(
        slugs=tuple(entry.slug for entry in manifest.classes),
        sha256s=tuple(table.sha256s[row] for row in at),
        groups=tuple(table.groups[row] for row in at),
        truth=np.array([columns.get(label, UNKNOWN) for label in table.labels[rows].tolist()], np.int64),
        best=best,
        decided=np.where(accepted >= manifest.calibration.threshold, best, UNKNOWN),
        probabilities=probabilities,
        acceptance=accepted,
        threshold=manifest.calibration.threshold,
        folds=table.folds[rows],
    )
