"""The gallery as it stands: a run's own photos and those of the library, made anew when the library changed.

A photo of the run that is in the library too counts as the library says: moved, rejected or set aside. `current` looks
at the database each time it is called; `core/identify` calls it at most once per second.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.db.gallery import EmbeddingRepository, KnownPhoto, Stamp
from core.gallery.index import Gallery, KnownPhotos, joined
from core.gallery.shipped import RunGallery, open_run_gallery
from core.weights.folder import Run
from core.weights.records import UNKNOWN


class GalleryStore:
    """Keeps the newest gallery of one run; safe for many threads."""

    def __init__(self, embeddings: EmbeddingRepository) -> None:
        self._embeddings = embeddings
        self._lock = threading.Lock()
        self._start: RunGallery | None = None
        self._gallery: Gallery | None = None
        self._stamp: Stamp | None = None

    def start(self, run: Run) -> RunGallery:
        """Return what the gallery of a run starts from, fitted once.

        Raises:
            ModelRefused: the run has no embeddings.
        """
        with self._lock:
            return self._started(run)

    def current(self, run: Run) -> Gallery:
        """Return the gallery in a run's space, the same object while nothing changed.

        Raises:
            ModelRefused: the run has no embeddings.
            DatabaseUnavailable: the library cannot be read.
        """
        with self._lock:
            start, stamp = self._started(run), self._embeddings.stamp(run.manifest.run_id)
            if self._gallery is None or stamp != self._stamp:
                self._gallery, self._stamp = _joined(start, self._embeddings, self._gallery), stamp
            return self._gallery

    def _started(self, run: Run) -> RunGallery:
        if self._start is None or self._start.space.run_id != run.manifest.run_id:
            self._start = open_run_gallery(run)
            self._gallery = self._stamp = None
        return self._start


def _joined(start: RunGallery, embeddings: EmbeddingRepository, before: Gallery | None) -> Gallery:
    own, length = start.photos, start.photos.codes.shape[1]
    row_of = {sha256.decode(): row for row, sha256 in enumerate(own.sha256s.tolist())}
    in_library = embeddings.standings(list(row_of))
    parts = [own.some(np.array([sha256 not in in_library for sha256 in row_of], bool))]
    for page in embeddings.read(start.space.run_id):
        parts.append(_as_rows(page, length))
        for photo in page:
            in_library.pop(photo.sha256, None)
    unwritten = [
        replace(photo, codes=own.codes[row_of[sha256]].tobytes())
        for sha256, photo in in_library.items()
        if photo.counts
    ]
    return start.of(joined([*parts, _as_rows(unwritten, length)]), before)


def _as_rows(photos: Sequence[KnownPhoto], length: int) -> KnownPhotos:
    """Return photos as arrays; codes of another length are of no use and left out. One without a group is its own."""
    usable = [photo for photo in photos if len(photo.codes) == length]
    return KnownPhotos(
        codes=np.frombuffer(b"".join(photo.codes for photo in usable), np.int8).reshape(len(usable), length),
        class_ids=np.array([UNKNOWN if photo.class_id is None else photo.class_id for photo in usable], np.int64),
        groups=np.array([(photo.group_id or photo.sha256).encode() for photo in usable], np.bytes_),
        sha256s=np.array([photo.sha256.encode() for photo in usable], np.bytes_),
    )
