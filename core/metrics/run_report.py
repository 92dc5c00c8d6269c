"""What a run said of its photos: k of n per place, confusion and errors, held out and trained on, side by side.

Made from the manifest and `predictions.csv`. All decisions here use the one threshold that ships. The held-out scores
in the manifest were decided with a threshold per fold, fitted without the photos that it judged: those are the ones to
quote, and `PlaceReport.quoted` repeats them; the lists here show where the errors lie. AUROC and calibration error need
no threshold. What is said of training photos tells nothing about new ones. Called by `core/cli/metrics` and the page.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from core.domain.score import Score
from core.errors import ModelRefused
from core.metrics.probabilities import AcceptanceRule, Floats, acceptance
from core.metrics.scores import Ints, auroc, expected_calibration_error, proportion
from core.weights.manifest import Manifest
from core.weights.records import PREDICTIONS_FILE, UNKNOWN, PredictionTable

Bools = npt.NDArray[np.bool_]
Outcome = Literal["wrong", "refused", "none", "false_accept"]


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """Photos of one place. right: named rightly; best_guess: most probable place right, refused or not.

    None when no photo shows the place.
    """

    right: Score | None
    best_guess: Score | None


@dataclass(frozen=True, slots=True)
class PlaceReport:
    """One place. quoted: the manifest's held-out score, with a threshold per fold; None when it has none."""

    class_id: int
    slug: str
    quoted: Score | None
    held_out: PlaceCount
    train: PlaceCount


@dataclass(frozen=True, slots=True)
class ConfusionRow:
    """Photos of one place, None for those of no known place: how many were called each place, in output order.

    none: refused, and none of these was more probable than any place; refused: refused all the same.
    """

    true: str | None
    said: tuple[int, ...]
    refused: int
    none: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """A photo that was decided wrongly. true, said, best: slugs; None for no known place and for no answer.

    outcome: "wrong" place; "refused" or "none" of a known place, see `ConfusionRow`; "false_accept" of an unknown one.
    best: the most probable place, said or not.
    probability: of the most probable place, or of none of these where that was said.
    """

    sha256: str
    group: str
    fold: int
    true: str | None
    said: str | None
    best: str
    outcome: Outcome
    probability: float


@dataclass(frozen=True, slots=True)
class PartReport:
    """Photos that were held out, or photos that were trained on. Each score is None where no photo counts for it.

    right, best_guess: shares of the photos of known places. false_accepts: share of the others that got a name.
    auroc: known against unknown places by acceptance.
    calibration_error: of the probability of the most probable output, over photos that have a right output.
    mistakes: the most confident first.
    """

    photos: int
    right: Score | None
    best_guess: Score | None
    false_accepts: Score | None
    auroc: Score | None
    calibration_error: Score | None
    confusion: tuple[ConfusionRow, ...]
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class RunReport:
    """Both parts of a run, with the rule and the threshold that decided."""

    acceptance: AcceptanceRule
    threshold: float
    places: tuple[PlaceReport, ...]
    held_out: PartReport
    train: PartReport


def report_run(manifest: Manifest, table: PredictionTable) -> RunReport:
    """Report on a run.

    Args:
        manifest: of the run.
        table: what it said of its photos; probabilities are calibrated already.

    Raises:
        ModelRefused: code "model.table"; the table is not about the classes of the manifest.
    """
    check_table(manifest, table)
    held_out, train = _part(manifest, table, table.held_out), _part(manifest, table, ~table.held_out)
    places = tuple(
        PlaceReport(
            entry.class_id,
            entry.slug,
            manifest.scores.get(f"held_out_right/{entry.slug}"),
            held_out.place(column),
            train.place(column),
        )
        for column, entry in enumerate(manifest.classes)
    )
    calibration = manifest.calibration
    return RunReport(calibration.acceptance, calibration.threshold, places, held_out.report(), train.report())


def check_table(manifest: Manifest, table: PredictionTable) -> None:
    """Refuse a table that is not about the classes of the manifest.

    Raises:
        ModelRefused: code "model.table".
    """
    shares = table.probabilities
    fits = table.class_ids == manifest.class_ids and shares.shape[1] == manifest.output_count
    known = np.isin(table.labels, [*manifest.class_ids, UNKNOWN]).all()
    if not fits or not known or not ((shares >= 0) & (shares <= 1)).all():
        raise ModelRefused("model.table", file=PREDICTIONS_FILE)


