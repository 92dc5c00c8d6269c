"""`train fusion`: a decision tree from what the models said of photos that they had not seen; no photo is looked at."""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from core.cli import compose
from core.cli.fusion_runs import Runs, runs_named, runs_of_folder, runs_of_snapshot
from core.cli.job_commands import reporting
from core.cli.runs import put_in_service
from core.cli.train import tell_run
from core.errors import InvalidInput, MissingPackage
from core.fusion.fit import FitConfig, fit_tree
from core.fusion.judge import judge, scores_of
from core.fusion.records import HeldOut, held_out
from core.fusion.run_files import name_run, write_fusion_run
from core.jobs.queue import heavy_turn
from core.jobs.report import Reporter
from core.settings import make_data_dir
from core.weights.records import UNKNOWN

NEEDED = "sklearn"
FEWEST_KNOWN = 20  # photos of known places; below, a leaf of the tree would be a photo or two


def fusion(
    data: Annotated[
        Path | None,
        typer.Option(help="DIR/<place>/* and DIR/unknown/*: the classifier that learned from it.", show_default=False),
    ] = None,
    snapshot: Annotated[
        str, typer.Option(metavar="ID", help="A frozen data set: the newest runs that learned from it.")
    ] = "",
    classifier: Annotated[str, typer.Option(metavar="RUN", help="By default those in service.")] = "",
    detector: Annotated[
        str, typer.Option(metavar="RUN", help="By default the one in service; none beside a classifier that is named.")
    ] = "",
    false_accepts: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Share of photos of no known place that may get a name; by default as the CNN."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same tree.")] = 0,
    folds: Annotated[int, typer.Option(min=2, help="Each photo is held out once.")] = 5,
    promote: Annotated[bool, typer.Option("--promote", help="Put the tree in service.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Fit the decision tree that makes one answer of all witnesses; scores are on photos held out by group."""
    with reporting() as report:
        runs = _chosen(data, snapshot, classifier, detector)
        run_id = train_on_records(runs, (false_accepts, folds, seed), report)
        report(report.done, report.total, "train.made", run_id=run_id)
    tell_run(run_id, as_json)
    if promote:
        put_in_service(run_id)


def _chosen(data: Path | None, snapshot: str, classifier: str, detector: str) -> Runs:
    if sum((data is not None, bool(snapshot), bool(classifier or detector))) > 1:
        raise InvalidInput("fusion.one_choice")
    if data is not None:
        return runs_of_folder(data)
    return runs_of_snapshot(snapshot) if snapshot else runs_named(classifier, detector)


def train_on_records(runs: Runs, wanted: tuple[float | None, int, int], report: Reporter) -> str:
    """Fit a tree on the records of these runs, and return its run.

    wanted: share of false accepts, None for the classifier's; folds; seed.

    Raises:
        ModelRefused: a record of a run cannot be read.
        InvalidInput: code "fusion.few_photos"; or as `fit_tree`.
        MissingPackage: scikit-learn is not installed.
        JobStopped: `report` asked to stop; nothing was written.
    """
    if find_spec(NEEDED) is None:
        raise MissingPackage(package="scikit-learn")
    here = compose.settings()
    false_accepts, folds, seed = wanted
    target = runs[0].manifest.calibration.target_false_accept if false_accepts is None else false_accepts
    config = FitConfig(target, folds, seed)
    make_data_dir(here.data_dir)
    with heavy_turn(here.data_dir, report):
        report(0, folds + 2)
        evidence = held_out(*runs)
        _check(evidence)
        return _fit(evidence, runs, config, here.weights_dir, report)


def _fit(evidence: HeldOut, runs: Runs, config: FitConfig, weights_dir: Path, report: Reporter) -> str:
    run_id = name_run(evidence, datetime.now(UTC))
    learned = [photo for photo in evidence.photos if not photo.is_test]
    report(1, config.folds + 2, "train.fitting")
    ships = fit_tree(learned, evidence.frame, config, run_id)
    judged = judge(evidence.photos, evidence.frame, config, ships, _counting(config.folds, report))
    report(config.folds + 2, config.folds + 2, "train.writing")
    run = write_fusion_run(ships, judged, scores_of(judged), evidence, (*runs, config), weights_dir)
    return run.manifest.run_id


def _counting(folds: int, report: Reporter) -> Callable[[int], None]:
    """Return what reports a fold before it is fitted; photos kept apart for good are the last step."""

    def told(fold: int) -> None:
        if fold >= 0:
            report(fold + 2, folds + 2, "train.fold", fold=fold + 1, folds=folds)

    return told


def _check(evidence: HeldOut) -> None:
    known = sum(photo.label != UNKNOWN and not photo.is_test for photo in evidence.photos)
    if known < FEWEST_KNOWN:
        raise InvalidInput("fusion.few_photos", photos=known, least=FEWEST_KNOWN, left_out=evidence.left_out)
    strangers = sum(photo.label == UNKNOWN for photo in evidence.photos)
    if strangers < FEWEST_KNOWN and evidence.left_out > len(evidence.photos):
        raise InvalidInput("fusion.few_strangers", photos=strangers, left_out=evidence.left_out)
