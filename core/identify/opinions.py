"""What the model in service thinks of the library's photos, written down for review: doubts and disagreements.

A job after an import and after a promotion. It may stop at any photo: the next call goes on with those that the run has
said nothing about. Photos are decoded as small as for an answer, two ahead of the computing.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from core.dataset.ingest import read_photo
from core.dataset.read_ahead import read_ahead
from core.dataset.sniff import EXTENSIONS
from core.dataset.store import PhotoStore
from core.db.jobs import JobRepository
from core.db.opinions import OpinionRepository
from core.detector.predict import FAINTEST_BOX, OnnxDetector
from core.domain.answer import Identification
from core.domain.job import Job
from core.domain.library import Opinion, doubt_about
from core.domain.photo import Photo, PhotoRecord
from core.errors import NotFound, PhotoRefused
from core.identify.batch import READERS
from core.identify.identify import PlaceDirectory, identify_photo
from core.identify.models import Models
from core.jobs.report import Report
from core.jobs.runner import Runner
from core.jobs.start import submit

logger = logging.getLogger(__name__)
KIND = "opinions"  # of the job
BATCH = 50  # opinions written at once: at most two seconds of work are lost when the process is killed
PAGE = 500
PROGRESS = "opinions.photo"
Judge = Callable[[PhotoRecord, Photo], Opinion]


@dataclass(frozen=True, slots=True)
class LibraryPhotos:
    """Where the photos and the opinions of them are."""

    opinions: OpinionRepository
    store: PhotoStore
    places: PlaceDirectory


def submit_opinions(jobs: JobRepository, runner: Runner, run_id: str) -> Job:
    """Start the job that writes a run's opinions, or return the one under way: it takes what comes in meanwhile, too.

    Raises:
        EodiError: `job.not_started`.
    """
    return submit(jobs, runner, KIND, (), dedupe_key=f"{KIND} {run_id}")


def write_opinions(models: Models, library: LibraryPhotos, report: Report, batch: int = BATCH) -> int:
    """Write what the models in service think of every photo that they said nothing about; return how many opinions.

    The detector's, where one serves, follow the classifier's. A photo whose file is missing or broken is passed over
    and logged.

    Raises:
        JobStopped: asked to stop; what was written stays.
        StorageUnavailable, DatabaseUnavailable, ModelRefused: a later call goes on.
    """
    judges = _judges(models, library)
    total, written, waiting = sum(library.opinions.count_missing(run_id) for run_id in judges), 0, list[Opinion]()
    report(0, total)
    every = (
        opinion
        for run_id, judge in judges.items()
        for opinion in _opinions(run_id, judge, models.need_px, library, batch)
    )
    try:
        for seen, opinion in enumerate(every, 1):
            if opinion is not None:
                waiting.append(opinion)
            if len(waiting) >= batch:
                written += library.opinions.put(waiting)
                waiting = []
            report(seen, max(total, seen), PROGRESS)
    finally:
        written += library.opinions.put(waiting)
    return written


def _judges(models: Models, library: LibraryPhotos) -> dict[str, Judge]:
    """Return by run what gives each model's opinion of a photo; the classifier's is that of the whole answer."""
    own = models.classifier.run_id
    judges: dict[str, Judge] = {
        own: lambda record, photo: _opinion(record, own, identify_photo(photo, models, library.places))
    }
    detector = models.detector
    if detector is not None:
        slugs = {entry.slug: entry.place_slug for entry in detector.manifest.labels}
        judges[detector.run_id] = lambda record, photo: _box_opinion(record, photo, detector, slugs)
    return judges


def _opinions(run_id: str, judge: Judge, need_px: int, library: LibraryPhotos, batch: int) -> Iterator[Opinion | None]:
    """Yield an opinion for each photo that lacks one, also for those that come in meanwhile; None for an unreadable."""
    seen, unreadable = set[str](), 0
    # Rows that still lack an opinion though they were seen: unreadable ones, and those that the caller has in hand.
    while records := [
        record for record in library.opinions.missing(run_id, PAGE + batch + unreadable) if record.sha256 not in seen
    ]:
        for record, reading in read_ahead(
            records, partial(_read, store=library.store, need_px=need_px), READERS, READERS
        ):
            seen.add(record.sha256)
            try:
                photo = reading.result()
            except (NotFound, PhotoRefused) as reason:
                logger.warning("no opinion on photo %s: %s", record.sha256[:12], reason)
                unreadable += 1
                yield None
                continue
            yield judge(record, photo)


def _read(record: PhotoRecord, store: PhotoStore, need_px: int) -> Photo:
    return read_photo(store.get(record.sha256, EXTENSIONS[record.format]), need_px=need_px)


def _opinion(record: PhotoRecord, run_id: str, answer: Identification) -> Opinion:
    scores = {score.place.slug: score.probability for score in answer.scores}
    own_probability, doubt = doubt_about(record.place_slug, scores)
    return Opinion(
        photo_sha256=record.sha256,
        run_id=run_id,
        answer_slug=answer.place.slug if answer.place else None,
        confidence=answer.confidence,
        own_probability=own_probability,
        doubt=doubt,
        scores=scores,
        created_at=datetime.now(UTC),
    )


def _box_opinion(record: PhotoRecord, photo: Photo, detector: OnnxDetector, slugs: Mapping[str, str]) -> Opinion:
    """Return what the detector thinks: the place of its surest box; doubt is highest where that just fails to count."""
    scores: dict[str, float] = {}
    for box in detector.predict(photo, min(FAINTEST_BOX, detector.threshold)):
        place_slug = slugs[box.label]
        scores[place_slug] = max(scores.get(place_slug, 0.0), box.confidence)
    surest = max(scores, key=scores.__getitem__, default=None)
    confidence = scores[surest] if surest else 0.0
    side = detector.threshold if confidence < detector.threshold else 1 - detector.threshold
    return Opinion(
        photo_sha256=record.sha256,
        run_id=detector.run_id,
        answer_slug=surest if confidence >= detector.threshold else None,
        confidence=confidence,
        own_probability=scores.get(record.place_slug or "", 0.0) if record.place_slug in slugs.values() else None,
        doubt=1 - abs(confidence - detector.threshold) / max(side, 1e-6),
        scores=scores,
        created_at=datetime.now(UTC),
    )