def _part(manifest: Manifest, table: PredictionTable, rows: Bools) -> "_Part":
    """Decide on some photos of a table."""
    calibration, none = manifest.calibration, manifest.has_none_output
    probabilities = table.probabilities[rows]
    accepted = acceptance(probabilities, calibration.acceptance, none)
    columns = {class_id: column for column, class_id in enumerate(manifest.class_ids)}
    return _Part(
        slugs=tuple(entry.slug for entry in manifest.classes),
        truth=np.array([columns.get(label, UNKNOWN) for label in table.labels[rows].tolist()], np.int64),
        probabilities=probabilities,
        acceptance=accepted,
        accepted=accepted >= calibration.threshold,
        has_none_output=none,
        keys=tuple(
            (table.sha256s[row], table.groups[row], int(table.folds[row])) for row in np.flatnonzero(rows).tolist()
        ),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """N decided photos. truth: (N,) columns, -1 for no known place; keys: N times hash, group, fold."""

    slugs: tuple[str, ...]
    truth: Ints
    probabilities: Floats
    acceptance: Floats
    accepted: Bools
    has_none_output: bool
    keys: tuple[tuple[str, str, int], ...]

    @property
    def known(self) -> Bools:
        return np.not_equal(self.truth, UNKNOWN)

    @property
    def best(self) -> Ints:
        """(N,) columns of the most probable places."""
        columns: Ints = self.probabilities[:, : len(self.slugs)].argmax(axis=1)
        return columns

    @property
    def says_none(self) -> Bools:
        """(N,) refused, with none of these as the most probable output."""
        none_on_top: Bools = self.probabilities.argmax(axis=1) == len(self.slugs)
        return ~self.accepted & none_on_top

    def place(self, column: int) -> PlaceCount:
        shown = self.truth == column
        guessed = self.best == column
        return PlaceCount(_share((guessed & self.accepted)[shown]), _share(guessed[shown]))

    def report(self) -> PartReport:
        known, guessed = self.known, self.best == self.truth
        return PartReport(
            photos=len(self.truth),
            right=_share((guessed & self.accepted)[known]),
            best_guess=_share(guessed[known]),
            false_accepts=_share(self.accepted[~known]),
            auroc=auroc(self.acceptance, known) if known.any() and not known.all() else None,
            calibration_error=self.calibration_error(),
            confusion=tuple(self.confusion_row(column) for column in (*range(len(self.slugs)), UNKNOWN)),
            mistakes=self.mistakes(),
        )

    def calibration_error(self) -> Score | None:
        columns = np.where(self.known, self.truth, len(self.slugs))
        usable = self.known | self.has_none_output
        if not usable.any():
            return None
        right = self.probabilities.argmax(axis=1) == columns
        return expected_calibration_error(self.probabilities.max(axis=1)[usable], right[usable])

    def confusion_row(self, column: int) -> ConfusionRow:
        shown = self.truth == column
        named = np.bincount(self.best[shown & self.accepted], minlength=len(self.slugs))
        none = int((shown & self.says_none).sum())
        refused = int((shown & ~self.accepted).sum()) - none
        return ConfusionRow(self._slug(column), tuple(named.tolist()), refused, none)

    def mistakes(self) -> tuple[Mistake, ...]:
        missed = self.known & ~(self.accepted & (self.best == self.truth))
        rows = np.flatnonzero(missed | (~self.known & self.accepted)).tolist()
        return tuple(sorted((self._mistake(row) for row in rows), key=lambda found: (-found.probability, found.sha256)))

    def _mistake(self, row: int) -> Mistake:
        best, none = int(self.best[row]), bool(self.says_none[row])
        outcome: Outcome = "none" if none else "refused"
        if self.accepted[row]:
            outcome = "wrong" if self.known[row] else "false_accept"
        sha256, group, fold = self.keys[row]
        return Mistake(
            sha256=sha256,
            group=group,
            fold=fold,
            true=self._slug(int(self.truth[row])),
            said=self.slugs[best] if self.accepted[row] else None,
            best=self.slugs[best],
            outcome=outcome,
            probability=float(self.probabilities[row, -1 if none else best]),
        )

    def _slug(self, column: int) -> str | None:
        return None if column == UNKNOWN else self.slugs[column]


def _share(hits: Bools) -> Score | None:
    return proportion(int(hits.sum()), hits.size) if hits.size else None
