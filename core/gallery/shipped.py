"""The gallery that a run brings along, its training photos' embeddings: a clone without photos has one, too."""

from dataclasses import dataclass

import numpy as np

from core.gallery.index import Gallery, KnownPhotos, joined
from core.gallery.space import Space, encode, fit_space, fitted_on
from core.weights.folder import Run
from core.weights.records import EMBEDDINGS_FILE, UNKNOWN, EmbeddingTable, read_embeddings

MOST_LATER_STRANGERS = 1000  # enough to tell one in fifty; each costs a comparison with every photo of new places


@dataclass(frozen=True, slots=True, eq=False)
class RunGallery:
    """What a gallery in a run's space starts from.

    photos: the run's own. strangers: those of them on which the space was not fitted, of whichever place.
    trained: class numbers that the classifier knows.
    """

    space: Space
    photos: KnownPhotos
    strangers: KnownPhotos
    trained: frozenset[int]

    def of(self, photos: KnownPhotos, before: Gallery | None = None) -> Gallery:
        """Return the gallery of photos in this space; those of no known place that came later are strangers, too.

        before: an earlier gallery of this start, which saves time.
        """
        later = (photos.class_ids == UNKNOWN) & ~np.isin(photos.sha256s, self.photos.sha256s)
        by_hash = np.flatnonzero(later)[np.argsort(photos.sha256s[later])][:MOST_LATER_STRANGERS]
        return Gallery(self.space, photos, joined([self.strangers, photos.some(by_hash)]), self.trained, before)


def shipped_gallery(run: Run) -> Gallery:
    """Return the gallery of a run's own photos; groups are those of its `predictions.csv`.

    Raises:
        ModelRefused: the run has no embeddings, or they cannot be read.
    """
    start = open_run_gallery(run)
    return start.of(start.photos)


def open_run_gallery(run: Run) -> RunGallery:
    """Fit the space of a run, a fifth of a second, and reduce its own photos.

    Raises:
        ModelRefused: the run has no embeddings, or they cannot be read.
    """
    table = read_embeddings(run.read(EMBEDDINGS_FILE))
    return run_gallery(run.manifest.run_id, table, frozenset(run.manifest.class_ids))


def run_gallery(run_id: str, table: EmbeddingTable, trained: frozenset[int]) -> RunGallery:
    """Return what `open_run_gallery` does, of a table that is read already."""
    space = fit_space(run_id, table)
    photos = KnownPhotos(
        codes=encode(space.reduce(table.vectors)),
        class_ids=table.class_ids,
        groups=np.char.encode(table.groups, "ascii", "replace"),
        sha256s=np.char.encode(table.sha256s, "ascii", "replace"),
    )
    return RunGallery(space, photos, photos.some(~fitted_on(table)), trained)
