"""`evaluate DIR`: each witness and all together on photos whose truth is known, with counts and intervals."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from core.cli import compose
from core.cli.evaluate_table import write_tables
from core.cli.job_commands import reporting
from core.db.photos import PhotoRepository
from core.db.places import PlaceRepository
from core.errors import InvalidInput
from core.identify.evaluate import evaluate_photos
from core.identify.evaluate_gallery import gallery_alone
from core.identify.evaluate_photos import AskedPhoto, folder_photos, snapshot_photos
from core.identify.evaluate_records import Evaluation
from core.identify.evaluate_scores import Source, summarise
from core.identify.evaluate_seen import learned_photos
from core.identify.evaluate_store import FOLDER, EvaluationStore, as_json, new_id
from core.identify.evaluate_witnesses import Listening
from core.messages import translator

FOLDER_KIND, SNAPSHOT_KIND = "folder", "snapshot"


def evaluate(
    folder: Annotated[Path | None, typer.Argument(help="DIR/<slug>/* and DIR/unknown/*.", show_default=False)] = None,
    snapshot: Annotated[str, typer.Option(help="Instead: the test photos of a snapshot.")] = "",
    as_json_document: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Say how well answers are: the classifier, the detector, the gallery, and all together."""
    if (folder is None) == (not snapshot):
        raise InvalidInput("evaluate.what")
    language = compose.interface_language()
    evaluation = _evaluate(folder.absolute() if folder else None, snapshot)
    if as_json_document:
        typer.echo(as_json(evaluation).decode())
    else:
        names = {place.slug: place.name.get(language) for place in PlaceRepository(compose.database()).list()}
        write_tables(evaluation, names, translator(language))


def _evaluate(folder: Path | None, snapshot: str) -> Evaluation:
    """Ask about every photo, keep the evaluation, and return it; a stopped one goes on when it is called again."""
    models, places = compose.model_shelf().current(), PlaceRepository(compose.database())
    photos, kind, name = _photos(folder, snapshot)
    weights_dir = compose.settings().weights_dir
    store = EvaluationStore(compose.settings().data_dir / FOLDER)
    with reporting() as report, store.open_log(f"{kind} {name}", models.release) as log:
        report(0, len(photos))
        learned = learned_photos(weights_dir, models, PhotoRepository(compose.database()))
        alone = gallery_alone(weights_dir, models, tuple(place.class_id for place in places.list()))
        listening = Listening(models, places, learned, alone)
        judged = evaluate_photos(photos, listening, log, report)
        now, slugs = datetime.now(UTC), tuple(place.slug for place in places.list())
        source = Source(new_id(now, name), now, kind, name, models.release, slugs, listening.knows())
        evaluation = summarise(source, judged)
        store.keep(evaluation)
        log.forget()
        report(len(photos), len(photos), "evaluate.done", evaluation=evaluation.evaluation_id, photos=len(photos))
    return evaluation


def _photos(folder: Path | None, snapshot: str) -> tuple[Sequence[AskedPhoto], str, str]:
    """Return the photos, what kind of source they are from, and its name."""
    if folder is not None:
        slugs = {place.slug for place in PlaceRepository(compose.database()).list()}
        return folder_photos(folder, slugs), FOLDER_KIND, str(folder)
    from core.dataset.store import PhotoStore
    from core.db.snapshots import SnapshotRepository

    photos = SnapshotRepository(compose.database()).photos(snapshot)
    store = PhotoStore(compose.settings().resolved_storage_url)
    return snapshot_photos(photos, store, snapshot), SNAPSHOT_KIND, snapshot
