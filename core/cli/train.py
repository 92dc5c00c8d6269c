"""`train …`: a run from photos; in the foreground with a progress bar, or inside a job."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from typer._click.exceptions import UsageError  # typer carries a click of its own and exports only its children

from core.classifier.config import TrainConfig
from core.classifier.train import train_classifier
from core.cli import compose
from core.cli.output import write_json
from core.cli.runs import put_in_service
from core.dataset.folder import FolderPhoto, read_folder
from core.db.places import PlaceRepository
from core.db.releases import ReleaseRepository
from core.errors import InvalidInput, ModelRefused, NotFound
from core.jobs.console import ConsoleReporter
from core.jobs.report import Report, Reporter
from core.jobs.signals import catch_stop_signals
from core.messages import translator
from core.weights.folder import Run, open_run
from core.weights.release import current_release, open_release

app = typer.Typer(help="Train from photos.", no_args_is_help=True)
DEFAULTS = TrainConfig()
JOB_REPORT: ContextVar[Report | None] = ContextVar("JOB_REPORT", default=None)


@app.callback()
def _group() -> None:
    """Keep `train classifier` a subcommand while it is the only one."""


@app.command()
def classifier(
    data: Annotated[Path, typer.Option(help="DIR/<place>/* and DIR/unknown/*.", show_default=False)],
    backbone: Annotated[str, typer.Option(help="The network that is built on.")] = DEFAULTS.backbone,
    pretrained: Annotated[str, typer.Option(help="'imagenet', a file of weights, or 'none'.")] = DEFAULTS.pretrained,
    imgsz: Annotated[int, typer.Option(help="Side of a view in pixels.")] = DEFAULTS.size_px,
    epochs: Annotated[int, typer.Option(help="At most so many per stage.")] = DEFAULTS.epochs,
    seed: Annotated[int, typer.Option(help="The same seed gives the same run.")] = DEFAULTS.seed,
    folds: Annotated[int, typer.Option(help="Each photo is held out once.")] = DEFAULTS.folds,
    fine_tune: Annotated[str, typer.Option(help="'none', 'last' or 'whole' network.")] = DEFAULTS.fine_tune,
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
        fine_tune=fine_tune,  # type: ignore[arg-type]  # checked by TrainConfig, which names the choices
    )
    with _reporting() as report:
        run_id = train_folder(data, config, report, groups)
    _tell(run_id, as_json)
    if promote:
        put_in_service(run_id, "", allow_drop)


@contextmanager
def _reporting() -> Iterator[Report]:
    """Report to the job that this command runs in, or to a bar on the terminal."""
    report = JOB_REPORT.get()
    if report is not None:
        yield report
        return
    with catch_stop_signals() as stop, ConsoleReporter(compose.interface_language(), stop) as bar:
        yield bar


def train_folder(data: Path, config: TrainConfig, report: Report, groups: Path | None = None) -> str:
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
    weights_dir = compose.settings().weights_dir
    return train_classifier(photos, config, _class_ids(photos), weights_dir, report, _serving(weights_dir))


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


def train_job(arguments: tuple[str, ...], report: Reporter) -> None:
    """Run `train …` as the job's own command line, its progress going to the job's row.

    Raises:
        InvalidInput: code "job.arguments"; the command line is not understood.
    """
    token = JOB_REPORT.set(report)
    try:
        typer.main.get_command(app).main(list(arguments), standalone_mode=False)
    except UsageError as error:
        raise InvalidInput("job.arguments", arguments=" ".join(arguments)) from error
    finally:
        JOB_REPORT.reset(token)


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


def _tell(run_id: str, as_json: bool) -> None:
    run = open_run(compose.settings().weights_dir, run_id)
    scores = {name: vars_of(score) for name, score in run.manifest.scores.items()}
    if as_json:
        write_json({"run_id": run_id, "folder": str(run.folder), "scores": scores})
        return
    words = translator(compose.interface_language())
    typer.echo(words("train.done", run_id=run_id, folder=str(run.folder)))
    typer.echo((run.folder / "MODEL_CARD.md").read_text(encoding="utf-8"))


def vars_of(score: object) -> dict[str, float | int | None]:
    """Return the fields of a score as plain JSON."""
    return {name: getattr(score, name) for name in ("value", "low", "high", "k", "n")}
