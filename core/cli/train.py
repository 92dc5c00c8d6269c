"""`train …`: a run from photos; in the foreground with a progress bar, or inside a job."""

import csv
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from core.classifier.config import TrainConfig
from core.classifier.model_card import MODEL_CARD_FILE
from core.classifier.train import train_classifier
from core.cli import compose
from core.cli.job_commands import job_folder, reporting
from core.cli.output import write_json
from core.cli.runs import put_in_service
from core.cli.snapshots import freeze_library
from core.dataset.folder import FolderPhoto, read_folder
from core.dataset.snapshots import materialise
from core.db.places import PlaceRepository
from core.db.releases import ReleaseRepository
from core.db.snapshots import SnapshotRepository
from core.errors import InvalidInput, ModelRefused, NotFound
from core.jobs.queue import heavy_turn
from core.jobs.report import Reporter
from core.messages import translator
from core.metrics.live_log import EpochNotes
from core.settings import make_data_dir
from core.weights.folder import Run, open_any_run
from core.weights.release import current_release, open_release

app = typer.Typer(help="Train from photos.", no_args_is_help=True)
DEFAULTS = TrainConfig()


@app.command()
def classifier(
    data: Annotated[
        Path | None, typer.Option(help="DIR/<place>/* and DIR/unknown/*, instead of the library.", show_default=False)
    ] = None,
    snapshot: Annotated[
        str, typer.Option(metavar="ID", help="A frozen data set; by default all accepted photos, frozen now.")
    ] = "",
    backbone: Annotated[str, typer.Option(help="The network that is built on.")] = DEFAULTS.backbone,
    pretrained: Annotated[str, typer.Option(help="'imagenet', a file of weights, or 'none'.")] = DEFAULTS.pretrained,
    imgsz: Annotated[int, typer.Option(help="Side of a view in pixels.")] = DEFAULTS.size_px,
    epochs: Annotated[int, typer.Option(help="At most so many per stage.")] = DEFAULTS.epochs,
    seed: Annotated[int, typer.Option(help="The same seed gives the same run.")] = DEFAULTS.seed,
    folds: Annotated[int, typer.Option(help="Each photo is held out once.")] = DEFAULTS.folds,
    fine_tune: Annotated[str, typer.Option(help="'none', 'last' or 'whole' network.")] = DEFAULTS.fine_tune,
    false_accepts: Annotated[
        float, typer.Option(min=0, max=1, help="Share of photos of no known place that may get a name.")
    ] = DEFAULTS.target_false_accept,
    groups: Annotated[
        Path | None, typer.Option(help="CSV `photo,group`: photos of one series, which folds keep together.")
    ] = None,
    promote: Annotated[bool, typer.Option("--promote", help="Put the run in service.")] = False,
    allow_drop: Annotated[bool, typer.Option("--allow-drop", help="Even when places in service are lost.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Train a classifier; scores are on photos that were held out by group."""
    config = TrainConfig(
        backbone=backbone,
        pretrained=pretrained,
        size_px=imgsz,
        epochs=epochs,
        seed=seed,
        folds=folds,
        target_false_accept=false_accepts,
        fine_tune=fine_tune,  # type: ignore[arg-type]  # checked by TrainConfig, which names the choices
    )
    with reporting() as report:
        run_id = _train(data, snapshot, config, report, groups)
        report(report.done, report.total, "train.made", run_id=run_id)
    tell_run(run_id, as_json)
    if promote:
        put_in_service(run_id, allow_drop=allow_drop)


def _train(data: Path | None, snapshot_id: str, config: TrainConfig, report: Reporter, groups: Path | None) -> str:
    """Train on what was named."""
    if data is not None and snapshot_id:
        raise InvalidInput("train.data_or_snapshot")
    if data is not None:
        return train_folder(data, config, report, groups)
    if groups is not None:
        raise InvalidInput("train.groups_without_data")
    return train_snapshot(snapshot_id, config, report)


def train_snapshot(snapshot_id: str, config: TrainConfig, report: Reporter) -> str:
    """Train on a frozen data set, "" for all accepted photos as they are now, and return the run.

    Raises:
        NotFound: no such snapshot.
        InvalidInput: no photo is accepted; or as `train_folder`.
        Conflict: see `freeze_snapshot`.
    """
    here, snapshots = compose.settings(), SnapshotRepository(compose.database())
    snapshot = snapshots.get(snapshot_id) if snapshot_id else freeze_library()
    config = replace(config, snapshot_id=snapshot.snapshot_id, snapshot_fingerprint=snapshot.fingerprint)
    make_data_dir(here.data_dir)
    with (
        heavy_turn(here.data_dir, report),
        TemporaryDirectory(prefix=".snapshot-", dir=here.data_dir) as folder,
    ):
        photos = materialise(snapshot.snapshot_id, snapshots, compose.library().store, Path(folder))
        return _train_on(photos, _class_ids(photos), config, report)


def train_folder(data: Path, config: TrainConfig, report: Reporter, groups: Path | None = None) -> str:
    """Train on a folder per place, and return the run.

    groups: CSV with the columns `photo`, a path below `data`, and `group`, the name of its series.

    Raises:
        InvalidInput: a folder is no place of the catalogue; the sentence names the command that adds it. Or `groups`
            has other columns, or names a photo that is not there.
    """
    photos = read_folder(data)
    if groups:
        series = _read_series(groups, data, {photo.path for photo in photos})
        photos = tuple(replace(photo, series=series.get(photo.path, "")) for photo in photos)
    class_ids = _class_ids(photos)
    make_data_dir(compose.settings().data_dir)
    with heavy_turn(compose.settings().data_dir, report):
        return _train_on(photos, class_ids, config, report)


def _train_on(photos: tuple[FolderPhoto, ...], class_ids: dict[str, int], config: TrainConfig, report: Reporter) -> str:
    """Train in this process; a job's epochs are noted in its folder while they happen."""
    weights_dir, folder = compose.settings().weights_dir, job_folder()
    told = report if folder is None else EpochNotes(report, folder)
    return train_classifier(photos, config, class_ids, weights_dir, told, _serving(weights_dir))


def _serving(weights_dir: Path) -> Run | None:
    """Return the run in service; without one, or with a broken one, there is nothing to rehearse."""
    try:
        return open_release(current_release(ReleaseRepository(compose.database()), weights_dir), weights_dir)
    except (NotFound, ModelRefused):
        return None


def _read_series(groups: Path, data: Path, photos: set[Path]) -> dict[Path, str]:
    try:
        with groups.open(encoding="utf-8-sig", newline="") as lines:
            series = {data / row["photo"]: row["group"] for row in csv.DictReader(lines)}
    except (OSError, KeyError, TypeError, ValueError, csv.Error) as error:
        raise InvalidInput("train.groups", file=str(groups)) from error
    strangers = [path for path in series if path not in photos]
    if strangers:
        raise InvalidInput("train.groups_photo", file=str(groups), photo=str(strangers[0]))
    return series


def _class_ids(photos: tuple[FolderPhoto, ...]) -> dict[str, int]:
    places = PlaceRepository(compose.database())
    slugs = sorted({photo.slug for photo in photos if photo.slug})
    missing = []
    class_ids = {}
    for slug in slugs:
        try:
            class_ids[slug] = places.get(slug).class_id
        except NotFound:
            missing.append(slug)
    if missing:
        raise InvalidInput("train.unknown_places", slugs=", ".join(missing), slug=missing[0])
    return class_ids


def tell_run(run_id: str, as_json: bool) -> None:
    """Tell of a run of any task that was just made: its scores as JSON, or its card."""
    run = open_any_run(compose.settings().weights_dir, run_id)
    if as_json:
        scores = {name: vars_of(score) for name, score in run.manifest.scores.items()}
        write_json({"run_id": run_id, "folder": str(run.folder), "scores": scores})
        return
    words = translator(compose.interface_language())
    typer.echo(words("train.done", run_id=run_id, folder=str(run.folder)))
    typer.echo(run.read(MODEL_CARD_FILE).decode())


def vars_of(score: object) -> dict[str, float | int | None]:
    """Return the fields of a score as plain JSON."""
    return {name: getattr(score, name) for name in ("value", "low", "high", "k", "n")}
