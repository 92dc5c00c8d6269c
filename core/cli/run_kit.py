"""`runs export-kit`: a zip that trains a detector on Google Colab, or on any machine with ultralytics."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from core.cli import compose
from core.cli.job_commands import reporting
from core.cli.output import write_json
from core.cli.snapshots import freeze_library
from core.cli.train_detector import DEFAULTS, snapshot_photos
from core.db.snapshots import SnapshotRepository
from core.detector.config import DetectorConfig
from core.detector.export_kit import export_kit
from core.messages import translator
from core.settings import make_data_dir


def export_kit_command(
    target: Annotated[Path, typer.Argument(metavar="ZIP", help="The file to write.", show_default=False)],
    snapshot: Annotated[
        str, typer.Option(metavar="ID", help="A frozen data set; by default all accepted photos, frozen now.")
    ] = "",
    model: Annotated[str, typer.Option(help="The network, by ultralytics' name.")] = DEFAULTS.model,
    imgsz: Annotated[int, typer.Option(help="Longer side of the input in pixels.")] = DEFAULTS.size_px,
    epochs: Annotated[int, typer.Option(help="At most so many.")] = DEFAULTS.epochs,
    seed: Annotated[int, typer.Option(help="The same seed holds out the same photos.")] = DEFAULTS.seed,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Write a zip with data, settings, a script and a notebook; `runs import` brings its result back."""
    config = DetectorConfig(model=model, size_px=imgsz, epochs=epochs, seed=seed)
    here = compose.settings()
    frozen = SnapshotRepository(compose.database()).get(snapshot) if snapshot else freeze_library()
    make_data_dir(here.data_dir)
    with TemporaryDirectory(prefix=".snapshot-", dir=here.data_dir) as folder, reporting() as report:
        photos = snapshot_photos(frozen.snapshot_id, Path(folder))
        result = export_kit(photos, config, (frozen.snapshot_id, frozen.fingerprint), target, report)
    if as_json:
        write_json({**asdict(result), "snapshot_id": frozen.snapshot_id})
        return
    facts = {"photos": result.photos, "boxes": result.boxes, "held_out": result.held_out}
    typer.echo(translator(compose.interface_language())("kit.written", target=str(target), **facts))
