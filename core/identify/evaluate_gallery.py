"""By what the gallery alone answers: the place whose photos look most alike, from where hardly any stranger comes to.

The threshold is fitted on the photos of the classifier's run for the share of strangers that its manifest states; none
of them counts as its own neighbour, nor does its group.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.gallery.index import Gallery
from core.identify.models import Models
from core.metrics.fitting import fit_threshold
from core.weights.folder import open_run
from core.weights.records import EMBEDDINGS_FILE, UNKNOWN, EmbeddingTable, read_embeddings

MOST_FITTED = 2_000  # photos, drawn evenly; more move the threshold by less than its own uncertainty


@dataclass(frozen=True, slots=True)
class GalleryAlone:
    """What the gallery alone answers by. threshold: similarity from which it names a place of these class numbers."""

    threshold: float
    class_ids: tuple[int, ...]


def gallery_alone(weights_dir: Path, models: Models, class_ids: tuple[int, ...]) -> GalleryAlone | None:
    """Fit how the gallery in service would answer alone; None where none serves or nothing can be fitted on.

    class_ids: of the catalogue's places.

    Raises:
        ModelRefused: the run's files are not those of its manifest.
    """
    if models.gallery is None:
        return None
    run = open_run(weights_dir, models.classifier.run_id)
    if EMBEDDINGS_FILE not in run.manifest.files:
        return None
    table = read_embeddings(run.read(EMBEDDINGS_FILE))
    known = tuple(class_id for class_id in class_ids if models.gallery.known_from(class_id))
    return GalleryAlone(_threshold(models.gallery, table, run.manifest.calibration.target_false_accept), known)


def _threshold(gallery: Gallery, table: EmbeddingTable, target: float) -> float:
    right: list[float] = []
    strangers: list[float] = []
    for row in np.arange(len(table.class_ids))[:: max(1, len(table.class_ids) // MOST_FITTED)].tolist():
        said = gallery.scores(table.vectors[row].astype(np.float32), frozenset({str(table.groups[row])}), 1)
        if not said.class_ids:
            continue
        best = int(np.argmax(said.similarities))
        if table.class_ids[row] == UNKNOWN:
            strangers.append(float(said.similarities[best]))
        elif said.class_ids[best] == table.class_ids[row]:
            right.append(float(said.similarities[best]))
    return fit_threshold(right, strangers, target)
