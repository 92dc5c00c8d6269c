"""Keep the gallery up to date: embeddings of accepted photos, written right after a decision or by the job "gallery".

Up to 20 photos are looked at in a thread of this process, some tenths of a second each; more are the job's, which also
follows the promotion of another classifier, as embeddings belong to the run that made them. Either may stop at any
photo: the next one goes on. `ModelShelf` asks `GalleryKeeper.current` and so notices what other processes decided.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

from core.classifier.predict import OnnxClassifier
from core.dataset.ingest import read_photo
from core.dataset.read_ahead import read_ahead
from core.dataset.sniff import EXTENSIONS
from core.dataset.store import PhotoStore
from core.db.gallery import EmbeddingRepository
from core.db.jobs import JobRepository
from core.domain.job import Job
from core.domain.photo import Photo, PhotoRecord
from core.errors import EodiError, NotFound, PhotoRefused, Value
from core.gallery.index import Gallery
from core.gallery.shipped import RunGallery
from core.gallery.space import encode
from core.gallery.store import GalleryStore
from core.jobs.report import Report
from core.jobs.runner import Runner
from core.jobs.start import submit
from core.weights.folder import Run

logger = logging.getLogger(__name__)
KIND = "gallery"  # of the job
AT_ONCE = 20  # photos that a thread of the app writes; about four seconds, in which answers wait their turn a little
BATCH = 5  # embeddings written at once: at most a second of work is lost when the process is killed
PAGE = 500
READERS = 2  # photos decoded ahead of the computing
PROGRESS = "embeddings.photo"
Submit = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class EmbeddedPhotos:
    """Where the photos and their embeddings are. open_store: called when a photo is read, not for an answer."""

    embeddings: EmbeddingRepository
    open_store: Callable[[], PhotoStore]


def submit_gallery(jobs: JobRepository, runner: Runner, run_id: str) -> Job:
    """Start the job that writes a run's missing embeddings, or return the one under way.

    Raises:
        EodiError: `job.not_started`.
    """
    return submit(jobs, runner, KIND, (), dedupe_key=f"{KIND} {run_id}")


def write_embeddings(classifier: OnnxClassifier, start: RunGallery, photos: EmbeddedPhotos, report: Report) -> int:
    """Write the embedding of every accepted photo that has none of the classifier's run; return how many.

    The run's own photos are not looked at again: it brought their embeddings. A photo whose file is missing or broken
    is passed over and logged.

    Raises:
        JobStopped: asked to stop; what was written stays.
        StorageUnavailable, DatabaseUnavailable, ModelRefused: a later call goes on.
    """
    run_id = classifier.run_id
    total, written, seen = photos.embeddings.count_missing(run_id), 0, 0
    report(0, total)
    codes = _codes(classifier, start, photos)
    while some := list(islice(codes, BATCH)):
        written += photos.embeddings.put(run_id, {sha256: code for sha256, code in some if code})
        seen += len(some)
        report(seen, max(total, seen), PROGRESS)
    return written


class GalleryKeeper:
    """Hands out the gallery as it stands and sees to what it lacks; safe for many threads."""

    def __init__(self, photos: EmbeddedPhotos, submit_job: Submit | None = None) -> None:
        """submit_job: starts the job for a run, for more photos than `AT_ONCE`. None: this process writes nothing."""
        self._photos, self._submit = photos, submit_job
        self._galleries = GalleryStore(photos.embeddings)
        self._writing = threading.Lock()
        self._again = threading.Event()
        self._latest: Gallery | None = None

    def current(self, run: Run, classifier: OnnxClassifier) -> Gallery:
        """Return the gallery in a run's space; where the library changed, embeddings that it lacks will follow.

        Raises:
            ModelRefused: the run has no embeddings.
            DatabaseUnavailable: the library cannot be read.
        """
        gallery = self._galleries.current(run)
        if gallery is not self._latest:
            self._latest = gallery
            if self._submit is not None:
                self.follow(run, classifier)
        return gallery

    def follow(self, run: Run, classifier: OnnxClassifier) -> threading.Thread | None:
        """Begin to write what embeddings are missing, in a thread; None where one is at it, which looks once more."""
        self._again.set()
        if not self._writing.acquire(blocking=False):
            return None
        thread = threading.Thread(target=self._write, args=(run, classifier), name="gallery", daemon=True)
        thread.start()
        return thread

    def _write(self, run: Run, classifier: OnnxClassifier) -> None:
        try:
            while self._again.is_set():
                self._again.clear()
                self._write_some(run, classifier)
        except EodiError as error:
            logger.warning("embeddings of %s are not written yet: %s", run.manifest.run_id, error)
        finally:
            self._writing.release()
        if self._again.is_set():  # somebody called between the last look and the release
            self.follow(run, classifier)

    def _write_some(self, run: Run, classifier: OnnxClassifier) -> None:
        missing = self._photos.embeddings.count_missing(classifier.run_id)
        if missing > AT_ONCE:
            if self._submit is not None:
                self._submit(classifier.run_id)
        elif missing:
            write_embeddings(classifier, self._galleries.start(run), self._photos, unheard)


def _codes(classifier: OnnxClassifier, start: RunGallery, photos: EmbeddedPhotos) -> Iterator[tuple[str, bytes]]:
    """Yield the codes of each photo that lacks them, those too that are accepted meanwhile; b"" for an unreadable one.

    Photos come by hash, in passes, until a pass finds none that was not seen.
    """
    own = dict(zip(start.photos.sha256s.tolist(), start.photos.codes, strict=True))
    read, seen = partial(_read, store=photos.open_store(), need_px=classifier.need_px), set[str]()
    while records := [record for record in _missing(classifier.run_id, photos) if record.sha256 not in seen]:
        seen.update(record.sha256 for record in records)
        new = [record for record in records if record.sha256.encode() not in own]
        yield from ((r.sha256, own[r.sha256.encode()].tobytes()) for r in records if r.sha256.encode() in own)
        for record, reading in read_ahead(new, read, READERS, READERS):
            try:
                scores = classifier.predict(reading.result())
            except (NotFound, PhotoRefused) as reason:
                logger.warning("no embedding of photo %s: %s", record.sha256[:12], reason)
                yield record.sha256, b""
                continue
            yield record.sha256, encode(start.space.reduce(scores.embedding[None]))[0].tobytes()


def _missing(run_id: str, photos: EmbeddedPhotos) -> Iterator[PhotoRecord]:
    after = ""
    while page := photos.embeddings.missing(run_id, PAGE, after):
        yield from page
        after = page[-1].sha256


def _read(record: PhotoRecord, store: PhotoStore, need_px: int) -> Photo:
    return read_photo(store.get(record.sha256, EXTENSIONS[record.format]), need_px=need_px)


def unheard(done: int, total: int | None, message_key: str = "", **values: Value) -> None:
    """Take a report that nobody reads."""
