"""Which photos the models in service learned from, so that a score never counts them as new ones.

Two marks: the same bytes, by the tables of the runs; and a look nearly the same, by the embeddings that the run of the
classifier keeps of its photos. Runs keep no pixels, so perceptual hashes are there for photos of the library only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.dataset.hash_index import HashIndex
from core.db.photos import PhotoRepository
from core.identify.models import Models
from core.metrics.box_table import BOXES_FILE, read_boxes
from core.weights.folder import Run, open_detector_run, open_run
from core.weights.records import EMBEDDINGS_FILE, PREDICTIONS_FILE, read_embeddings, read_predictions

# Cosine of embeddings. Of 45 photos saved again at quality 75 all lie above it, as do all without a twentieth at each
# edge, and 40 at half the size. Of 150,292 pairs of different groups 28 do: 46 of 549 photos would be taken for seen.
NEAR_COPY = 0.95
Floats32 = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class LearnedPhotos:
    """What the models in service saw in training, and the groups of what the gallery holds.

    sha256s: of their bytes. vectors: (N, D) of unit length, by the classifier that answers; groups, names: their N
    groups and hashes. looks: of the library's photos; library: their groups by hash, a photo without one being its own.
    """

    sha256s: frozenset[str]
    vectors: Floats32
    groups: tuple[str, ...]
    names: tuple[str, ...]
    looks: HashIndex
    library: Mapping[str, str]

    def has_seen(self, sha256: str, look: str, embedding: Floats32) -> bool:
        """Whether a photo was learned from: the same file, or one that looks nearly the same."""
        return sha256 in self.sha256s or self._like(look) in self.sha256s or bool(self._near(embedding).any())

    def own_groups(self, sha256: str, look: str, embedding: Floats32) -> frozenset[str]:
        """Return the groups of known photos that are copies of a photo: no neighbours that could vouch for it."""
        near = np.flatnonzero(self._near(embedding)).tolist()
        own = {self.groups[row] for row in near}
        copies = (sha256, self._like(look), *(self.names[row] for row in near))
        return frozenset({*own, *(self.library[copy] for copy in copies if copy in self.library)})

    def _like(self, look: str) -> str:
        return self.looks.nearest(look) or ""

    def _near(self, embedding: Floats32) -> npt.NDArray[np.bool_]:
        if self.vectors.shape[1:] != embedding.shape:
            return np.zeros(len(self.vectors), bool)
        return np.asarray(self.vectors @ embedding >= NEAR_COPY)


def learned_photos(weights_dir: Path, models: Models, library: PhotoRepository) -> LearnedPhotos:
    """Read what the runs that answer say of their photos; a run without tables is taken to have none.

    Raises:
        ModelRefused: a run's files are not those of its manifest, or a table is broken.
    """
    run = open_run(weights_dir, models.classifier.run_id)
    sha256s = set(_of_classifier(run))
    vectors, groups, names = np.zeros((0, 0), np.float32), list[str](), list[str]()
    if EMBEDDINGS_FILE in run.manifest.files:
        table = read_embeddings(run.read(EMBEDDINGS_FILE))
        groups, names = table.groups.tolist(), table.sha256s.tolist()
        sha256s.update(names)
        vectors = table.vectors.astype(np.float32)
    if models.detector is not None:
        sha256s.update(_of_detector(weights_dir, models.detector.run_id))
    looks, library_groups = HashIndex(), dict[str, str]()
    for sha256, look, group in library.hashes():
        looks.add(sha256, look)
        library_groups[sha256] = group or sha256
    return LearnedPhotos(frozenset(sha256s), vectors, tuple(groups), tuple(names), looks, library_groups)


def _of_classifier(run: Run) -> tuple[str, ...]:
    if PREDICTIONS_FILE not in run.manifest.files:
        return ()
    return read_predictions(run.read(PREDICTIONS_FILE)).sha256s


def _of_detector(weights_dir: Path, run_id: str) -> tuple[str, ...]:
    run = open_detector_run(weights_dir, run_id)
    if BOXES_FILE not in run.manifest.files:
        return ()
    table = read_boxes(run.read(BOXES_FILE), [entry.slug for entry in run.manifest.labels])
    return tuple(photo.sha256 for photo in table.photos if photo.part != "test")
