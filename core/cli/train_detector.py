"""`train detector`: a run from the boxes of a frozen data set; in the foreground with a progress bar, or as a job."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from core.cli import compose
from core.cli.job_commands import job_folder, reporting
from core.cli.runs import put_in_service
from core.cli.snapshots import freeze_library
from core.cli.train import tell_run
from core.dataset.snapshots import materialise
from core.db.labels import LabelRepository
from core.db.places import PlaceRepository
from core.db.snapshots import SnapshotRepository
from core.detector.config import DetectorConfig
from core.detector.train import Places, train_detector, work_folder
from core.detector.training_set import BoxedPhoto
from core.domain.library import Snapshot, SnapshotPhoto
from core.jobs.queue import heavy_turn
from core.jobs.report import Reporter
from core.metrics.live_log import note_work
from core.settings import make_data_dir

DEFAULTS = DetectorConfig()
TRAININGS = "trainings"  # under the data folder: what a cancelled training goes on from


def detector(
    snapshot: Annotated[
        str, typer.Option(metavar="ID", help="A frozen data set; by default all accepted photos, frozen now.")
    ] = "",
    model: Annotated[str, typer.Option(help="The network, by ultralytics' name.")] = DEFAULTS.model,
    pretrained: Annotated[
        str, typer.Option(help="A file of weights to start from, or 'none'; by default ultralytics fetches them.")
    ] = DEFAULTS.pretrained,
    imgsz: Annotated[int, typer.Option(help="Longer side of the input in pixels.")] = DEFAULTS.size_px,
    epochs: Annotated[int, typer.Option(help="At most so many.")] = DEFAULTS.epochs,
    seed: Annotated[int, typer.Option(help="The same seed gives the same run.")] = DEFAULTS.seed,
    folds: Annotated[
        int | None, typer.Option(help="Each photo is held out once; 0 for no scores. By default as the splits say.")
    ] = None,
    finish: Annotated[
        bool, typer.Option("--finish", help="Learn no further: make the run from what a stopped training left.")
    ] = False,
    threads: Annotated[int, typer.Option(help="0 takes all.")] = DEFAULTS.threads,
    promote: Annotated[bool, typer.Option("--promote", help="Put the run in service.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Train a detector from hand-drawn boxes. Stopped, the same command goes on where it was."""
    config = DetectorConfig(
        model=model,
        pretrained=pretrained,
        size_px=imgsz,
        epochs=epochs,
        seed=seed,
        folds=folds,
        threads=threads,
    )
    with reporting() as report:
        run_id = train_on_snapshot(snapshot, config, report, finish)
        report(report.done, report.total, "train.made", run_id=run_id)
    tell_run(run_id, as_json)
    if promote:
        put_in_service(run_id)


def train_on_snapshot(snapshot_id: str, config: DetectorConfig, report: Reporter, finish: bool = False) -> str:
    """Train on a frozen data set, "" for all accepted photos as they are now, and return the run.

    Raises:
        NotFound: no such snapshot.
        InvalidInput: no photo of it has a box; see `train_detector`.
    """
    here, snapshots = compose.settings(), SnapshotRepository(compose.database())
    snapshot = snapshots.get(snapshot_id) if snapshot_id else freeze_library()
    make_data_dir(here.data_dir)
    with (
        heavy_turn(here.data_dir, report),
        TemporaryDirectory(prefix=".snapshot-", dir=here.data_dir) as folder,
    ):
        photos = snapshot_photos(snapshot.snapshot_id, Path(folder))
        folders = (here.data_dir / TRAININGS, here.weights_dir)
        own = job_folder()
        if own is not None:
            note_work(own, work_folder(photos, config, folders[0]))
        return train_detector(photos, config, _places(snapshot), folders, report, finish)


def snapshot_photos(snapshot_id: str, folder: Path) -> list[BoxedPhoto]:
    """Return the photos of a snapshot that a detector can learn from; they may be fetched to `folder`.

    Raises:
        NotFound: no such snapshot.
    """
    snapshots = SnapshotRepository(compose.database())
    files = materialise(snapshot_id, snapshots, compose.library().store, folder)
    frozen = snapshots.photos(snapshot_id)
    return [_boxed(one, file.path) for one, file in zip(frozen, files, strict=True) if _takes_part(one)]


def _takes_part(photo: SnapshotPhoto) -> bool:
    """Whether somebody decided about its boxes, or it shows no known place and so none of their parts."""
    return photo.boxes is not None or photo.place_slug is None


def _boxed(photo: SnapshotPhoto, path: Path) -> BoxedPhoto:
    return BoxedPhoto(path, photo.sha256, photo.group_id, photo.place_slug, photo.split, photo.boxes or ())


def _places(snapshot: Snapshot) -> Places:
    labels = LabelRepository(compose.database()).list(include_retired=True)
    places = PlaceRepository(compose.database()).list(include_retired=True)
    return Places(
        {place.slug: place.class_id for place in places},
        {label.slug: label.place_slug for label in labels},
        snapshot.snapshot_id,
        snapshot.fingerprint,
    )
